"""Entering a statement, opting out and reflecting: who may, in which state, twice, at once, until the very close."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.campaigns.rules import Audience
from backend.core.database import Database
from backend.core.errors import Closed, Conflict, DomainError, NotAllowed, NotFound, Unauthenticated, ValidationFailed
from backend.core.ids import Id, new_id
from backend.core.viewer import ANONYMOUS, Viewer
from backend.rounds import entering, reflecting, running
from backend.rounds.store import participation
from backend.rounds.store.participation import Wanted
from tests.campaigns.stage import together
from tests.places.town import make_town
from tests.rounds.arena import DAY, Arena

ACTS: tuple[Callable[[Database, Viewer, Id], Awaitable[None]], ...] = (
    entering.opt_out,
    entering.opt_in,
    reflecting.mark_reflection,
    reflecting.unmark_reflection,
)
ROWS = "select (select count(*) from entry_choice) + (select count(*) from reflection)"


async def _student(arena: Arena, *, audience: str = "CITY") -> tuple[Viewer, Id, Id]:
    """Somebody of a class of ten, who said something: (viewer, class, statement)."""
    class_id = await arena.new_class("8A")
    account_id, *_ = await arena.crowd(class_id, 10)
    statement_id = await arena.say(account_id, class_id, audience=audience)
    return await arena.viewer(account_id), class_id, statement_id


async def _entered(arena: Arena) -> list[Id]:
    await arena.draw()
    return [row["statement_id"] for row in await arena.rows("select statement_id from entry")]


async def _move(arena: Arena, account_id: Id, new_class: Id) -> None:
    moved_at = arena.opens_at + timedelta(minutes=30)
    async with arena.db.transaction() as tx:
        await tx.execute("update seat set status = 'LEFT', ended_at = $2 where account_id = $1", account_id, moved_at)
        await tx.execute(
            "insert into seat (id, class_id, account_id, status, joined_at, confirmed_at)"
            " values (gen_random_uuid(), $2, $1, 'CONFIRMED', $3, $3)",
            account_id, new_class, moved_at,
        )  # fmt: skip


async def test_entered_statement_is_the_one_that_competes(arena: Arena) -> None:
    viewer, class_id, _ = await _student(arena)
    later = await arena.say(viewer.require_account(), class_id, after=timedelta(hours=5))
    with arena.frozen():
        await entering.enter_statement(arena.db, viewer, arena.round_id, later)
        await entering.enter_statement(arena.db, viewer, arena.round_id, later)
    assert await arena.value("select count(*) from entry_choice") == 1
    assert await _entered(arena) == [later]


async def test_entered_statement_that_was_withdrawn_gives_way_to_the_first(arena: Arena) -> None:
    viewer, class_id, first = await _student(arena)
    later = await arena.say(viewer.require_account(), class_id, after=timedelta(hours=5))
    with arena.frozen():
        await entering.enter_statement(arena.db, viewer, arena.round_id, later)
    async with arena.db.transaction() as tx:
        await tx.execute("update statement set visibility = 'WITHDRAWN' where id = $1", later)
    assert await _entered(arena) == [first]


async def test_opt_out_enters_nothing_until_it_is_taken_back(arena: Arena) -> None:
    viewer, _, statement_id = await _student(arena)
    with arena.frozen():
        await entering.opt_out(arena.db, viewer, arena.round_id)
        await entering.opt_out(arena.db, viewer, arena.round_id)
        assert await arena.value("select count(*) from entry_choice where statement_id is null") == 1
        await entering.opt_in(arena.db, viewer, arena.round_id)
        await entering.opt_in(arena.db, viewer, arena.round_id)
        assert await arena.value("select count(*) from entry_choice") == 0
        await entering.opt_out(arena.db, viewer, arena.round_id)
        await entering.enter_statement(arena.db, viewer, arena.round_id, statement_id)
    assert await _entered(arena) == [statement_id]


async def test_opt_in_keeps_a_choice(arena: Arena) -> None:
    viewer, class_id, _ = await _student(arena)
    later = await arena.say(viewer.require_account(), class_id, after=timedelta(hours=5))
    with arena.frozen():
        await entering.enter_statement(arena.db, viewer, arena.round_id, later)
        await entering.opt_in(arena.db, viewer, arena.round_id)
    assert await _entered(arena) == [later]


@pytest.mark.parametrize("size", [1, 2, 8, 40])
async def test_everybody_opts_out_and_the_slots_stay(arena: Arena, size: int) -> None:
    class_id = await arena.new_class("8A")
    accounts = await arena.crowd(class_id, size)
    speakers = accounts[:8]
    for one in speakers:
        await arena.say(one, class_id)
    viewer = await arena.viewer(accounts[0])
    with arena.frozen():
        for one in speakers:
            await entering.opt_out(arena.db, replace(viewer, account_id=one), arena.round_id)
    assert await _entered(arena) == []
    [row] = await arena.rows("select size, authors, entered, slots from contender")
    assert tuple(row) == (size, len(speakers), 0, max(len(speakers), -(-size // 2)))
    async with arena.db.reading() as conn:
        wanted = Wanted(arena.round_id, class_id, arena.opens_at + DAY)
        [count] = await participation.find_participation(conn, [wanted])
    assert (count.size, count.participants) == (size, len(speakers))


@pytest.mark.parametrize(
    ("when", "code"),
    [
        (timedelta(minutes=-30), "round_not_open"),
        (timedelta(minutes=-0.1), "round_not_open"),
        (4 * DAY, "round_closed"),
        (5 * DAY + timedelta(hours=1), "round_closed"),
        (11 * DAY, "round_closed"),
    ],
)
async def test_outside_the_window_nothing_is_taken(arena: Arena, when: timedelta, code: str) -> None:
    viewer, _, statement_id = await _student(arena)
    with arena.open():
        await entering.opt_out(arena.db, viewer, arena.round_id)
        await reflecting.mark_reflection(arena.db, viewer, arena.round_id)
    before = await _all_rows(arena)
    with arena.at(when):
        for act in ACTS:
            with pytest.raises(Closed) as refused:
                await act(arena.db, viewer, arena.round_id)
            assert refused.value.code == code
        with pytest.raises(Closed):
            await entering.enter_statement(arena.db, viewer, arena.round_id, statement_id)
    assert await _all_rows(arena) == before


async def _all_rows(arena: Arena) -> list[Any]:
    return [
        *await arena.rows("select id, class_id, statement_id, at from entry_choice order by id"),
        *await arena.rows("select id, class_id, at from reflection order by id"),
    ]


@pytest.mark.parametrize("state", ["PAUSED", "VOID"])
async def test_round_that_stands_still_takes_nothing_and_says_its_state(arena: Arena, state: str) -> None:
    viewer, _, statement_id = await _student(arena)
    with arena.open():
        secretariat = arena.stage.town.secretariat
        if state == "PAUSED":
            await running.pause_round(arena.db, secretariat, arena.round_id)
        else:
            await running.void_round(arena.db, secretariat, arena.round_id, "Strømmen gikk.")
        for act in ACTS:
            with pytest.raises(Conflict) as refused:
                await act(arena.db, viewer, arena.round_id)
            assert refused.value.state == state
        with pytest.raises(Conflict):
            await entering.enter_statement(arena.db, viewer, arena.round_id, statement_id)
    assert await arena.value(ROWS) == 0


async def test_who_has_no_seat_from_the_opening_takes_no_part(arena: Arena) -> None:
    stage, class_id = arena.stage, await arena.new_class("8A")
    [pending, late] = await arena.crowd(class_id, 2, before=timedelta())
    async with arena.db.transaction() as tx:
        await tx.execute("update seat set status = 'PENDING', confirmed_at = null where account_id = $1", pending)
        late_at = arena.opens_at + timedelta(seconds=1)
        await tx.execute("update seat set confirmed_at = $2 where account_id = $1", late, late_at)
    said = {one: await arena.say(one, class_id) for one in (pending, late)}
    strangers = [await stage.outsider(), stage.teacher, stage.town.secretariat, stage.moderator]
    seated = [await arena.viewer(one) for one in said]
    with arena.open():
        for viewer in (*strangers, *seated):
            for act in ACTS:
                with pytest.raises(NotAllowed) as refused:
                    await act(arena.db, viewer, arena.round_id)
                assert refused.value.code == "no_seat_at_opening"
        for viewer in seated:
            with pytest.raises(NotAllowed):
                await entering.enter_statement(arena.db, viewer, arena.round_id, said[viewer.require_account()])
    assert await arena.value(ROWS) == 0


async def test_seat_in_another_city_takes_no_part(arena: Arena) -> None:
    """Otherwise a reflection would put a class of another city among the contenders."""
    elsewhere = await make_town(arena.db, secretariat=arena.stage.town.secretariat)
    [account_id] = await arena.crowd(elsewhere.school_class.id, 1)
    viewer = await arena.viewer(account_id)
    with arena.open(), pytest.raises(NotAllowed):
        await reflecting.mark_reflection(arena.db, viewer, arena.round_id)
    assert await arena.value(ROWS) == 0
    async with arena.db.transaction() as tx:
        await tx.execute("update campaign set city_id = null")
    with arena.open():
        await reflecting.mark_reflection(arena.db, viewer, arena.round_id)
    assert await arena.value(ROWS) == 1


async def test_restricted_sealed_or_unknown_viewers_take_no_part(arena: Arena) -> None:
    viewer, _, statement_id = await _student(arena)
    refusals: list[tuple[Viewer, type[Exception]]] = [
        (replace(viewer, is_restricted=True), NotAllowed),
        (replace(viewer, sealed_until=datetime.now(UTC) + DAY), Conflict),
        (ANONYMOUS, Unauthenticated),
    ]
    with arena.open():
        for who, error in refusals:
            for act in ACTS:
                with pytest.raises(error):
                    await act(arena.db, who, arena.round_id)
            with pytest.raises(error):
                await entering.enter_statement(arena.db, who, arena.round_id, statement_id)
    assert await arena.value(ROWS) == 0


async def test_round_of_a_draft_or_no_round_at_all_is_not_found(arena: Arena) -> None:
    viewer, _, statement_id = await _student(arena)
    async with arena.db.transaction() as tx:
        await tx.execute("update campaign set status = 'DRAFT'")
    with arena.open():
        answers = set()
        for round_id in (arena.round_id, new_id()):
            for act in ACTS:
                with pytest.raises(NotFound) as refused:
                    await act(arena.db, viewer, round_id)
                answers.add(str(refused.value.params))
            with pytest.raises(NotFound):
                await entering.enter_statement(arena.db, viewer, round_id, statement_id)
    assert len(answers) == 1
    assert await arena.value(ROWS) == 0


@pytest.mark.parametrize(
    ("change", "error", "code"),
    [
        ({"audience": "SCHOOL"}, ValidationFailed, "statement_not_public"),
        ({"after": timedelta(hours=-1)}, ValidationFailed, "statement_not_in_round"),
        ({"after": 4 * DAY}, ValidationFailed, "statement_not_in_round"),
        ({"visibility": "WITHDRAWN"}, Conflict, "wrong_state"),
        ({"visibility": "REMOVED"}, Conflict, "wrong_state"),
        ({"visibility": "UNPUBLISHED", "review": "REJECTED"}, Conflict, "wrong_state"),
        ({"visibility": "UNPUBLISHED", "review": "CHANGES_REQUESTED"}, Conflict, "wrong_state"),
        ({"visibility": "UNPUBLISHED", "review": "IN_REVIEW"}, None, None),
        ({"visibility": "HIDDEN"}, None, None),
        ({"audience": "SOCIAL"}, None, None),
    ],
)
async def test_statement_in_each_state_can_be_entered_or_not(
    arena: Arena, change: dict[str, Any], error: type[DomainError] | None, code: str | None
) -> None:
    class_id = await arena.new_class("8A")
    [account_id] = await arena.crowd(class_id, 1)
    statement_id = await arena.say(account_id, class_id, **change)
    viewer = await arena.viewer(account_id)
    with arena.frozen():
        if error is None:
            await entering.enter_statement(arena.db, viewer, arena.round_id, statement_id)
        else:
            with pytest.raises(error) as refused:
                await entering.enter_statement(arena.db, viewer, arena.round_id, statement_id)
            assert refused.value.code == code
    assert await arena.value(ROWS) == (1 if error is None else 0)


async def test_draft_is_refused_until_it_is_handed_in(arena: Arena) -> None:
    student = await arena.stage.student()
    async with arena.db.transaction() as tx:
        await tx.execute("update seat set confirmed_at = $1", arena.opens_at - DAY)
    with arena.open():
        draft = await arena.stage.draft(student, audience=Audience.CITY)
        with pytest.raises(Conflict) as refused:
            await entering.enter_statement(arena.db, student, arena.round_id, draft)
        assert (refused.value.code, refused.value.state) == ("statement_not_handed_in", "DRAFT")
        assert await arena.value(ROWS) == 0
        await arena.stage.submit(student, draft)
        await entering.enter_statement(arena.db, student, arena.round_id, draft)
    assert await arena.value("select statement_id from entry_choice") == draft


async def test_statement_of_somebody_else_is_answered_like_none(arena: Arena) -> None:
    viewer, class_id, _ = await _student(arena)
    [other] = await arena.crowd(class_id, 1)
    theirs = await arena.say(other, class_id)
    with arena.open():
        answers = []
        for statement_id in (theirs, new_id()):
            with pytest.raises(NotFound) as refused:
                await entering.enter_statement(arena.db, viewer, arena.round_id, statement_id)
            answers.append((refused.value.code, refused.value.path, refused.value.params))
    assert answers[0] == answers[1]
    assert await arena.value(ROWS) == 0


async def test_student_who_moved_takes_part_where_they_sat_at_the_opening(arena: Arena) -> None:
    viewer, old, statement_id = await _student(arena)
    new = await arena.new_class("8B")
    account_id = viewer.require_account()
    await _move(arena, account_id, new)
    in_new = await arena.say(account_id, new, after=timedelta(hours=3))
    with arena.frozen():
        with pytest.raises(ValidationFailed):
            await entering.enter_statement(arena.db, viewer, arena.round_id, in_new)
        await entering.enter_statement(arena.db, viewer, arena.round_id, statement_id)
        await reflecting.mark_reflection(arena.db, viewer, arena.round_id)
    assert {row["class_id"] for row in await arena.rows("select class_id from reflection")} == {old}
    assert await _entered(arena) == [statement_id]


async def test_student_of_two_classes_competes_for_the_one_chosen_last(arena: Arena) -> None:
    viewer, _, first = await _student(arena)
    account_id, other = viewer.require_account(), await arena.new_class("8B")
    async with arena.db.transaction() as tx:
        await tx.execute(
            "insert into seat (id, class_id, account_id, status, joined_at, confirmed_at)"
            " values (gen_random_uuid(), $2, $1, 'CONFIRMED', $3, $3)",
            account_id, other, arena.opens_at - DAY,
        )  # fmt: skip
    second = await arena.say(account_id, other, after=timedelta(hours=5))
    with arena.frozen():
        await entering.opt_out(arena.db, viewer, arena.round_id)
        assert await arena.value("select count(*) from entry_choice") == 2
        await entering.enter_statement(arena.db, viewer, arena.round_id, first)
        await entering.enter_statement(arena.db, viewer, arena.round_id, second)
        await reflecting.mark_reflection(arena.db, viewer, arena.round_id)
    assert await arena.value("select count(*) from reflection") == 2
    assert await _entered(arena) == [second]


async def test_same_at_the_same_time_is_done_once(arena: Arena) -> None:
    viewer, _, statement_id = await _student(arena)
    with arena.frozen():
        tries = [reflecting.mark_reflection(arena.db, viewer, arena.round_id) for _ in range(5)]
        tries += [entering.enter_statement(arena.db, viewer, arena.round_id, statement_id) for _ in range(5)]
        tries += [entering.opt_out(arena.db, viewer, arena.round_id) for _ in range(5)]
        _, failed = await together(*tries)
    assert failed == []
    assert await arena.value("select count(*) from reflection") == 1
    assert await arena.value("select count(*) from entry_choice") == 1


async def test_reflection_is_marked_and_taken_back_and_leaves_no_trace(arena: Arena) -> None:
    viewer, class_id, statement_id = await _student(arena)
    traces = "select (select count(*) from audit_entry) + (select count(*) from notice) + (select count(*) from repeat)"
    before = await arena.value(traces)
    with arena.open():
        await reflecting.mark_reflection(arena.db, viewer, arena.round_id)
        await reflecting.mark_reflection(arena.db, viewer, arena.round_id)
        assert [row["class_id"] for row in await arena.rows("select class_id from reflection")] == [class_id]
        await reflecting.unmark_reflection(arena.db, viewer, arena.round_id)
        await reflecting.unmark_reflection(arena.db, viewer, arena.round_id)
    with arena.frozen():
        await entering.opt_out(arena.db, viewer, arena.round_id)
        await entering.enter_statement(arena.db, viewer, arena.round_id, statement_id)
    assert await arena.value("select count(*) from reflection") == 0
    assert await arena.value(traces) == before
    assert await arena.value("select count(*) from pgqueuer") == 0


async def test_participation_counts_people_not_deeds_and_only_up_to_the_moment(arena: Arena) -> None:
    class_id, other = await arena.new_class("8A"), await arena.new_class("8B")
    a, b, c, d, e, f, *_ = await arena.crowd(class_id, 12)
    await arena.say(a, class_id)
    await arena.say(a, class_id, after=timedelta(hours=3), audience="CLASS")
    await arena.say(b, class_id, audience="CLASS")
    await arena.say(c, class_id, visibility="REMOVED")
    await arena.say(d, class_id, visibility="UNPUBLISHED", review="IN_REVIEW")
    await arena.say(e, class_id, after=timedelta(hours=-1))
    await arena.say(f, class_id, after=2 * DAY)
    [stranger] = await arena.crowd(other, 1)
    await arena.say(stranger, class_id)
    with arena.open():
        for one in (a, d):
            await reflecting.mark_reflection(arena.db, await arena.viewer(one), arena.round_id)

    async def counted(after: timedelta) -> tuple[int, int]:
        async with arena.db.reading() as conn:
            wanted = [Wanted(arena.round_id, one, arena.opens_at + after) for one in (class_id, new_id())]
            [found] = await participation.find_participation(conn, wanted)
        assert found.class_id == class_id
        return found.size, found.participants

    assert await counted(timedelta(minutes=30)) == (12, 0)
    assert await counted(timedelta(hours=2)) == (12, 2)
    assert await counted(timedelta(hours=4)) == (12, 3)
    assert await counted(9 * DAY) == (12, 4)
