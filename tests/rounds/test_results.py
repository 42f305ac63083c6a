"""From what classes did to the standings: what is counted, and what is not."""

import pytest

from backend.core.viewer import ANONYMOUS, Role, ScopeKind
from backend.rounds import confirming, reflecting
from backend.rounds.rules import Unranked
from tests.places.town import give
from tests.rounds.arena import DAY, Arena
from tests.rounds.results import confirm, listed, provisional


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
