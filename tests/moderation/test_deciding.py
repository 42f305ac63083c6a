"""Decisions: bound to claim, revision and version; what follows happens with them."""

import asyncio
from datetime import timedelta

import pytest

from backend.core.errors import Conflict, DomainError, NotAllowed, NotFound, ValidationFailed
from backend.core.ids import new_id
from backend.core.viewer import Grant, Role, ScopeKind
from moderation.claims import keep_claim
from moderation.deciding import Decided
from moderation.keys import KeyOutcome, teacher_keys
from moderation.opening import close_for_withdrawal
from moderation.report_rules import Category
from moderation.reporting import report_subject
from moderation.rules import CaseState, Reason, Verdict
from moderation.subjects import Requirement, Subject
from tests.moderation.conftest import World, person
from tests.moderation.notes import DESK, ZONE, resubmit_note, state_of_note


async def nothing_decided(world: World, subject: Subject) -> bool:
    decisions = await world.count("select count(*) from moderation_decision where is_final")
    return decisions == 0 and await state_of_note(world.db, subject) == "in_review"


async def test_single_key_by_a_moderator_publishes(world: World) -> None:
    subject, _ = await world.publish()
    assert await state_of_note(world.db, subject) == "published"


async def test_two_moderators_publish_when_the_teacher_was_passed_by(world: World) -> None:
    subject, case_id = await world.submit(keys=2, teacher_for=None, skip_teacher=True)
    first = await world.decide(subject, case_id, Verdict.APPROVE)
    assert first.case.state is CaseState.SECOND_KEY
    assert await state_of_note(world.db, subject) == "in_review"
    with pytest.raises(NotAllowed, match="same_person"):
        await world.decide(subject, case_id, Verdict.APPROVE)
    # The refused second try leaves the claim with the first moderator; only they can give it back.
    token = (await world.claim(case_id)).token
    assert token
    await keep_claim(world.db, DESK, world.moderator, case_id, token)


async def test_second_key_by_another_moderator_publishes(world: World) -> None:
    subject, case_id = await world.submit(keys=2, teacher_for=None)
    await world.decide(subject, case_id, Verdict.APPROVE)
    assert (await world.decide(subject, case_id, Verdict.APPROVE, who=world.second)).case.state is CaseState.CLOSED
    assert await state_of_note(world.db, subject) == "published"
    assert await world.count("select count(*) from audit_entry where action = 'moderator:case:approve'") == 2


async def test_second_key_by_the_teacher_as_moderator_is_refused(world: World) -> None:
    both = person(world.teaching, world.moderating)
    subject, case_id = await world.submit(keys=2)
    [first] = await teacher_keys(world.db, DESK, both, [subject])
    assert first.outcome is KeyOutcome.WAITS_FOR_SECOND_KEY
    with pytest.raises(NotAllowed, match="same_person"):
        await world.decide(subject, case_id, Verdict.APPROVE, who=both)
    assert await nothing_decided(world, subject)


async def test_second_key_by_a_co_teacher_is_refused(world: World) -> None:
    subject, case_id = await world.submit(keys=2)
    await teacher_keys(world.db, DESK, world.teacher, [subject])
    co_teacher = person(world.teaching, world.moderating)
    with pytest.raises(NotAllowed, match="needs_other_than_teacher"):
        await world.decide(subject, case_id, Verdict.APPROVE, who=co_teacher)
    assert await nothing_decided(world, subject)


@pytest.mark.parametrize(("verdict", "state"), [
    (Verdict.REJECT, "rejected"), (Verdict.REQUEST_CHANGES, "changes_requested")
])  # fmt: skip
async def test_refusal_gives_reasons_and_tells_the_author(world: World, verdict: Verdict, state: str) -> None:
    subject, case_id = await world.submit(keys=1, teacher_for=None)
    decided = await world.decide(subject, case_id, verdict, reason=Reason.PERSONAL_DATA, words="Ta bort nummeret.")
    assert decided.case.state is CaseState.CLOSED
    assert await state_of_note(world.db, subject) == state
    assert await world.notices(world.author) == [f"moderation_{state}"]
    async with world.db.reading() as conn:
        reasons = await conn.fetch_one("select * from statement_of_reasons")
    assert reasons is not None
    assert (reasons["account_id"], reasons["restriction"], reasons["reason"], reasons["facts"]) == (
        world.author.account_id, verdict, Reason.PERSONAL_DATA, "Ta bort nummeret.",
    )  # fmt: skip
    assert reasons["automated"] is False
    assert reasons["appeal_until"] > decided.decision.at + timedelta(days=180)


async def test_refusal_by_one_moderator_ends_it_also_where_two_keys_are_needed(world: World) -> None:
    subject, case_id = await world.submit(keys=2)
    await teacher_keys(world.db, DESK, world.teacher, [subject])
    decided = await world.decide(subject, case_id, Verdict.REJECT, reason=Reason.LAW)
    assert decided.case.state is CaseState.CLOSED
    assert await state_of_note(world.db, subject) == "rejected"


@pytest.mark.parametrize(("verdict", "reason", "words", "code"), [
    (Verdict.REJECT, None, None, "reason_required"),
    (Verdict.REMOVE, None, None, "reason_required"),
    (Verdict.APPROVE, Reason.LAW, None, "reason_only_for_restriction"),
    (Verdict.KEEP, Reason.LAW, None, "reason_only_for_restriction"),
    (Verdict.REQUEST_CHANGES, Reason.SPAM, None, "words_required"),
    (Verdict.REJECT, Reason.SPAM, "x" * 1001, "text_too_long"),
    (Verdict.REJECT, Reason.SPAM, "ok \u202e no", "text_forbidden_character"),
    (Verdict.REJECT, Reason.SPAM, "a\x00b", "text_forbidden_character"),
])  # fmt: skip
async def test_decision_that_is_malformed_is_refused(
    world: World, verdict: Verdict, reason: Reason | None, words: str | None, code: str
) -> None:
    subject, case_id = await world.submit(keys=1, teacher_for=None)
    with pytest.raises(ValidationFailed, match=code):
        await world.decide(subject, case_id, verdict, reason=reason, words=words)
    assert await nothing_decided(world, subject)


async def test_decision_in_a_language_nobody_declared_is_refused(world: World) -> None:
    subject, case_id = await world.submit(keys=1, teacher_for=None, language="ti")
    for verdict, reason in ((Verdict.APPROVE, None), (Verdict.REJECT, Reason.LAW)):
        with pytest.raises(NotAllowed, match="language_not_declared"):
            await world.decide(subject, case_id, verdict, reason=reason)
    assert await nothing_decided(world, subject)


async def test_decision_on_a_translation_counts_and_says_so(world: World) -> None:
    subject, case_id = await world.submit(keys=1, teacher_for=None, language="ti", translations=("en",))
    decided = await world.decide(subject, case_id, Verdict.APPROVE)
    assert decided.decision.language_read == "en"


async def test_decision_on_an_older_revision_conflicts(world: World) -> None:
    old, case_id = await world.submit(keys=1, teacher_for=None)
    again = await resubmit_note(
        world.db, old, place=world.place, author_id=world.author.require_account(),
        requirement=Requirement(1, "nb", ZONE, None),
    )  # fmt: skip
    stale = [old, Subject("note", old.id, again.revision_id, 1), Subject("note", old.id, old.revision_id, 2)]
    for seen in stale:
        with pytest.raises(Conflict, match="stale_revision"):
            await world.decide(seen, case_id, Verdict.APPROVE)
    assert await nothing_decided(world, old)
    await world.decide(again, case_id, Verdict.APPROVE)
    assert await state_of_note(world.db, old) == "published"


async def test_resubmission_ends_the_claim_and_takes_the_keys_away(world: World) -> None:
    subject, case_id = await world.submit(keys=2)
    await teacher_keys(world.db, DESK, world.teacher, [subject])
    token = (await world.claim(case_id)).token
    again = await resubmit_note(
        world.db, subject, place=world.place, author_id=world.author.require_account(),
        requirement=Requirement(2, "nb", ZONE, None),
    )  # fmt: skip
    assert token
    with pytest.raises(Conflict, match="claim_expired"):
        await world.decide(again, case_id, Verdict.APPROVE, token=token)
    assert (await world.decide(again, case_id, Verdict.APPROVE)).case.state is CaseState.SECOND_KEY
    assert await state_of_note(world.db, subject) == "in_review"


async def test_withdrawal_closes_the_case(world: World) -> None:
    subject, case_id = await world.submit(keys=1, teacher_for=None)
    token = (await world.claim(case_id)).token
    assert token
    async with world.db.transaction() as tx:
        await close_for_withdrawal(tx, subject.kind, subject.id)
        await close_for_withdrawal(tx, subject.kind, subject.id)
        await close_for_withdrawal(tx, subject.kind, new_id())
    with pytest.raises(Conflict, match="case_closed"):
        await world.decide(subject, case_id, Verdict.APPROVE, token=token)


async def test_decision_on_reports_without_any_conflicts(world: World) -> None:
    subject, case_id = await world.submit(keys=1, teacher_for=None)
    with pytest.raises(Conflict, match="nothing_reported"):
        await world.decide(subject, case_id, Verdict.HIDE, reason=Reason.LAW)


async def test_decision_twice_conflicts(world: World) -> None:
    subject, case_id = await world.submit(keys=1, teacher_for=None)
    token = (await world.claim(case_id)).token
    await world.decide(subject, case_id, Verdict.APPROVE, token=token)
    with pytest.raises(Conflict, match="case_closed"):
        await world.decide(subject, case_id, Verdict.REJECT, token=token, reason=Reason.LAW)
    assert await state_of_note(world.db, subject) == "published"


async def test_decision_at_the_same_time_counts_once(world: World) -> None:
    subject, case_id = await world.submit(keys=1, teacher_for=None)
    token = (await world.claim(case_id)).token
    answers = await asyncio.gather(
        world.decide(subject, case_id, Verdict.APPROVE, token=token),
        world.decide(subject, case_id, Verdict.REJECT, token=token, reason=Reason.LAW),
        world.decide(subject, case_id, Verdict.APPROVE, token=token),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, Decided) for answer in answers) == 1
    assert all(isinstance(answer, Decided | Conflict) for answer in answers)
    assert await world.count("select count(*) from moderation_decision") == 1


async def test_decision_and_withdrawal_at_the_same_time_do_not_deadlock(world: World) -> None:
    for _ in range(5):
        subject, case_id = await world.submit(keys=1, teacher_for=None)
        token = (await world.claim(case_id)).token

        async def withdraw(subject: Subject = subject) -> None:
            async with world.db.transaction() as tx:
                await DESK.handler("note").lock(tx, subject.id)
                await close_for_withdrawal(tx, subject.kind, subject.id)

        answers = await asyncio.gather(
            world.decide(subject, case_id, Verdict.APPROVE, token=token), withdraw(), return_exceptions=True
        )
        assert all(answer is None or isinstance(answer, Decided | DomainError) for answer in answers)


async def test_decision_by_a_teacher_with_a_moderators_token_is_not_allowed(world: World) -> None:
    subject, case_id = await world.submit(keys=1, teacher_for=timedelta())
    token = (await world.claim(case_id)).token
    with pytest.raises(NotAllowed, match="only_moderator"):
        await world.decide(subject, case_id, Verdict.REJECT, who=world.teacher, token=token, reason=Reason.LAW)
    with pytest.raises(NotFound):
        await world.decide(subject, case_id, Verdict.APPROVE, who=world.elsewhere, token=token)


async def test_decision_by_a_restricted_moderator_is_not_allowed(world: World) -> None:
    subject, case_id = await world.submit(keys=1, teacher_for=None)
    grant = Grant(Role.MODERATOR, ScopeKind.NETWORK, None)
    restricted = type(world.moderator)(
        account_id=new_id(), grants=(grant,), languages=frozenset({"nb"}), is_restricted=True
    )
    with pytest.raises(NotAllowed, match="account_restricted"):
        await world.claim(case_id, restricted)
    assert await nothing_decided(world, subject)


async def test_decision_on_reports_counts_in_the_language_of_what_is_visible(world: World) -> None:
    subject, case_id = await world.publish()
    for who in (world.student(), world.student()):
        await report_subject(world.db, DESK, who, kind="note", subject_id=subject.id, category=Category.SPAM)
    async with world.db.transaction() as tx:  # meanwhile a new wording in another language lies in review
        await tx.execute("update moderation_case set review_open = true, language = 'ti'")
    decided = await world.decide(subject, case_id, Verdict.KEEP)
    assert decided.decision.language_read == "nb"
