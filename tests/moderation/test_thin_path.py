"""The main job: a note is submitted, the teacher turns the first key, a moderator the second, and it is published."""

from moderation.keys import KeyOutcome, teacher_keys
from moderation.rules import CaseState, Verdict
from tests.moderation.conftest import World
from tests.moderation.notes import DESK, state_of_note


async def test_two_keys_by_teacher_and_moderator_publish(world: World) -> None:
    subject, case_id = await world.submit()
    [first] = await teacher_keys(world.db, DESK, world.teacher, [subject])
    assert first.outcome is KeyOutcome.WAITS_FOR_SECOND_KEY, first.problem
    assert await state_of_note(world.db, subject) == "in_review"
    decided = await world.decide(subject, case_id, Verdict.APPROVE)
    assert decided.case.state is CaseState.CLOSED
    assert await state_of_note(world.db, subject) == "published"
    assert await world.notices(world.author) == ["moderation_approved"]
