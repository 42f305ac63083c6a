"""A web host whose clock is ten minutes wrong neither ends nor prolongs anything: the database's clock alone counts.

Each border is looked at from five minutes before and after it, so one of the two is wrong for either host.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from backend.core.errors import Closed, Conflict, ValidationFailed
from backend.core.ids import Id
from backend.core.paging import PageRequest
from backend.core.viewer import ANONYMOUS, Viewer
from backend.rounds import (
    confirming,
    dealing,
    drawing,
    entering,
    judging,
    listing,
    reflecting,
    running,
    standings,
    work,
)
from backend.rounds.dealing import Dealing
from backend.rounds.my_week import my_week
from backend.rounds.rules import AbstainReason, RoundState
from backend.rounds.standings import LiveStandings
from tests.rounds.arena import DAY, Arena
from tests.rounds.clocks import WRONG, wrong_host

pytestmark = pytest.mark.parametrize("ahead", WRONG, ids=["ahead", "behind"])

LITTLE = timedelta(minutes=5)
OPENING, FREEZE, CLOSE, JUDGED_FROM, JUDGED_UNTIL = timedelta(), 3 * DAY, 4 * DAY, 5 * DAY, 10 * DAY
ALL = PageRequest(100)

Act = Callable[[], Awaitable[object]]


async def _judged(arena: Arena, act: Act, again: Act, ahead: timedelta) -> None:
    """The acts are taken from the beginning of the judging to its end, and not around it."""
    for moment, code in ((JUDGED_FROM - LITTLE, "judging_not_begun"), (JUDGED_UNTIL + LITTLE, "judging_over")):
        with wrong_host(arena, moment, ahead), pytest.raises(Closed) as refused:
            await act()
        assert refused.value.code == code
    with wrong_host(arena, JUDGED_FROM + LITTLE, ahead):
        await act()
    with wrong_host(arena, JUDGED_UNTIL - LITTLE, ahead):
        await again()


async def _state(arena: Arena) -> RoundState:
    """As lists of rounds show it."""
    page, now = await running.list_rounds(arena.db, ANONYMOUS, arena.stage.campaign_id, ALL)
    return page.rows[0].state(now)


async def _percent(arena: Arena, viewer: Viewer) -> int | None:
    """What the standings show of the only class meanwhile; None: no class is there."""
    page = await listing.list_standings(arena.db, viewer, LiveStandings(), arena.round_id, ALL)
    return page.rows[0].participation_percent if page.rows else None


async def test_entries_and_reflections_until_the_close(arena: Arena, ahead: timedelta) -> None:
    _, [account_id, *_], [statement_id, *_] = await arena.competing_class("8A")
    viewer = await arena.viewer(account_id)
    acts: tuple[Act, ...] = (
        lambda: entering.enter_statement(arena.db, viewer, arena.round_id, statement_id),
        lambda: entering.opt_out(arena.db, viewer, arena.round_id),
        lambda: entering.opt_in(arena.db, viewer, arena.round_id),
        lambda: reflecting.mark_reflection(arena.db, viewer, arena.round_id),
        lambda: reflecting.unmark_reflection(arena.db, viewer, arena.round_id),
    )
    for moment, code in ((OPENING - LITTLE, "round_not_open"), (CLOSE + LITTLE, "round_closed")):
        for act in acts:
            with wrong_host(arena, moment, ahead), pytest.raises(Closed) as refused:
                await act()
            assert refused.value.code == code
    for act in acts[1:]:
        with wrong_host(arena, OPENING + LITTLE, ahead):
            await act()
    for act in acts:
        with wrong_host(arena, CLOSE - LITTLE, ahead):
            await act()


async def test_hands_while_it_is_judged(arena: Arena, ahead: timedelta) -> None:
    _, [one, other, *_], _ = await arena.competing_class("8A")
    await arena.competing_class("8B")
    await arena.draw()
    first, second = await arena.viewer(one), await arena.viewer(other)

    def dealt(voter: Viewer) -> Act:
        return lambda: Dealing().deal(arena.db, voter, arena.round_id)

    await _judged(arena, dealt(first), dealt(second), ahead)
    hands = []
    for moment in (JUDGED_FROM - LITTLE, JUDGED_FROM + LITTLE, JUDGED_UNTIL - LITTLE, JUDGED_UNTIL + LITTLE):
        with wrong_host(arena, moment, ahead):
            hands.append(await dealing.my_hand(arena.db, first, arena.round_id))
    assert [hand is not None for hand in hands] == [False, True, True, False]

    def marked(voter: Viewer) -> Act:
        return lambda: dealing.mark_entries(arena.db, voter, arena.round_id, [])

    await _judged(arena, marked(first), marked(second), ahead)
    assert await arena.value("select count(*) from hand where marked is not null") == 2


async def test_scores_and_abstentions_while_it_is_judged(arena: Arena, ahead: timedelta) -> None:
    await arena.competing_class("8A", size=10, speaking=10)
    juror = await arena.juror()
    await arena.draw()
    lists = []
    for moment in (JUDGED_FROM - LITTLE, JUDGED_FROM + LITTLE, JUDGED_UNTIL - LITTLE, JUDGED_UNTIL + LITTLE):
        with wrong_host(arena, moment, ahead):
            lists.append((await judging.list_entries(arena.db, juror, ALL)).rows)
    assert [len(found) for found in lists] == [0, 5, 5, 0]
    one, other, *_ = lists[1]

    def scored(points: int) -> Act:
        return lambda: judging.score_entry(arena.db, juror, one.id, judging.wording_id(one), points)

    def abstained(duty_id: Id) -> Act:
        return lambda: judging.abstain(arena.db, juror, duty_id, AbstainReason.OTHER)

    await _judged(arena, scored(2), scored(4), ahead)
    assert await arena.value("select score from jury_duty where id = $1", one.id) == 4
    await _judged(arena, abstained(other.id), abstained(one.id), ahead)
    assert await arena.value("select count(*) from jury_duty where state = 'ABSTAINED'") == 2


@pytest.mark.parametrize("asked", ["juror", "worker"])
async def test_lot_when_the_judging_begins(arena: Arena, ahead: timedelta, asked: str) -> None:
    await arena.competing_class("8A")
    juror = await arena.juror()

    async def caused() -> bool:
        await (drawing.draw_due(arena.db) if asked == "worker" else judging.list_entries(arena.db, juror, ALL))
        return (await arena.round()).drawn_at is not None

    with wrong_host(arena, JUDGED_FROM - LITTLE, ahead):
        assert not await caused()
    with wrong_host(arena, JUDGED_FROM + LITTLE, ahead):
        assert await caused()
    drawn_at = (await arena.round()).drawn_at
    assert drawn_at is not None
    assert abs(drawn_at - arena.opens_at - JUDGED_FROM - LITTLE) < timedelta(minutes=1)


async def test_further_jurors_while_it_is_judged(arena: Arena, ahead: timedelta) -> None:
    await arena.competing_class("8A", size=10, speaking=10)
    await arena.draw()
    asked = []
    for moment in (JUDGED_FROM + LITTLE, JUDGED_UNTIL - LITTLE, JUDGED_UNTIL + LITTLE):
        await arena.juror()
        with wrong_host(arena, moment, ahead):
            await drawing.draw_due(arena.db)
        asked.append(await arena.value("select count(*) from jury_duty"))
    assert asked == [5, 10, 10]


async def test_result_is_worked_out_and_confirmed_from_the_end_of_the_judging(arena: Arena, ahead: timedelta) -> None:
    await arena.competing_class("8A")
    await arena.draw()
    editor = await arena.editor()
    with wrong_host(arena, JUDGED_UNTIL - LITTLE, ahead):
        for act in (
            standings.provisional_result(arena.db, editor, arena.round_id),
            confirming.confirm_round(arena.db, editor, arena.round_id, "0" * 64),
        ):
            with pytest.raises(Conflict) as refused:
                await act
            assert refused.value.state == RoundState.JUDGING
    with wrong_host(arena, JUDGED_UNTIL + LITTLE, ahead):
        seen = await standings.provisional_result(arena.db, editor, arena.round_id)
        await confirming.confirm_round(arena.db, editor, arena.round_id, seen.digest)
        assert await _state(arena) is RoundState.CONFIRMED


async def _confirmed(arena: Arena, people: list[Id]) -> tuple[Viewer, Viewer]:
    """The result is fixed: (editor, somebody of the class)."""
    editor = await arena.editor()
    await arena.draw()
    with arena.over():
        seen = await standings.provisional_result(arena.db, editor, arena.round_id)
        await confirming.confirm_round(arena.db, editor, arena.round_id, seen.digest)
    return editor, await arena.viewer(people[0])


async def test_announcement_is_set_and_shows(arena: Arena, ahead: timedelta) -> None:
    people = await arena.crowd(arena.stage.town.school_class.id, 10)
    await arena.say(people[0], arena.stage.town.school_class.id)
    editor, viewer = await _confirmed(arena, people)
    at = JUDGED_UNTIL + DAY
    moment = arena.opens_at + at

    async def announce(after: timedelta) -> None:
        await confirming.announce_round(arena.db, editor, arena.round_id, at=moment + after)

    with wrong_host(arena, at, ahead):
        for after, code in ((-LITTLE, "announced_in_past"), (60 * DAY + LITTLE, "day_too_far")):
            with pytest.raises(ValidationFailed) as refused:
                await announce(after)
            assert refused.value.code == code
        await announce(60 * DAY - LITTLE)
        await announce(2 * LITTLE)
    for after, is_shown in ((LITTLE, False), (3 * LITTLE, True)):
        with wrong_host(arena, at + after, ahead):
            assert await _state(arena) is (RoundState.ANNOUNCED if is_shown else RoundState.CONFIRMED)
            assert await _percent(arena, viewer) == (None if is_shown else 0)
            assert (await confirming.published_round(arena.db, viewer, arena.round_id) is not None) is is_shown
            await work.tell_announced(arena.db)
            assert await arena.value("select count(*) from notice where kind = 'round_announced'") == is_shown


async def test_announcement_at_once_shows_at_once(arena: Arena, ahead: timedelta) -> None:
    _, people, _ = await arena.competing_class("8A")
    editor, viewer = await _confirmed(arena, people)
    with wrong_host(arena, JUDGED_UNTIL + DAY, ahead):
        await confirming.announce_round(arena.db, editor, arena.round_id)
        assert await _state(arena) is RoundState.ANNOUNCED
        assert await confirming.published_round(arena.db, viewer, arena.round_id) is not None
    announces_at = (await arena.round()).announces_at
    assert announces_at is not None
    assert abs(announces_at - arena.opens_at - JUDGED_UNTIL - DAY) < timedelta(minutes=1)


async def test_counts_of_what_was_done_until_now_or_the_freeze(arena: Arena, ahead: timedelta) -> None:
    people = await arena.crowd(await arena.new_class("8A"), 10)
    viewers = [await arena.viewer(one) for one in people[:6]]
    shown = []
    with wrong_host(arena, OPENING - LITTLE, ahead):
        assert await _percent(arena, viewers[0]) is None
    for index, moment in enumerate((OPENING + LITTLE, FREEZE - LITTLE, FREEZE + LITTLE)):
        with wrong_host(arena, moment, ahead):
            for viewer in viewers[2 * index : 2 * index + 2]:
                await reflecting.mark_reflection(arena.db, viewer, arena.round_id)
            rows, _ = await my_week(arena.db, viewers[0])
            shown.append((await _percent(arena, viewers[0]), [row.participation_percent for row in rows]))
    assert shown == [(20, [20]), (40, [40]), (40, [40])]


async def test_state_at_each_border(arena: Arena, ahead: timedelta) -> None:
    borders = {
        OPENING: (RoundState.SCHEDULED, RoundState.OPEN),
        CLOSE: (RoundState.OPEN, RoundState.CLOSED),
        JUDGED_FROM: (RoundState.CLOSED, RoundState.JUDGING),
        JUDGED_UNTIL: (RoundState.JUDGING, RoundState.PROVISIONAL),
    }
    for border, states in borders.items():
        for moment, state in zip((border - LITTLE, border + LITTLE), states, strict=True):
            with wrong_host(arena, moment, ahead):
                assert await _state(arena) is state
