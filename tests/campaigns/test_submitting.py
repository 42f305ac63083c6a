"""Handing in: every guard says no with its own code and changes nothing; what passes lies before its reviewers once."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.accounts.consent import Answered
from backend.accounts.consent_rules import (
    WORDING,
    ConsentAnswer,
    ConsentAudience,
    ConsentGiver,
    ConsentPurpose,
    Question,
)
from backend.accounts.guardian_keys import answer_by_key
from backend.accounts.guardian_requests import request_consent
from backend.campaigns import running, submitting
from backend.campaigns.rules import Audience, Review, Visibility
from backend.core.clock import time_shifted
from backend.core.errors import (
    Closed,
    Conflict,
    ConsentRequired,
    DomainError,
    NotAllowed,
    NotFound,
    Unauthenticated,
    ValidationFailed,
)
from backend.core.ids import Id, new_id
from backend.core.viewer import ANONYMOUS, Viewer
from backend.places.joining import join_class
from media.rules import People
from tests.campaigns.stage import CAMPAIGN_SETTINGS, Stage, new_campaign, together
from tests.places.town import SETTINGS, make_town, viewer_of

PUBLISH_CITY = Question(ConsentPurpose.PUBLISH, ConsentAudience.CITY)


async def refused(stage: Stage, author: Viewer, statement_id: Id, kind: type[DomainError], code: str) -> Any:
    """Handing it in is refused with this code, and nothing has changed."""
    with pytest.raises(kind) as caught:
        await stage.submit(author, statement_id)
    assert caught.value.code == code
    assert await stage.state(statement_id) == (Visibility.UNPUBLISHED, Review.DRAFT)
    assert await stage.value("select count(*) from moderation_case") == 0
    return caught.value


async def test_submit_again_and_at_the_same_time_opens_one_case(stage: Stage) -> None:
    author = await stage.student()
    statement_id = await stage.draft(author)
    done, errors = await together(*(stage.submit(author, statement_id) for _ in range(5)))
    assert (len(done), errors) == (5, [])
    await stage.submit(author, statement_id)
    assert await stage.value("select count(*) from moderation_case") == 1
    assert await stage.value("select cycle from moderation_case") == 1
    assert await stage.value("select count(*) from audit_entry where action = 'author:statement:submitted'") == 1


async def test_submit_without_the_course_is_refused(stage: Stage) -> None:
    author = await stage.student(passed=False)
    statement_id = await stage.draft(author)
    await refused(stage, author, statement_id, Conflict, "course_not_passed")
    assert (await stage.own(author, statement_id))[1] == "FINISH_COURSE"
    await stage.pass_course(author.require_account())
    await stage.submit(author, statement_id)


@pytest.mark.parametrize("audience", list(Audience))
async def test_submit_without_consent_is_refused_for_every_audience(stage: Stage, audience: Audience) -> None:
    author = await stage.student(consents=[one for one in ConsentAudience if one != audience.value])
    statement_id = await stage.draft(author, audience=audience)
    problem = await refused(stage, author, statement_id, ConsentRequired, "consent_self_missing")
    assert (problem.purpose, problem.audience) == ("PUBLISH", audience)
    assert (await stage.own(author, statement_id))[1] == "GET_CONSENT"


async def test_submit_young_authors_city_statement_needs_the_guardian(stage: Stage) -> None:
    author = await stage.student(consents=())
    account_id = author.require_account()
    async with stage.db.transaction() as tx:
        await tx.execute("update account set birth_year = 2014 where id = $1", account_id)
    statement_id = await stage.draft(author, audience=Audience.CITY)
    await stage.consent(account_id, [ConsentAudience.CITY], givers=[ConsentGiver.SELF])
    await refused(stage, author, statement_id, ConsentRequired, "consent_guardian_missing")
    await stage.consent(account_id, [ConsentAudience.CITY], givers=[ConsentGiver.GUARDIAN])
    await stage.submit(author, statement_id)


async def mailed_yes(stage: Stage, author: Viewer) -> None:
    """The child asks a guardian by mail, and somebody answers yes with the key."""
    asked = await request_consent(stage.db, SETTINGS.accounts, author, [PUBLISH_CITY], guardian_email="me@example.org")
    yes = [Answered(PUBLISH_CITY, ConsentAnswer.YES)]
    with time_shifted(timedelta(days=-3)):
        await answer_by_key(stage.db, SETTINGS.accounts, ANONYMOUS, asked.slip.code, yes, wording=WORDING)


async def test_guardians_yes_by_mail_carries_what_is_said_outside_a_class_only(stage: Stage) -> None:
    author = await stage.outsider()
    account_id = author.require_account()
    async with stage.db.transaction() as tx:
        await tx.execute("update account set birth_year = 2014 where id = $1", account_id)
    await stage.pass_course(account_id)
    await stage.consent(account_id, [ConsentAudience.CITY], givers=[ConsentGiver.SELF])
    await mailed_yes(stage, author)
    outside = await stage.publish(author, audience=Audience.CITY)
    joined = await join_class(stage.db, author, SETTINGS, code=await stage.town.code(), newcomer=None)
    await stage.town.confirm(joined.seat.id)
    author = await viewer_of(stage.db, account_id)
    assert await stage.sees(ANONYMOUS, outside)
    inside = await stage.draft(author, audience=Audience.CITY)
    with pytest.raises(ConsentRequired, match="consent_guardian_missing"):
        await stage.submit(author, inside)
    assert (await stage.own(author, inside))[1] == "GET_CONSENT"


async def test_submit_city_consent_counts_after_a_day(stage: Stage) -> None:
    author = await stage.student(consents=())
    statement_id = await stage.draft(author, audience=Audience.CITY)
    await stage.consent(author.require_account(), [ConsentAudience.CITY], days_ago=0)
    await refused(stage, author, statement_id, ConsentRequired, "consent_not_yet")
    with time_shifted(timedelta(hours=24, seconds=1)):
        await stage.submit(author, statement_id)


async def test_submit_that_waited_for_a_lock_past_the_deadline_is_too_late(stage: Stage) -> None:
    author = await stage.student()
    statement_id = await stage.draft(author)
    async with stage.db.transaction() as tx:
        await tx.execute(
            "update campaign set closes_at = clock_timestamp() + interval '1 second' where id = $1", stage.campaign_id
        )
    async with stage.db.transaction() as tx:
        await tx.execute("select from statement where id = $1 for update", statement_id)
        waiting = asyncio.create_task(stage.submit(author, statement_id))
        await tx.fetch_value("select pg_sleep(1.2)")
        assert not waiting.done()
    with pytest.raises(Closed, match="campaign_closed"):
        await waiting
    assert await stage.state(statement_id) == (Visibility.UNPUBLISHED, Review.DRAFT)


async def test_submit_from_a_pending_seat_is_refused(stage: Stage) -> None:
    author = await stage.student(confirmed=False)
    statement_id = await stage.draft(author, audience=Audience.CITY)
    await refused(stage, author, statement_id, NotAllowed, "seat_not_confirmed")


async def test_submit_after_losing_the_seat_is_refused(stage: Stage) -> None:
    author = await stage.student()
    statement_id = await stage.draft(author)
    async with stage.db.transaction() as tx:
        await tx.execute(
            "update seat set status = 'REMOVED', ended_at = now() where account_id = $1", author.account_id
        )
    now_outside = await viewer_of(stage.db, author.require_account())
    await refused(stage, now_outside, statement_id, NotAllowed, "seat_not_confirmed")


async def test_submit_somebody_elses_draft_is_not_found(stage: Stage) -> None:
    author, other = await stage.student(), await stage.student()
    statement_id = await stage.draft(author)
    await refused(stage, other, statement_id, NotFound, "not_found")
    await refused(stage, stage.teacher, statement_id, NotFound, "not_found")
    with pytest.raises(Unauthenticated):
        await stage.submit(ANONYMOUS, statement_id)
    with pytest.raises(NotFound):
        await submitting.submit_statement(
            stage.db, author, CAMPAIGN_SETTINGS, statement_id=new_id(), revision_id=new_id(), version=1
        )


async def test_submit_by_the_databases_clock_before_and_after_the_campaign(stage: Stage) -> None:
    author, secretariat = await stage.student(), stage.town.secretariat
    campaign_id = await running.create_campaign(stage.db, secretariat, new_campaign(stage.town.city.id))
    now = datetime.now(UTC)
    await running.open_campaign(
        stage.db, secretariat, campaign_id, opens_at=now + timedelta(hours=1), closes_at=now + timedelta(hours=2)
    )
    statement_id = await stage.draft(author, campaign_id=campaign_id)
    await refused(stage, author, statement_id, Closed, "campaign_not_open")
    with time_shifted(timedelta(hours=2, seconds=1)):
        await refused(stage, author, statement_id, Closed, "campaign_closed")
        with pytest.raises(Closed):
            await stage.draft(author, campaign_id=campaign_id)
    with time_shifted(timedelta(hours=1, seconds=1)):
        await stage.submit(author, statement_id)


async def test_submit_to_a_closed_campaign_is_refused(stage: Stage) -> None:
    author = await stage.student()
    statement_id = await stage.draft(author)
    await running.close_campaign(stage.db, stage.town.secretariat, stage.campaign_id)
    await refused(stage, author, statement_id, Closed, "campaign_closed")


async def test_submit_and_closing_at_the_same_time_agree(stage: Stage) -> None:
    author = await stage.student()
    statement_id = await stage.draft(author)
    done, errors = await together(
        stage.submit(author, statement_id),
        running.close_campaign(stage.db, stage.town.secretariat, stage.campaign_id),
    )
    was_submitted = (await stage.state(statement_id))[1] is Review.IN_REVIEW
    assert was_submitted is (not errors)
    assert len(done) == 2 - len(errors)


@pytest.mark.parametrize(("least", "greatest", "fits"), [(13, 19, True), (17, None, False), (None, 15, False)])
async def test_submit_outside_the_age_range_is_refused(
    stage: Stage, least: int | None, greatest: int | None, fits: bool
) -> None:
    author, secretariat = await stage.student(), stage.town.secretariat
    campaign_id = await running.create_campaign(
        stage.db, secretariat, new_campaign(stage.town.city.id, least_age=least, greatest_age=greatest)
    )
    await running.open_campaign(stage.db, secretariat, campaign_id)
    statement_id = await stage.draft(author, campaign_id=campaign_id)
    async with stage.db.transaction() as tx:  # turns sixteen this year
        await tx.execute(
            "update account set birth_year = extract(year from now())::int - 16 where id = $1", author.account_id
        )
    if fits:
        await stage.submit(author, statement_id)
    else:
        await refused(stage, author, statement_id, ValidationFailed, "age_outside_campaign")


async def test_submit_without_a_birth_year_to_a_campaign_for_an_age_is_refused(stage: Stage) -> None:
    author, secretariat = await stage.student(), stage.town.secretariat
    campaign_id = await running.create_campaign(stage.db, secretariat, new_campaign(stage.town.city.id, least_age=13))
    await running.open_campaign(stage.db, secretariat, campaign_id)
    statement_id = await stage.draft(author, campaign_id=campaign_id, audience=Audience.CLASS)
    async with stage.db.transaction() as tx:
        await tx.execute("update account set birth_year = null where id = $1", author.account_id)
    with pytest.raises((ValidationFailed, ConsentRequired)):
        await stage.submit(author, statement_id)


async def test_submit_another_version_than_the_latest_is_refused(stage: Stage) -> None:
    author = await stage.student()
    statement_id = await stage.draft(author)
    seen = await stage.subject(statement_id)
    await stage.revise(author, statement_id, "Skrevet på en annen telefon.")
    with pytest.raises(Conflict, match="newer_version"):
        await submitting.submit_statement(
            stage.db, author, CAMPAIGN_SETTINGS, statement_id=statement_id, revision_id=seen.revision_id,
            version=seen.version,
        )  # fmt: skip
    assert (await stage.state(statement_id))[1] is Review.DRAFT


async def test_submit_withdrawn_or_published_is_refused_with_its_state(stage: Stage) -> None:
    author = await stage.student()
    gone, published = await stage.draft(author), await stage.publish(author)
    await stage.withdraw(author, gone)
    for statement_id, state in ((gone, "WITHDRAWN"), (published, "APPROVED")):
        with pytest.raises(Conflict) as caught:
            await stage.submit(author, statement_id)
        assert caught.value.state == state


async def test_submit_restricted_or_sealed_viewer_is_refused(stage: Stage) -> None:
    author = await stage.student()
    statement_id = await stage.draft(author)
    await refused(stage, replace(author, is_restricted=True), statement_id, NotAllowed, "account_restricted")
    sealed = replace(author, sealed_until=datetime.now(UTC) + timedelta(hours=1))
    await refused(stage, sealed, statement_id, Conflict, "sealed_after_reset")


async def test_submit_picture_must_be_clean_and_described(stage: Stage) -> None:
    author = await stage.student()
    raw = await stage.picture(author, process=False)
    mute = await stage.picture(author, alt_text=None)
    unsaid = await stage.picture(author, people=None)
    for asset_id, kind, code in (
        (raw, Conflict, "asset_not_ready"),
        (mute, ValidationFailed, "alt_text_missing"),
        (unsaid, ValidationFailed, "people_missing"),
    ):
        statement_id = await stage.draft(author, asset_ids=[asset_id])
        await refused(stage, author, statement_id, kind, code)


async def test_submit_picture_of_oneself_needs_a_consent_of_its_own(stage: Stage) -> None:
    author = await stage.student()
    asset_id = await stage.picture(author, people=People.ONLY_ME)
    statement_id = await stage.draft(author, asset_ids=[asset_id], audience=Audience.CITY)
    problem = await refused(stage, author, statement_id, ConsentRequired, "consent_self_missing")
    assert problem.purpose == "IDENTIFIABLE_MEDIA"
    await stage.consent(author.require_account(), [ConsentAudience.CITY], purpose=ConsentPurpose.IDENTIFIABLE_MEDIA)
    await stage.submit(author, statement_id)


async def test_draft_for_a_campaign_of_another_city_is_refused(stage: Stage) -> None:
    elsewhere = await make_town(stage.db, secretariat=stage.town.secretariat)
    joined = await elsewhere.join("Blue Fox")
    stranger = await viewer_of(stage.db, joined.seat.account_id)
    with pytest.raises(NotAllowed, match="campaign_of_another_city"):
        await stage.draft(stranger)


async def test_listed_word_is_shown_to_the_reviewer_and_holds_nothing(stage: Stage) -> None:
    author = await stage.student()
    statement_id = await stage.draft(author, "De kalte meg blatte.")
    await stage.submit(author, statement_id)
    assert await stage.value("select tags from moderation_case where subject_id = $1", statement_id) == ["listed_word"]
    assert (await stage.state(statement_id))[1] is Review.IN_REVIEW


async def test_submit_from_a_city_that_came_in_later_waits_for_its_leads(stage: Stage) -> None:
    network = await running.create_campaign(stage.db, stage.town.secretariat, new_campaign(None))
    await running.open_campaign(stage.db, stage.town.secretariat, network)
    author = await stage.student()
    statement_id = await stage.draft(author, campaign_id=network)
    async with stage.db.transaction() as tx:
        await tx.execute("update city set safeguarding_hours = null where id = $1", stage.town.city.id)
    await refused(stage, author, statement_id, Conflict, "no_safeguarding_hours")
    assert (await stage.own(author, statement_id))[1] == "WAIT_FOR_CAMPAIGN"
    async with stage.db.transaction() as tx:
        await tx.execute("update city set safeguarding_hours = '08-20' where id = $1", stage.town.city.id)
    assert (await stage.own(author, statement_id))[1] == "SUBMIT"
    await stage.submit(author, statement_id)
