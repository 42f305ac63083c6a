"""The next step that an author is told is one they can take: it says SUBMIT exactly when handing in would succeed."""

from datetime import timedelta

import pytest

from backend.accounts.consent_rules import ConsentAudience, ConsentPurpose
from backend.campaigns.rules import Audience, NextStep
from backend.campaigns.store import campaigns as campaign_store
from backend.core.errors import DomainError
from backend.core.ids import Id
from backend.core.viewer import Viewer
from media.rules import People
from moderation.appeal_rules import AppealState
from moderation.appeals import Answer, decide_appeal, file_appeal
from moderation.report_rules import Category
from moderation.reporting import report_subject
from moderation.rules import Reason, Verdict
from tests.campaigns.stage import DESK, Stage
from tests.places.town import viewer_of


async def next_of(stage: Stage, author: Viewer, statement_id: Id) -> str:
    """What the author is told, with today's seats."""
    assert author.account_id is not None
    return (await stage.own(await viewer_of(stage.db, author.account_id), statement_id))[1]


async def refused(stage: Stage, author: Viewer, statement_id: Id) -> bool:
    """Whether handing it in fails."""
    try:
        await stage.submit(author, statement_id)
    except DomainError:
        return True
    return False


async def shift(stage: Stage, *, opens: timedelta, closes: timedelta | None = None) -> None:
    """Move the campaign's times, counted from now."""
    async with stage.db.transaction() as tx:
        now = await tx.now()
        campaign = await campaign_store.get_campaign(tx, stage.campaign_id)
        assert campaign is not None
        await campaign_store.set_status(
            tx,
            stage.campaign_id,
            campaign.status,
            opens_at=now + opens,
            closes_at=None if closes is None else now + closes,
        )


@pytest.mark.parametrize(
    ("opens", "closes", "step"),
    [
        (timedelta(hours=1), None, NextStep.WAIT_FOR_CAMPAIGN),
        (timedelta(hours=-2), timedelta(hours=-1), NextStep.CAMPAIGN_OVER),
        (timedelta(hours=-2), timedelta(hours=1), NextStep.SUBMIT),
    ],
)
async def test_next_step_follows_the_campaigns_time(
    stage: Stage, opens: timedelta, closes: timedelta | None, step: NextStep
) -> None:
    author = await stage.student()
    statement_id = await stage.draft(author)
    await shift(stage, opens=opens, closes=closes)
    assert await next_of(stage, author, statement_id) is step
    assert await refused(stage, author, statement_id) is (step is not NextStep.SUBMIT)


async def test_next_step_of_changes_requested_ends_with_the_campaign(stage: Stage) -> None:
    author = await stage.student()
    subject = await stage.hand_in(author)
    await stage.decide(subject, Verdict.REQUEST_CHANGES, reason=Reason.SPAM, words="Kortere.")
    assert await next_of(stage, author, subject.id) is NextStep.CHANGE_AND_SUBMIT
    await shift(stage, opens=timedelta(hours=-2), closes=timedelta(hours=-1))
    assert await next_of(stage, author, subject.id) is NextStep.CAMPAIGN_OVER


async def test_next_step_outside_the_ages_says_so(stage: Stage) -> None:
    author = await stage.student()
    statement_id = await stage.draft(author)
    async with stage.db.transaction() as tx:
        await tx.execute("update campaign set least_age = 20, greatest_age = 30 where id = $1", stage.campaign_id)
    assert await next_of(stage, author, statement_id) is NextStep.OUTSIDE_AGES
    assert await refused(stage, author, statement_id)


async def test_next_step_of_a_pending_seat_is_the_teachers_yes(stage: Stage) -> None:
    author = await stage.student(confirmed=False)
    statement_id = await stage.draft(author)
    assert await next_of(stage, author, statement_id) is NextStep.WAIT_FOR_SEAT
    assert await refused(stage, author, statement_id)


async def test_next_step_while_a_yes_is_young_is_to_wait(stage: Stage) -> None:
    author = await stage.student(consents=())
    assert author.account_id is not None
    statement_id = await stage.draft(author, audience=Audience.CITY)
    assert await next_of(stage, author, statement_id) is NextStep.GET_CONSENT
    await stage.consent(author.account_id, [ConsentAudience.CITY], days_ago=0)
    assert await next_of(stage, author, statement_id) is NextStep.WAIT_FOR_CONSENT
    assert await refused(stage, author, statement_id)


@pytest.mark.parametrize(
    ("alt_text", "people", "step"),
    [
        (None, People.NONE, NextStep.FINISH_PICTURES),
        ("A gradient", None, NextStep.FINISH_PICTURES),
        ("A gradient", People.ONLY_ME, NextStep.GET_CONSENT),
        ("A gradient", People.NONE, NextStep.SUBMIT),
    ],
)
async def test_next_step_follows_the_pictures(
    stage: Stage, alt_text: str | None, people: People | None, step: NextStep
) -> None:
    author = await stage.student()
    statement_id = await stage.draft(author, asset_ids=[await stage.picture(author, alt_text=alt_text, people=people)])
    assert await next_of(stage, author, statement_id) is step
    assert await refused(stage, author, statement_id) is (step is not NextStep.SUBMIT)


async def test_next_step_of_a_picture_of_oneself_is_to_submit_once_there_is_a_yes_for_it(stage: Stage) -> None:
    author = await stage.student()
    assert author.account_id is not None
    statement_id = await stage.draft(author, asset_ids=[await stage.picture(author, people=People.ONLY_ME)])
    await stage.consent(author.account_id, [ConsentAudience.SCHOOL], purpose=ConsentPurpose.IDENTIFIABLE_MEDIA)
    assert await next_of(stage, author, statement_id) is NextStep.SUBMIT
    assert not await refused(stage, author, statement_id)


async def test_next_step_of_what_reports_hid_is_to_wait_until_somebody_looked(stage: Stage) -> None:
    author = await stage.student()
    subject = await stage.hand_in(author)
    await stage.approve(subject)
    report = {"kind": "statement", "subject_id": subject.id, "category": Category.SPAM}
    await report_subject(stage.db, DESK, stage.teacher, **report)  # type: ignore[arg-type]
    assert await next_of(stage, author, subject.id) is NextStep.WAIT_FOR_MODERATOR
    await stage.decide(subject, Verdict.HIDE, reason=Reason.SPAM)
    assert await next_of(stage, author, subject.id) is NextStep.READ_REASON


async def test_next_step_while_an_appeal_waits_is_its_answer(stage: Stage) -> None:
    author = await stage.student()
    subject = await stage.hand_in(author)
    decided = await stage.decide(subject, Verdict.REJECT, reason=Reason.SPAM)
    assert await next_of(stage, author, subject.id) is NextStep.READ_REASON
    appeal = await file_appeal(stage.db, DESK, author, decision_id=decided.decision.id, text="Det er ikke reklame.")
    assert await next_of(stage, author, subject.id) is NextStep.WAIT_FOR_APPEAL
    await decide_appeal(stage.db, DESK, stage.second, appeal.id, Answer(AppealState.UPHELD, "Nei.", "nb"))
    assert await next_of(stage, author, subject.id) is NextStep.READ_REASON
