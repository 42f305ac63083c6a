"""A result is fixed, announced, kept, and what leads to a person forgotten: for whom what shows, and when."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.clock import process_now
from backend.core.database import Database
from backend.core.errors import Conflict, NotAllowed, NotFound, Unauthenticated, ValidationFailed
from backend.core.ids import Id, new_id
from backend.core.paging import Key, PageRequest
from backend.core.viewer import ANONYMOUS, Role, ScopeKind, Viewer
from backend.rounds import confirming, listing, reflecting, running, standings, work
from backend.rounds.rules import RoundState
from backend.rounds.standings import LiveStandings
from tests.campaigns.stage import together
from tests.places.town import give, viewer_of
from tests.rounds.arena import DAY, Arena
from tests.rounds.results import confirm, listed


async def test_fixed_result_is_read_by_editors_without_a_class_in_it_before_the_announcement(arena: Arena) -> None:
    class_id, people, said = await arena.competing_class("8A", size=10, speaking=10)
    await arena.draw()
    await arena.give_scores(said, 4, 4, 4)
    editor, teaching = await arena.editor(), await arena.editor()
    await confirm(arena, editor)
    await give(arena.db, arena.stage.town.admin, teaching.require_account(), Role.TEACHER, ScopeKind.CLASS, class_id)
    with arena.over():
        [row] = await listed(arena, editor)
        assert row.result is not None
        for who in (await viewer_of(arena.db, teaching.require_account()), await arena.viewer(people[0])):
            assert [row.result for row in await listed(arena, who)] == [None]


async def test_round_that_nobody_confirms_ends_and_is_forgotten(arena: Arena) -> None:
    _, people, _ = await arena.competing_class("8A", size=10, speaking=10)
    with arena.open():
        await reflecting.mark_reflection(arena.db, await arena.viewer(people[0]), arena.round_id)
    await arena.draw()
    with arena.at(100 * DAY - timedelta(hours=1)):
        assert await work.end_abandoned(arena.db) == 0
    with arena.at(100 * DAY + timedelta(hours=1)):
        assert await work.end_abandoned(arena.db) == 1
        assert await work.end_abandoned(arena.db) == 0
        assert (await arena.round()).state(process_now()) is RoundState.VOID
    with arena.at(131 * DAY):
        assert await work.trim_old(arena.db) == 1
    for table in ("entry", "reflection", "frozen_count"):
        assert await arena.value(f"select count(*) from {table}") == 0


async def test_paused_round_that_nobody_resumes_ends_too(arena: Arena) -> None:
    with arena.open():
        await running.pause_round(arena.db, await arena.editor(), arena.round_id)
    with arena.at(91 * DAY):
        assert await work.end_abandoned(arena.db) == 1


async def test_result_that_was_fixed_and_never_announced_is_kept_and_the_rest_forgotten(arena: Arena) -> None:
    await arena.competing_class("8A", size=10, speaking=10)
    await confirm(arena, await arena.editor())
    with arena.at(102 * DAY):
        assert (await work.end_abandoned(arena.db), await work.trim_old(arena.db)) == (0, 1)
    assert await arena.value("select count(*) from entry") == 0
    assert await arena.value("select count(*) from standing") == 1


async def test_result_shows_to_nobody_before_it_is_announced(arena: Arena) -> None:
    _, people, said = await arena.competing_class("8A", size=10, speaking=10)
    await arena.draw()
    await arena.give_scores(said, 4, 4, 4)
    editor, viewer = await arena.editor(), await arena.viewer(people[0])
    with arena.over():
        before = await listed(arena, viewer)
    await confirm(arena, editor)
    with arena.over():
        assert await listed(arena, viewer) == before
        assert await confirming.published_round(arena.db, viewer, arena.round_id) is None
        await confirming.announce_round(arena.db, editor, arena.round_id, at=process_now() + DAY)
        assert await listed(arena, viewer) == before
        await confirming.announce_round(arena.db, editor, arena.round_id, at=process_now() + 2 * DAY)
    with arena.at(13 * DAY):
        [row] = await listed(arena, ANONYMOUS)
        assert row.result is not None
        assert (row.result.rank, row.participation_percent) == (1, None)
        published = await confirming.published_round(arena.db, ANONYMOUS, arena.round_id)
        assert published is not None
        assert published.seed == (await arena.round()).seed.hex()
        with pytest.raises(Conflict) as refused:
            await confirming.announce_round(arena.db, editor, arena.round_id)
    assert refused.value.state == RoundState.ANNOUNCED


async def test_result_is_read_page_by_page_in_both_directions(arena: Arena) -> None:
    for name in ("8A", "8B", "8C", "8D", "8E"):
        await arena.competing_class(name, size=9, speaking=9)
    editor = await arena.editor()
    await confirm(arena, editor)
    with arena.over():
        await confirming.announce_round(arena.db, editor, arena.round_id)

        async def page(request: PageRequest) -> tuple[list[str], list[object], bool]:
            found = await listing.list_standings(arena.db, ANONYMOUS, LiveStandings(), arena.round_id, request)
            return [row.classes[0].name for row in found.rows], list(found.keys), found.has_next

        names, keys, more = await page(PageRequest(2))
        assert (names, more) == (["8A", "8B"], True)
        names, keys, _ = await page(PageRequest(2, after=keys[-1]))  # type: ignore[arg-type]
        assert names == ["8C", "8D"]
        assert (await page(PageRequest(2, after=keys[-1])))[0] == ["8E"]  # type: ignore[arg-type]
        assert (await page(PageRequest(2, before=keys[0], backward=True)))[0] == ["8A", "8B"]  # type: ignore[arg-type]
        far = Key(process_now() + 2000 * 365 * DAY, new_id())
        assert (await page(PageRequest(2, after=far)))[0] == []


async def test_what_was_seen_is_what_is_confirmed(arena: Arena) -> None:
    _, _, said = await arena.competing_class("8A", size=10, speaking=10)
    await arena.draw()
    await arena.give_scores(said, 4, 4, 4)
    editor = await arena.editor()
    with arena.over():
        seen = await standings.provisional_result(arena.db, editor, arena.round_id)
        async with arena.db.transaction() as tx:
            await tx.execute("update statement set visibility = 'REMOVED' where id = $1", said[0])
        with pytest.raises(Conflict, match="result_changed"):
            await confirming.confirm_round(arena.db, editor, arena.round_id, seen.digest)
    assert (await arena.round()).confirmed_at is None
    assert await arena.value("select count(*) from standing") == 0


async def test_two_confirmations_at_once_are_one(arena: Arena) -> None:
    await arena.competing_class("8A")
    await arena.draw()
    await arena.give_hand([], [])
    editors = [await arena.editor() for _ in range(3)]
    with arena.over():
        seen = await standings.provisional_result(arena.db, editors[0], arena.round_id)
        done, failed = await together(
            *(confirming.confirm_round(arena.db, one, arena.round_id, seen.digest) for one in editors)
        )
    assert len(done) == 1
    assert {getattr(one, "state", one) for one in failed} == {RoundState.CONFIRMED}
    assert await arena.value("select count(*) from standing") == 1
    assert await arena.value("select count(*) from hand") == 0


Deed = Callable[[Database, Viewer, Id], Awaitable[object]]
DEEDS: dict[str, Deed] = {
    "look": standings.provisional_result,
    "confirm": lambda db, viewer, round_id: confirming.confirm_round(db, viewer, round_id, "0" * 64),
    "announce": lambda db, viewer, round_id: confirming.announce_round(db, viewer, round_id),
}


@pytest.mark.parametrize("deed", DEEDS)
async def test_result_is_for_editors_without_a_class_in_it(arena: Arena, deed: str) -> None:
    class_id, people, _ = await arena.competing_class("8A")
    editor, town = await arena.editor(), arena.stage.town
    strangers = [
        arena.stage.moderator,
        await arena.viewer(people[0]),
        await arena.juror(),
        await arena.student_editor(),
    ]
    with arena.over():
        for viewer in [*strangers, replace(editor, is_restricted=True)]:
            with pytest.raises(NotAllowed):
                await DEEDS[deed](arena.db, viewer, arena.round_id)
        with pytest.raises(Unauthenticated):
            await DEEDS[deed](arena.db, ANONYMOUS, arena.round_id)
        with pytest.raises(NotFound):
            await DEEDS[deed](arena.db, editor, new_id())
        if deed != "announce":
            await give(arena.db, town.admin, editor.require_account(), Role.TEACHER, ScopeKind.CLASS, class_id)
            editor = await viewer_of(arena.db, editor.require_account())
            with pytest.raises(NotAllowed, match="own_class_competes"):
                await DEEDS[deed](arena.db, editor, arena.round_id)
    assert (await arena.round()).confirmed_at is None


@pytest.mark.parametrize("moment", ["open", "closed", "judging"])
async def test_result_before_the_judging_ends_is_nobodys(arena: Arena, moment: str) -> None:
    await arena.competing_class("8A")
    editor = await arena.editor()
    with getattr(arena, moment)():
        for deed in DEEDS.values():
            with pytest.raises(Conflict) as refused:
                await deed(arena.db, editor, arena.round_id)
            assert refused.value.state == moment.upper()


@pytest.mark.parametrize(("ahead", "code"), [(-DAY, "announced_in_past"), (61 * DAY, "day_too_far")])
async def test_announcement_outside_the_next_weeks_is_refused(arena: Arena, ahead: timedelta, code: str) -> None:
    editor = await arena.editor()
    await confirm(arena, editor)
    with arena.over(), pytest.raises(ValidationFailed) as refused:
        await confirming.announce_round(arena.db, editor, arena.round_id, at=process_now() + ahead)
    assert refused.value.code == code
    assert (await arena.round()).announces_at is None


async def test_confirmed_round_can_be_voided_until_it_is_announced(arena: Arena) -> None:
    await arena.competing_class("8A")
    editor = await arena.editor()
    await confirm(arena, editor)
    with arena.over():
        await running.void_round(arena.db, editor, arena.round_id, "Feil i juryen.")
        assert await listed(arena, editor) == []
        assert await confirming.published_round(arena.db, editor, arena.round_id) is None


async def test_teachers_are_told_once_when_it_is_announced(arena: Arena) -> None:
    town = arena.stage.town
    [account] = await arena.crowd(town.school_class.id, 1)
    await arena.say(account, town.school_class.id)
    editor = await arena.editor()
    await confirm(arena, editor)
    with arena.over():
        await confirming.announce_round(arena.db, editor, arena.round_id, at=process_now() + DAY)
        await work.tell_announced(arena.db)
    told = "select account_id from notice where kind = 'round_announced'"
    assert await arena.rows(told) == []
    with arena.at(12 * DAY):
        await together(*(work.tell_announced(arena.db) for _ in range(3)))
    assert [row["account_id"] for row in await arena.rows(told)] == [town.teacher.account_id]


async def test_what_leads_to_a_person_goes_thirty_days_after_the_announcement(arena: Arena) -> None:
    _, people, said = await arena.competing_class("8A", size=10, speaking=10)
    with arena.open():
        await reflecting.mark_reflection(arena.db, await arena.viewer(people[0]), arena.round_id)
    await arena.draw()
    await arena.give_scores(said, 4, 4, 4)
    editor = await arena.editor()
    await confirm(arena, editor)
    with arena.over():
        await confirming.announce_round(arena.db, editor, arena.round_id)
    with arena.at(40 * DAY):
        assert await work.trim_old(arena.db) == 0
    assert await arena.value("select best from standing") == ["3/4", "3/4"]
    with arena.at(41 * DAY):
        assert await work.trim_old(arena.db) == 1
        assert await work.trim_old(arena.db) == 0
        for table in ("jury_duty", "entry", "entry_choice", "reflection", "hand", "voice_deck"):
            assert await arena.value(f"select count(*) from {table}") == 0
        [row] = await listed(arena, ANONYMOUS)
        assert row.result is not None
        assert (row.result.best, row.result.quality) == (None, "3/4")


async def test_worker_that_was_dead_changes_nothing(arena: Arena) -> None:
    """Nobody asked from the opening to weeks after the judging; the first who does gets the right result."""
    await arena.competing_class("8A", size=10, speaking=10)
    with arena.at(50 * DAY):
        assert (await arena.round()).state(process_now()) is RoundState.PROVISIONAL
        found = await standings.provisional_result(arena.db, await arena.editor(), arena.round_id)
    assert [line.size for line in found.lines] == [10]
    assert (await arena.round()).drawn_at is not None
