"""The teacher's batch: each item by itself, repeatable, approving or passing on, never refusing."""

import asyncio
from datetime import timedelta

import pytest

from backend.core.errors import Conflict, NotAllowed, NotFound, Unauthenticated, ValidationFailed
from backend.core.ids import new_id
from backend.core.paging import PageRequest
from backend.core.viewer import ANONYMOUS, Grant, Role, ScopeKind
from moderation.keys import KeyOutcome, KeyResult, teacher_keys
from moderation.queueing import list_for_teacher
from moderation.rules import Verdict
from moderation.subjects import Requirement, Subject
from tests.moderation.conftest import World, person
from tests.moderation.notes import DESK, resubmit_note, state_of_note

FIRST = PageRequest(50)


async def keys(world: World, *items: Subject, who: object = None, **options: object) -> list[KeyResult]:
    return await teacher_keys(world.db, DESK, who or world.teacher, list(items), **options)  # type: ignore[arg-type]


def problems(results: list[KeyResult]) -> list[tuple[type, str] | None]:
    return [None if one.problem is None else (type(one.problem), one.problem.code) for one in results]


async def test_batch_answers_for_each_item(world: World) -> None:
    inside, _ = await world.submit(keys=1)
    public, _ = await world.submit(keys=2)
    foreign, _ = await world.submit(keys=1, language="ti")
    stale = Subject("note", inside.id, new_id(), 1)
    missing = Subject("note", new_id(), new_id(), 1)
    unknown = Subject("poem", new_id(), new_id(), 1)
    results = await keys(world, stale, inside, public, foreign, missing, unknown)
    assert problems(results) == [
        (Conflict, "stale_revision"), None, None, (NotAllowed, "language_not_declared"),
        (NotFound, "not_found"), (NotFound, "not_found"),
    ]  # fmt: skip
    assert [one.outcome for one in results[1:3]] == [KeyOutcome.APPROVED, KeyOutcome.WAITS_FOR_SECOND_KEY]
    assert await state_of_note(world.db, inside) == "published"
    assert await state_of_note(world.db, foreign) == "in_review"


async def test_batch_sent_twice_and_at_once_gives_the_same(world: World) -> None:
    inside, _ = await world.submit(keys=1)
    public, _ = await world.submit(keys=2)
    first, second = await asyncio.gather(keys(world, inside, public), keys(world, inside, public))
    third = await keys(world, inside, public)
    assert [one.outcome for one in first] == [one.outcome for one in second] == [one.outcome for one in third]
    assert await world.count("select count(*) from moderation_decision") == 2


async def test_batch_of_nobody_and_of_too_many_is_refused_whole(world: World) -> None:
    subject, _ = await world.submit(keys=1)
    with pytest.raises(Unauthenticated):
        await keys(world, subject, who=ANONYMOUS)
    with pytest.raises(ValidationFailed, match="too_many_items"):
        await keys(world, *[subject] * 51)
    with pytest.raises(ValidationFailed, match="text_too_long"):
        await keys(world, subject, pass_on=True, concern="x" * 1001)
    assert await state_of_note(world.db, subject) == "in_review"


async def test_key_by_anybody_but_the_classes_teacher_finds_nothing(world: World) -> None:
    subject, _ = await world.submit(keys=1)
    other_teacher = person(Grant(Role.TEACHER, ScopeKind.CLASS, new_id()))
    for who in (other_teacher, world.student(), world.author, world.moderator, world.elsewhere):
        assert problems(await keys(world, subject, who=who)) == [(NotFound, "not_found")]
    assert await state_of_note(world.db, subject) == "in_review"


async def test_key_on_ones_own_or_on_something_about_the_school_finds_nothing(world: World) -> None:
    own, _ = await world.submit(keys=1, author=world.teacher)
    about, _ = await world.submit(keys=1, skip_teacher=True)
    assert problems(await keys(world, own, about)) == [(NotFound, "not_found")] * 2


async def test_second_key_by_a_co_teacher_is_refused(world: World) -> None:
    subject, _ = await world.submit(keys=2)
    await keys(world, subject)
    assert problems(await keys(world, subject, who=person(world.teaching))) == [(NotAllowed, "moderator_needed")]


async def test_key_on_a_held_one_key_revision_is_a_moderators(world: World) -> None:
    subject, case_id = await world.submit(keys=1, is_held=True)
    assert problems(await keys(world, subject)) == [(NotAllowed, "moderator_needed")]
    await world.decide(subject, case_id, Verdict.APPROVE)  # and it is in the queue at once


async def test_key_on_a_decided_revision_conflicts(world: World) -> None:
    subject, _ = await world.publish()
    assert problems(await keys(world, subject)) == [(Conflict, "nothing_in_review")]


async def test_passing_on_opens_the_queue_with_the_concern(world: World) -> None:
    subject, case_id = await world.submit(keys=1, teacher_for=timedelta(days=2))
    [result] = await keys(world, subject, pass_on=True, concern="Navnet på en medelev?")
    assert result.outcome is KeyOutcome.PASSED_ON
    [again] = await keys(world, subject, pass_on=True)
    assert again.outcome is KeyOutcome.PASSED_ON
    claim = await world.claim(case_id)
    assert claim.case.concern == "Navnet på en medelev?"
    assert await state_of_note(world.db, subject) == "in_review"


async def test_passed_on_leaves_the_teachers_list_until_it_is_handed_in_anew(world: World) -> None:
    subject, case_id = await world.submit(keys=1, teacher_for=timedelta(days=2))
    assert [row.id for row in (await list_for_teacher(world.db, world.teacher, FIRST)).rows] == [case_id]
    await keys(world, subject, pass_on=True)
    assert (await list_for_teacher(world.db, world.teacher, FIRST)).rows == []
    requirement = Requirement(1, "nb", "Europe/Oslo", await world.now() + timedelta(days=2))
    await resubmit_note(
        world.db, subject, place=world.place, author_id=world.author.require_account(), requirement=requirement
    )
    assert [row.id for row in (await list_for_teacher(world.db, world.teacher, FIRST)).rows] == [case_id]


async def test_concern_beside_an_approval_is_refused_and_approves_nothing(world: World) -> None:
    subject, _ = await world.submit(keys=1, teacher_for=timedelta(days=2))
    with pytest.raises(ValidationFailed, match="concern_only_when_passing_on"):
        await keys(world, subject, concern="Navnet på en medelev?")
    assert await state_of_note(world.db, subject) == "in_review"


async def test_teacher_who_turned_the_moderators_key_turns_no_second_one(world: World) -> None:
    both = person(world.teaching, world.moderating)
    subject, case_id = await world.submit(keys=2, teacher_for=None)
    await world.decide(subject, case_id, Verdict.APPROVE, who=both)
    [result] = await teacher_keys(world.db, DESK, both, [subject])
    assert isinstance(result.problem, NotAllowed)
    assert result.problem.code == "same_person"


async def test_passing_on_after_approval_conflicts(world: World) -> None:
    subject, _ = await world.submit(keys=2)
    await keys(world, subject)
    assert problems(await keys(world, subject, pass_on=True)) == [(Conflict, "already_approved")]


async def test_key_after_the_teachers_time_still_counts(world: World) -> None:
    subject, _ = await world.submit(keys=1, teacher_for=timedelta())
    assert [one.outcome for one in await keys(world, subject)] == [KeyOutcome.APPROVED]
