"""A statement on its way: keys, publication, new wordings, refusals, appeals, reports, hiding and restoring."""

import dataclasses

import pytest

from backend.campaigns.rules import Audience, Review, Visibility
from backend.core.errors import Conflict, NotAllowed
from backend.core.paging import PageRequest
from backend.core.viewer import ANONYMOUS, Role, ScopeKind, Viewer
from moderation.appeal_rules import AppealState
from moderation.appeals import Answer, decide_appeal, file_appeal
from moderation.keys import KeyOutcome
from moderation.queueing import list_for_teacher
from moderation.report_rules import Category
from moderation.reporting import report_subject
from moderation.rules import Reason, Verdict
from tests.campaigns.stage import DESK, Stage, reading_nb
from tests.places.town import staff


async def report(stage: Stage, who: Viewer, statement_id: object) -> None:
    await report_subject(stage.db, DESK, who, kind="statement", subject_id=statement_id, category=Category.HARASSMENT)  # type: ignore[arg-type]


async def test_class_statement_one_teachers_key_publishes(stage: Stage) -> None:
    author = await stage.student()
    subject = await stage.hand_in(author, audience=Audience.CLASS)
    assert await stage.state(subject.id) == (Visibility.UNPUBLISHED, Review.IN_REVIEW)
    assert (await stage.own(author, subject.id))[1] == "WAIT_FOR_TEACHER"
    result = await stage.teacher_key(subject)
    assert (result.outcome, result.problem) == (KeyOutcome.APPROVED, None)
    assert await stage.state(subject.id) == (Visibility.PUBLISHED, Review.APPROVED)
    assert (await stage.own(author, subject.id))[1] == "SEE_IT_PUBLISHED"


async def test_city_statement_takes_teacher_and_moderator(stage: Stage) -> None:
    author = await stage.student()
    subject = await stage.hand_in(author, audience=Audience.CITY)
    assert (await stage.teacher_key(subject)).outcome is KeyOutcome.WAITS_FOR_SECOND_KEY
    assert not await stage.sees(ANONYMOUS, subject.id)
    assert (await stage.own(author, subject.id))[1] == "WAIT_FOR_MODERATOR"
    await stage.decide(subject, Verdict.APPROVE)
    assert await stage.sees(ANONYMOUS, subject.id)


async def test_second_wording_waits_while_the_first_stays_visible(stage: Stage) -> None:
    author = await stage.student()
    statement_id = await stage.publish(author, "Første ord.", audience=Audience.CITY)
    await stage.revise(author, statement_id, "Andre ord.", audience=Audience.CITY)
    subject = await stage.submit(author, statement_id)
    assert [row.text for row in await stage.shown(ANONYMOUS)] == ["Første ord."]
    assert (await stage.own(author, statement_id))[0].text == "Andre ord."
    first_at = (await stage.statement(statement_id)).published_at
    await stage.approve(subject)
    [row] = await stage.shown(ANONYMOUS)
    assert (row.text, row.revision_number, row.published_at) == ("Andre ord.", 2, first_at)
    assert await stage.shown(ANONYMOUS, words="andre")
    assert not await stage.shown(ANONYMOUS, words="første")


async def test_refused_second_wording_leaves_the_first_published(stage: Stage) -> None:
    author = await stage.student()
    statement_id = await stage.publish(author, "Første ord.", audience=Audience.CITY)
    await stage.revise(author, statement_id, "Andre ord.", audience=Audience.CITY)
    await stage.decide(await stage.submit(author, statement_id), Verdict.REJECT, reason=Reason.SPAM)
    assert await stage.state(statement_id) == (Visibility.PUBLISHED, Review.REJECTED)
    assert [row.text for row in await stage.shown(ANONYMOUS)] == ["Første ord."]


async def test_changes_requested_can_be_changed_and_handed_in_again(stage: Stage) -> None:
    author = await stage.student()
    subject = await stage.hand_in(author)
    await stage.decide(subject, Verdict.REQUEST_CHANGES, reason=Reason.PERSONAL_DATA, words="Ta bort navnet.")
    assert (await stage.own(author, subject.id))[1] == "CHANGE_AND_SUBMIT"
    await stage.revise(author, subject.id, "Uten navn.")
    again = await stage.submit(author, subject.id)
    assert again.revision_id != subject.revision_id
    await stage.approve(again)
    assert [row.text for row in await stage.shown(author)] == ["Uten navn."]


async def test_old_wording_cannot_be_approved_after_a_new_one_was_handed_in(stage: Stage) -> None:
    author = await stage.student()
    subject = await stage.hand_in(author)
    await stage.decide(subject, Verdict.REQUEST_CHANGES, reason=Reason.SPAM, words="Kortere.")
    await stage.revise(author, subject.id, "Kort.")
    await stage.submit(author, subject.id)
    assert isinstance((await stage.teacher_key(subject)).problem, Conflict)
    with pytest.raises(Conflict, match="stale_revision"):
        await stage.decide(subject, Verdict.APPROVE)
    assert (await stage.state(subject.id))[0] is Visibility.UNPUBLISHED


async def overturn(stage: Stage, author: Viewer, decision_id: object) -> None:
    appeal = await file_appeal(stage.db, DESK, author, decision_id=decision_id, text="Det er lov å si.")  # type: ignore[arg-type]
    answer = Answer(AppealState.OVERTURNED, "Du har rett.", "nb")
    await decide_appeal(stage.db, DESK, stage.second, appeal.id, answer)


async def test_rejected_then_appeal_overturned_publishes(stage: Stage) -> None:
    author = await stage.student()
    subject = await stage.hand_in(author)
    decided = await stage.decide(subject, Verdict.REJECT, reason=Reason.OFF_CAMPAIGN_RULES)
    assert (await stage.own(author, subject.id))[1] == "READ_REASON"
    await overturn(stage, author, decided.decision.id)
    assert await stage.state(subject.id) == (Visibility.PUBLISHED, Review.APPROVED)
    assert await stage.sees(author, subject.id)


async def test_overturned_wording_is_shown_to_the_audience_it_was_judged_for(stage: Stage) -> None:
    author = await stage.student()
    subject = await stage.hand_in(author, "Bare for klassen.", audience=Audience.CLASS)
    decided = await stage.decide(subject, Verdict.REJECT, reason=Reason.SPAM)
    await stage.revise(author, subject.id, "For alle.", audience=Audience.SOCIAL)
    await overturn(stage, author, decided.decision.id)
    statement = await stage.statement(subject.id)
    assert (statement.visibility, statement.audience) == (Visibility.PUBLISHED, Audience.CLASS)
    assert not await stage.sees(ANONYMOUS, subject.id)
    assert await stage.sees(author, subject.id)


@pytest.mark.parametrize("verdict", [None, Verdict.HIDE])
async def test_teacher_does_not_lift_what_was_hidden_by_approving_a_new_wording(
    stage: Stage, verdict: Verdict | None
) -> None:
    author = await stage.student()
    statement_id = await stage.publish(author, "Første ord.", audience=Audience.CLASS)
    await stage.revise(author, statement_id, "Andre ord.", audience=Audience.CLASS)
    waiting = await stage.submit(author, statement_id)
    await report(stage, stage.teacher, statement_id)
    if verdict is not None:
        first = await stage.value("select published_revision_id from statement where id = $1", statement_id)
        reported = dataclasses.replace(waiting, revision_id=first)
        await stage.decide(reported, verdict, who=stage.second, reason=Reason.HARASSMENT)
    refused = (await stage.teacher_key(waiting)).problem
    assert isinstance(refused, NotAllowed)
    assert refused.code == "moderator_needed"
    assert (await list_for_teacher(stage.db, stage.teacher, PageRequest(10))).rows == []
    assert not await stage.sees(author, statement_id)
    await stage.decide(waiting, Verdict.APPROVE)
    assert [row.text for row in await stage.shown(author)] == ["Andre ord."]


async def test_removal_ends_the_review_of_a_newer_wording_until_an_appeal_brings_it_back(stage: Stage) -> None:
    author = await stage.student()
    statement_id = await stage.publish(author, "Første ord.", audience=Audience.CLASS)
    first = await stage.subject(statement_id)
    await stage.revise(author, statement_id, "Andre ord.", audience=Audience.CLASS)
    waiting = await stage.submit(author, statement_id)
    await report(stage, stage.teacher, statement_id)
    decided = await stage.decide(first, Verdict.REMOVE, reason=Reason.HARASSMENT)
    assert await stage.state(statement_id) == (Visibility.REMOVED, Review.CHANGES_REQUESTED)
    with pytest.raises(Conflict):
        await stage.decide(waiting, Verdict.APPROVE)
    assert not await stage.sees(author, statement_id)
    await overturn(stage, author, decided.decision.id)
    assert [row.text for row in await stage.shown(author)] == ["Første ord."]
    assert (await stage.own(author, statement_id))[1] == "CHANGE_AND_SUBMIT"


async def test_enough_reports_hide_and_keeping_restores(stage: Stage) -> None:
    author, town = await stage.student(), stage.town
    statement_id = await stage.publish(author, audience=Audience.CITY)
    classes = (None, None, town.other_class.id)
    for reporter in [await stage.student(class_id=one) for one in classes]:
        await report(stage, reporter, statement_id)
    assert (await stage.statement(statement_id)).visibility is Visibility.HIDDEN
    assert not await stage.sees(ANONYMOUS, statement_id)
    assert not await stage.sees(author, statement_id)
    assert (await stage.own(author, statement_id))[1] == "WAIT_FOR_MODERATOR"
    with pytest.raises(Conflict) as refused:
        await stage.revise(author, statement_id)
    assert refused.value.state == "HIDDEN"
    await stage.decide(await stage.subject(statement_id), Verdict.KEEP)
    assert await stage.sees(ANONYMOUS, statement_id)


async def test_removed_is_gone_until_an_appeal_brings_it_back(stage: Stage) -> None:
    author = await stage.student()
    statement_id = await stage.publish(author, audience=Audience.CITY)
    await report(stage, stage.second, statement_id)
    decided = await stage.decide(await stage.subject(statement_id), Verdict.REMOVE, reason=Reason.LAW)
    assert (await stage.statement(statement_id)).visibility is Visibility.REMOVED
    assert not await stage.sees(ANONYMOUS, statement_id)
    appeal = await file_appeal(stage.db, DESK, author, decision_id=decided.decision.id, text="Det er lov å si.")
    place = (ScopeKind.CITY, stage.town.city.id)
    fresh = reading_nb(await staff(stage.db, stage.town.secretariat, Role.MODERATOR, *place))
    await decide_appeal(stage.db, DESK, fresh, appeal.id, Answer(AppealState.OVERTURNED, "Du har rett.", "nb"))
    assert await stage.sees(ANONYMOUS, statement_id)


async def test_statement_about_the_school_skips_the_teacher(stage: Stage) -> None:
    author = await stage.student()
    subject = await stage.hand_in(author, skips_teacher=True)
    assert (await stage.teacher_key(subject)).outcome is None
    assert (await stage.own(author, subject.id))[1] == "WAIT_FOR_MODERATOR"
    await stage.decide(subject, Verdict.APPROVE)
    assert await stage.sees(author, subject.id)


async def test_contact_details_are_held_for_a_moderator(stage: Stage) -> None:
    author = await stage.student()
    subject = await stage.hand_in(author, "Skriv til meg: anna@example.org", audience=Audience.CLASS)
    assert (await stage.state(subject.id))[1] is Review.HELD
    assert (await stage.teacher_key(subject)).outcome is None
    assert (await stage.own(author, subject.id))[1] == "WAIT_FOR_MODERATOR"
    await stage.decide(subject, Verdict.APPROVE)
    assert await stage.sees(author, subject.id)
