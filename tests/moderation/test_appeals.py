"""Appeals: once a decision, by whom it concerns, answered by somebody else, carried out at once."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.clock import time_shifted
from backend.core.errors import Closed, Conflict, NotAllowed, NotFound, RateLimited, Unauthenticated, ValidationFailed
from backend.core.ids import Id, new_id
from backend.core.viewer import ANONYMOUS, Viewer
from moderation.appeal_rules import AppealState, Effect, appeal_until, effect_of, sides_that_may_appeal
from moderation.appeal_store import AppealRow
from moderation.appeals import Answer, decide_appeal, file_appeal
from moderation.config import ModerationSettings
from moderation.keys import teacher_keys
from moderation.report_rules import Category
from moderation.reporting import report_subject
from moderation.rules import CaseState, Reason, Verdict
from moderation.subjects import Desk, Requirement, Subject
from tests.moderation.conftest import World, person, sealed
from tests.moderation.notes import DESK, ZONE, resubmit_note, state_of_note


async def appeal(world: World, who: Viewer, decision_id: Id, *, key: str | None = None) -> AppealRow:
    return await file_appeal(world.db, DESK, who, decision_id=decision_id, text="Dette er feil.", client_key=key)


async def answer(
    world: World, appeal_id: Id, state: AppealState, who: Viewer | None = None, reason: Reason | None = None
) -> AppealRow:
    found = Answer(state, "Vi har sett på det på nytt.", "nb", reason)
    return await decide_appeal(world.db, DESK, who or world.second, appeal_id, found)


async def rejected(world: World, keys: int = 1) -> tuple[Subject, Id, Id]:
    """A note that the moderator refused: (subject, case id, decision id)."""
    subject, case_id = await world.submit(keys=keys, teacher_for=None)
    decided = await world.decide(subject, case_id, Verdict.REJECT, reason=Reason.SPAM)
    return subject, case_id, decided.decision.id


async def reported(world: World, verdict: Verdict) -> tuple[Subject, Id, Viewer]:
    """A published note that was reported and decided on: (subject, decision id, a reporter)."""
    subject, case_id = await world.publish()
    who = world.student()
    await report_subject(world.db, DESK, who, kind="note", subject_id=subject.id, category=Category.HATE)
    reason = None if verdict is Verdict.KEEP else Reason.LAW
    decided = await world.decide(subject, case_id, verdict, reason=reason)
    return subject, decided.decision.id, who


@given(st.datetimes(datetime(2024, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC)), st.integers(1, 24))  # noqa: DTZ001
def test_window_ends_on_the_same_day_or_the_months_last(decided_at: datetime, months: int) -> None:
    end = appeal_until(decided_at, months)
    assert (end.year * 12 + end.month) - (decided_at.year * 12 + decided_at.month) == months
    assert end.day == decided_at.day or (end.day < decided_at.day and (end + timedelta(days=1)).day == 1)


@given(st.sampled_from(Verdict), st.sampled_from(AppealState))
def test_every_answer_to_what_can_be_appealed_has_an_effect_or_is_refused(verdict: Verdict, state: AppealState) -> None:
    effect = effect_of(verdict, state)
    if state is AppealState.UPHELD:
        assert effect is Effect.NOTHING
    elif state is AppealState.OVERTURNED:
        assert (effect is not None) == bool(sides_that_may_appeal(verdict))


async def test_overturned_refusal_publishes(world: World) -> None:
    subject, _, decision_id = await rejected(world)
    filed = await appeal(world, world.author, decision_id)
    closed = await answer(world, filed.id, AppealState.OVERTURNED)
    assert (closed.state, closed.answer) == (AppealState.OVERTURNED, "Vi har sett på det på nytt.")
    assert await state_of_note(world.db, subject) == "published"
    assert (await world.notices(world.author))[-2:] == ["moderation_approved", "appeal_overturned"]


async def test_overturned_refusal_that_needs_two_keys_waits_for_the_second(world: World) -> None:
    subject, case_id, decision_id = await rejected(world, keys=2)
    filed = await appeal(world, world.author, decision_id)
    await answer(world, filed.id, AppealState.OVERTURNED)
    assert await state_of_note(world.db, subject) == "in_review"
    with pytest.raises(NotAllowed, match="same_person"):
        await world.decide(subject, case_id, Verdict.APPROVE, who=world.second)
    third = person(world.moderating)
    # The refused try holds the claim of the second moderator; it ends by itself.
    with time_shifted(timedelta(minutes=11)):
        assert (await world.decide(subject, case_id, Verdict.APPROVE, who=third)).case.state is CaseState.CLOSED
    assert await state_of_note(world.db, subject) == "published"


async def test_overturned_refusal_after_the_teachers_key_publishes(world: World) -> None:
    subject, case_id = await world.submit(keys=2)
    await teacher_keys(world.db, DESK, world.teacher, [subject])
    decided = await world.decide(subject, case_id, Verdict.REJECT, reason=Reason.LAW)
    filed = await appeal(world, world.author, decided.decision.id)
    await answer(world, filed.id, AppealState.OVERTURNED)
    assert await state_of_note(world.db, subject) == "published"


async def test_partly_overturned_refusal_asks_for_changes(world: World) -> None:
    subject, _, decision_id = await rejected(world)
    filed = await appeal(world, world.author, decision_id)
    await answer(world, filed.id, AppealState.PARTLY)
    assert await state_of_note(world.db, subject) == "changes_requested"
    assert await world.count("select count(*) from statement_of_reasons") == 2


async def test_upheld_refusal_changes_nothing_but_is_answered(world: World) -> None:
    subject, _, decision_id = await rejected(world)
    filed = await appeal(world, world.author, decision_id)
    await answer(world, filed.id, AppealState.UPHELD)
    assert await state_of_note(world.db, subject) == "rejected"
    assert (await world.notices(world.author))[-1] == "appeal_upheld"


@pytest.mark.parametrize("verdict", [Verdict.HIDE, Verdict.REMOVE])
async def test_overturned_restriction_restores_and_tells_both_sides(world: World, verdict: Verdict) -> None:
    subject, decision_id, reporter = await reported(world, verdict)
    filed = await appeal(world, world.author, decision_id)
    await answer(world, filed.id, AppealState.OVERTURNED)
    assert await state_of_note(world.db, subject) == "published"
    assert (await world.notices(world.author))[-1] == "appeal_overturned"
    assert (await world.notices(reporter))[-1] == "report_reconsidered"


async def test_reporters_appeal_against_keeping_hides_with_reasons(world: World) -> None:
    subject, decision_id, reporter = await reported(world, Verdict.KEEP)
    filed = await appeal(world, reporter, decision_id)
    with pytest.raises(ValidationFailed, match="reason_required"):
        await answer(world, filed.id, AppealState.OVERTURNED)
    assert await state_of_note(world.db, subject) == "published"
    await answer(world, filed.id, AppealState.OVERTURNED, reason=Reason.LAW)
    assert await state_of_note(world.db, subject) == "hidden"
    assert (await world.notices(world.author))[-1] == "moderation_hidden"
    assert (await world.notices(reporter))[-1] == "appeal_overturned"
    assert await world.count("select count(*) from statement_of_reasons where restriction = 'HIDE'") == 1


async def test_appeal_by_those_whom_it_does_not_concern_finds_nothing(world: World) -> None:
    _, _, decision_id = await rejected(world)
    for who in (world.student(), world.teacher, world.moderator, world.second, world.elsewhere):
        with pytest.raises(NotFound):
            await appeal(world, who, decision_id)
    with pytest.raises(NotFound):
        await appeal(world, world.author, new_id())
    with pytest.raises(Unauthenticated):
        await appeal(world, ANONYMOUS, decision_id)
    with pytest.raises(Conflict, match="sealed_after_reset"):
        await appeal(world, sealed(world.author), decision_id)
    assert await world.count("select count(*) from appeal") == 0


async def test_appeal_against_what_does_not_hurt_is_refused(world: World) -> None:
    _, kept_id, reporter = await reported(world, Verdict.KEEP)
    _, hidden_id, other_reporter = await reported(world, Verdict.HIDE)
    for who, decision_id in ((world.author, kept_id), (other_reporter, hidden_id)):
        with pytest.raises(NotAllowed, match="nothing_to_appeal"):
            await appeal(world, who, decision_id)
    await appeal(world, reporter, kept_id)


async def test_appeal_twice_conflicts_and_with_its_key_gives_the_first(world: World) -> None:
    _, _, decision_id = await rejected(world)
    first, again = await asyncio.gather(*[appeal(world, world.author, decision_id, key="key-00001") for _ in range(2)])
    assert first.id == again.id
    with pytest.raises(Conflict, match="already_appealed"):
        await appeal(world, world.author, decision_id)


async def test_appeal_at_the_same_time_is_one(world: World) -> None:
    _, _, decision_id = await rejected(world)
    answers = await asyncio.gather(
        *[appeal(world, world.author, decision_id) for _ in range(3)], return_exceptions=True
    )
    assert [type(one) for one in answers if not isinstance(one, AppealRow)] == [Conflict, Conflict]


async def test_appeal_after_six_months_is_closed(world: World) -> None:
    _, _, decision_id = await rejected(world)
    with time_shifted(timedelta(days=185)), pytest.raises(Closed, match="appeal_window_over"):
        await appeal(world, world.author, decision_id)


async def test_appeal_against_hiding_for_now_conflicts(world: World) -> None:
    subject, _ = await world.publish()
    await report_subject(world.db, DESK, world.teacher, kind="note", subject_id=subject.id, category=Category.SPAM)
    async with world.db.reading() as conn:
        decision_id = await conn.fetch_value("select id from moderation_decision where not is_final")
    with pytest.raises(Conflict, match="still_under_review"):
        await appeal(world, world.author, decision_id)


async def test_appeal_after_resubmission_conflicts(world: World) -> None:
    subject, _, decision_id = await rejected(world)
    await resubmit_note(
        world.db, subject, place=world.place, author_id=world.author.require_account(),
        requirement=Requirement(1, "nb", ZONE, None),
    )  # fmt: skip
    with pytest.raises(Conflict, match="decision_superseded"):
        await appeal(world, world.author, decision_id)


async def test_answer_after_resubmission_is_given_but_changes_nothing(world: World) -> None:
    subject, case_id, decision_id = await rejected(world)
    filed = await appeal(world, world.author, decision_id)
    again = await resubmit_note(
        world.db, subject, place=world.place, author_id=world.author.require_account(),
        requirement=Requirement(1, "nb", ZONE, None),
    )  # fmt: skip
    await answer(world, filed.id, AppealState.OVERTURNED)
    assert await state_of_note(world.db, subject) == "in_review"
    await world.decide(again, case_id, Verdict.APPROVE)


async def test_answer_on_what_was_withdrawn_publishes_nothing(world: World) -> None:
    subject, case_id, decision_id = await rejected(world)
    filed = await appeal(world, world.author, decision_id)
    async with world.db.transaction() as tx:
        await tx.execute("update note set state = 'withdrawn'")
    await answer(world, filed.id, AppealState.OVERTURNED)
    assert await state_of_note(world.db, subject) == "withdrawn"
    with pytest.raises(Conflict, match="case_closed"):
        await world.claim(case_id)


async def test_answer_by_anybody_with_a_part_in_it_is_refused(world: World) -> None:
    both = person(world.teaching, world.moderating)
    claimer = person(world.moderating)
    subject, case_id = await world.submit(keys=2)
    await teacher_keys(world.db, DESK, both, [subject])
    await world.claim(case_id, claimer)
    with time_shifted(timedelta(minutes=11)):
        decided = await world.decide(subject, case_id, Verdict.REJECT, reason=Reason.LAW)
    filed = await appeal(world, world.author, decided.decision.id)
    for who, code in (
        (world.moderator, "same_reviewer"),
        (claimer, "same_reviewer"),
        (both, "same_reviewer"),
        (person(world.teaching, world.moderating), "needs_other_than_teacher"),
        (person(world.moderating, languages=("fi",)), "language_not_declared"),
    ):
        with pytest.raises(NotAllowed, match=code):
            await answer(world, filed.id, AppealState.OVERTURNED, who)
    for who in (world.author, world.teacher, world.student(), world.elsewhere):
        with pytest.raises(NotFound):
            await answer(world, filed.id, AppealState.OVERTURNED, who)
    with pytest.raises(Unauthenticated):
        await answer(world, filed.id, AppealState.OVERTURNED, ANONYMOUS)
    assert await state_of_note(world.db, subject) == "rejected"


async def test_answer_by_a_reporter_or_appellant_who_moderates_finds_nothing(world: World) -> None:
    subject, case_id = await world.publish()
    await report_subject(world.db, DESK, world.second, kind="note", subject_id=subject.id, category=Category.HATE)
    decided = await world.decide(subject, case_id, Verdict.KEEP)
    filed = await appeal(world, world.second, decided.decision.id)
    with pytest.raises(NotFound):
        await answer(world, filed.id, AppealState.OVERTURNED, reason=Reason.LAW)


async def test_answer_twice_and_at_once_counts_once(world: World) -> None:
    _, _, decision_id = await rejected(world)
    filed = await appeal(world, world.author, decision_id)
    third = person(world.moderating)
    answers = await asyncio.gather(
        answer(world, filed.id, AppealState.UPHELD),
        answer(world, filed.id, AppealState.OVERTURNED, third),
        return_exceptions=True,
    )
    [won] = [one for one in answers if isinstance(one, AppealRow)]
    winner = world.second if won.decided_by == world.second.account_id else third
    with pytest.raises(Conflict, match="appeal_answered"):
        await answer(world, filed.id, AppealState.UPHELD, winner)


async def test_answer_that_is_malformed_is_refused(world: World) -> None:
    _, hidden_id, _ = await reported(world, Verdict.HIDE)
    filed = await appeal(world, world.author, hidden_id)
    for state in (AppealState.PARTLY, AppealState.FILED):
        with pytest.raises(ValidationFailed, match="answer_not_possible"):
            await answer(world, filed.id, state)
    with pytest.raises(ValidationFailed, match="text_missing"):
        await decide_appeal(world.db, DESK, world.second, filed.id, Answer(AppealState.UPHELD, " ", "nb"))
    with pytest.raises(ValidationFailed, match="language_unknown"):
        await decide_appeal(world.db, DESK, world.second, filed.id, Answer(AppealState.UPHELD, "Nei.", "xx-nope"))
    with pytest.raises(NotFound):
        await answer(world, new_id(), AppealState.UPHELD)


async def test_appeals_beyond_the_limit_are_refused(world: World) -> None:
    desk = Desk(ModerationSettings(secret=b"x" * 32, appeals_per_day=1), DESK.handlers)
    _, _, first_id = await rejected(world)
    _, _, second_id = await rejected(world)
    await file_appeal(world.db, desk, world.author, decision_id=first_id, text="Nei.")
    with pytest.raises(RateLimited):
        await file_appeal(world.db, desk, world.author, decision_id=second_id, text="Nei.")
    assert await world.count("select count(*) from appeal") == 1
