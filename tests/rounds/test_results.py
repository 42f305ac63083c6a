"""From what classes did to the standings: provisional, confirmed, announced; for whom what shows, and when."""

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
from backend.rounds.listing import ListedStanding
from backend.rounds.publication import PublishedLine
from backend.rounds.rules import RoundState, Unranked
from backend.rounds.standings import LiveStandings
from tests.campaigns.stage import together
from tests.places.town import give, viewer_of
from tests.rounds.arena import DAY, Arena


async def provisional(arena: Arena, editor: Viewer) -> dict[str, PublishedLine]:
    """The provisional lines by class."""
    with arena.over():
        found = await standings.provisional_result(arena.db, editor, arena.round_id)
    return {" + ".join(one.name for one in line.classes): line for line in found.lines}


async def confirm(arena: Arena, editor: Viewer) -> None:
    with arena.over():
        found = await standings.provisional_result(arena.db, editor, arena.round_id)
        await confirming.confirm_round(arena.db, editor, arena.round_id, found.digest)


async def listed(arena: Arena, viewer: Viewer) -> list[ListedStanding]:
    page = await listing.list_standings(arena.db, viewer, LiveStandings(), arena.round_id, PageRequest(100))
    return list(page.rows)


async def test_result_is_worked_out_from_scores_people_and_voices(arena: Arena) -> None:
    _, people, said = await arena.competing_class("8A", size=10, speaking=10)
    _, _, others = await arena.competing_class("8B", size=12, speaking=6)
    async with arena.db.transaction() as tx:
        await tx.execute("update statement set visibility = 'REMOVED' where id = $1", said[9])  # after it was approved
    await arena.draw()
    await arena.give_scores(said, 5, 4, 4)
    await arena.give_scores(others, 3, 3, 1, 5)
    await arena.give_hand(said[:6], said[:3])
    await arena.give_hand([*said[:3], *others[:3]], [said[0]])
    lines = await provisional(arena, await arena.editor())
    first, second = lines["8A"], lines["8B"]
    assert len(people) == 10
    assert (first.participation, second.participation) == ("9/10", "1/2")
    assert (first.quality, first.best) == ("3/4", ("3/4", "3/4"))
    filled = sum(slot < 6 for slot in second.lot or ())
    assert second.quality == {0: "0", 1: "1/4"}.get(filled, "1/2")
    assert (first.marks, first.dealt_sixths, first.voices) == (4, 6 * 6 + 3 * 2, "5/9")
    assert (second.marks, second.dealt_sixths, second.voices) == (0, 6, "1/3")
    assert (first.rank, second.rank) == (1, 2)


async def test_entry_with_too_few_scores_is_set_aside_and_never_nought(arena: Arena) -> None:
    _, _, said = await arena.competing_class("8A", size=10, speaking=10)
    await arena.draw()
    drawn = [row["statement_id"] for row in await arena.rows("select statement_id from entry where is_drawn")]
    await arena.give_scores(drawn[:3], 4, 4, 4)
    await arena.give_scores(drawn[3:], 1, 1)
    line = (await provisional(arena, await arena.editor()))["8A"]
    assert (line.counted, line.best) == (3, ("3/4", "3/4"))
    assert len(said) == 10


async def test_class_whose_entries_could_not_be_judged_is_unranked(arena: Arena) -> None:
    await arena.competing_class("8A", size=10, speaking=10)
    await arena.draw()
    line = (await provisional(arena, await arena.editor()))["8A"]
    assert (line.rank, line.unranked_for, line.quality, line.best) == (None, Unranked.NOT_ENOUGH_SCORES, None, None)


@pytest.mark.parametrize(("visibility", "counted"), [("REMOVED", 5), ("WITHDRAWN", 5), ("HIDDEN", 4)])
async def test_statement_that_is_gone_before_the_confirmation_counts_nought_and_a_hidden_one_not_at_all(
    arena: Arena, visibility: str, counted: int
) -> None:
    _, _, said = await arena.competing_class("8A", size=10, speaking=10)
    await arena.draw()
    await arena.give_scores(said, 4, 4, 4)
    editor = await arena.editor()
    before = (await provisional(arena, editor))["8A"]
    drawn = await arena.value("select statement_id from entry where is_drawn limit 1")
    async with arena.db.transaction() as tx:
        await tx.execute("update statement set visibility = $2 where id = $1", drawn, visibility)
    after = (await provisional(arena, editor))["8A"]
    assert (before.counted, after.counted) == (5, counted)
    assert (before.standing_entries, after.standing_entries) == (10, 9 if counted == 5 else 10)


@pytest.mark.parametrize(
    ("size", "speaking", "reason"),
    [
        (1, 1, Unranked.TOO_SMALL), (2, 2, Unranked.TOO_SMALL), (8, 8, Unranked.TOO_SMALL),
        (9, 1, Unranked.TOO_FEW_ENTRIES), (40, 2, Unranked.TOO_FEW_ENTRIES), (40, 3, None), (9, 9, None),
    ],
)  # fmt: skip
async def test_class_of_any_size_alone_is_ranked_or_told_why_not(
    arena: Arena, size: int, speaking: int, reason: Unranked | None
) -> None:
    """One class only, too. What a single student was given is never told."""
    _, _, said = await arena.competing_class("8A", size=size, speaking=speaking)
    await arena.draw()
    await arena.give_scores(said, 4, 4, 4)
    line = (await provisional(arena, await arena.editor()))["8A"]
    assert (line.unranked_for, line.rank) == (reason, 1 if reason is None else None)
    assert (line.best is None, line.quality is None) == (reason is not None, reason is not None)


async def test_round_in_which_nobody_took_part_is_confirmed_empty(arena: Arena) -> None:
    editor = await arena.editor()
    await confirm(arena, editor)
    await confirming.announce_round(arena.db, editor, arena.round_id)
    assert await listed(arena, ANONYMOUS) == []


async def test_class_in_which_everybody_opted_out_is_ranked_by_the_rest(arena: Arena) -> None:
    _, people, _ = await arena.competing_class("8A", size=10, speaking=10)
    async with arena.db.transaction() as tx:
        await tx.execute(
            "insert into entry_choice (id, round_id, account_id, class_id, at)"
            " select gen_random_uuid(), $1, account_id, class_id, now() from seat where account_id = any($2)",
            arena.round_id, people,
        )  # fmt: skip
    line = (await provisional(arena, await arena.editor()))["8A"]
    assert (line.authors, line.slots, line.standing_entries) == (10, 10, 0)
    assert (line.quality, line.participation, line.voices, line.rank) == ("0", "1", "1/2", 1)


async def test_equal_classes_share_their_rank(arena: Arena) -> None:
    said = [one for name in ("8A", "8B", "8C") for one in (await arena.competing_class(name, size=9, speaking=9))[2]]
    await arena.draw()
    await arena.give_scores(said, 3, 3, 3)
    lines = await provisional(arena, await arena.editor())
    assert [line.rank for line in lines.values()] == [1, 1, 1]
    assert list(lines) == ["8A", "8B", "8C"]


async def test_reflection_counts_as_taking_part_and_a_statement_too_late_does_not(arena: Arena) -> None:
    class_id = await arena.new_class("8A")
    people = await arena.crowd(class_id, 10)
    with arena.open():
        await reflecting.mark_reflection(arena.db, await arena.viewer(people[0]), arena.round_id)
    await arena.say(people[1], class_id, audience="CLASS")
    await arena.say(people[2], class_id, after=4 * DAY)
    await arena.say(people[3], class_id, visibility="UNPUBLISHED", review="REJECTED")
    assert (await provisional(arena, await arena.editor()))["8A"].participants == 2


@pytest.mark.parametrize("review", ["IN_REVIEW", "REJECTED"])
async def test_class_of_which_one_entry_could_be_read_is_unranked(arena: Arena, review: str) -> None:
    """The others were never approved: the best of the class would be the median of a single student."""
    class_id, people, said = await arena.competing_class("8A", size=10, speaking=1)
    for one in people[1:4]:
        said.append(await arena.say(one, class_id, visibility="UNPUBLISHED", review="IN_REVIEW"))
    await arena.draw()
    await arena.give_scores(said, 2, 2, 1)
    async with arena.db.transaction() as tx:
        await tx.execute("update revision set review = $1 where review = 'IN_REVIEW'", review)
    line = (await provisional(arena, await arena.editor()))["8A"]
    assert (line.rank, line.unranked_for, line.best) == (None, Unranked.TOO_FEW_ENTRIES, None)


async def test_statement_that_was_narrowed_to_the_school_competes_no_more(arena: Arena) -> None:
    _, _, said = await arena.competing_class("8A", size=10, speaking=10)
    await arena.draw()
    await arena.give_scores(said, 4, 4, 4)
    drawn = await arena.value("select statement_id from entry where is_drawn limit 1")
    async with arena.db.transaction() as tx:
        await tx.execute("update statement set audience = 'SCHOOL' where id = $1", drawn)
    line = (await provisional(arena, await arena.editor()))["8A"]
    assert (line.standing_entries, line.counted) == (9, 5)


async def test_score_of_a_juror_who_came_to_teach_the_class_does_not_count(arena: Arena) -> None:
    class_id, _, said = await arena.competing_class("8A", size=10, speaking=10)
    await arena.draw()
    juror = (await arena.juror()).require_account()
    await arena.give_scores(said, 4, 4)
    async with arena.db.transaction() as tx:
        await tx.execute(
            "insert into jury_duty (id, round_id, entry_id, juror_id, assigned_at, state, revision_id, score,"
            " decided_at) select gen_random_uuid(), round_id, id, $1, now(), 'SCORED', gen_random_uuid(), 4, now()"
            " from entry where is_drawn", juror,
        )  # fmt: skip
    editor = await arena.editor()
    assert (await provisional(arena, editor))["8A"].counted == 5
    await give(arena.db, arena.stage.town.admin, juror, Role.TEACHER, ScopeKind.CLASS, class_id)
    assert (await provisional(arena, editor))["8A"].counted == 0


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
