"""Hand a statement in: every guard is checked at once, then it lies before its reviewers."""

from collections.abc import Sequence

import media.attaching
from backend.accounts import store as account_store
from backend.accounts.pseudonyms import has_blocked_word
from backend.campaigns import coverage, rules
from backend.campaigns.config import CampaignSettings
from backend.campaigns.drafting import lock_own
from backend.campaigns.rules import Review, Visibility
from backend.campaigns.running import check_city
from backend.campaigns.store import campaigns as campaign_store
from backend.campaigns.store import pictures, progress
from backend.campaigns.store import statements as store
from backend.campaigns.store.campaigns import Campaign
from backend.campaigns.store.statements import Revision, Statement
from backend.core import audit
from backend.core.database import Database, Transaction
from backend.core.errors import Conflict, NotAllowed, not_found
from backend.core.ids import Id
from backend.core.viewer import Viewer
from backend.places import store as places_store
from media.captions.captioning import captions_of, spoken
from media.recognising import removed
from moderation.opening import open_case
from moderation.school_days import after_school_days
from moderation.screening import PHASES, Finding, added, listed_words, screen
from moderation.subjects import Requirement, Subject

_PHASES = (*PHASES, listed_words(has_blocked_word))
_REMOVED_BEFORE = Finding("removed_before", severity=1, holds=True)


async def submit_statement(
    db: Database,
    viewer: Viewer,
    settings: CampaignSettings,
    *,
    statement_id: Id,
    revision_id: Id,
    version: int,
) -> None:
    """Hand in the revision that the author looked at; the same one again is harmless.

    Raises NotFound, Conflict (another state, another version, lessons missing, a city without leads), Closed,
    ConsentRequired, NotAllowed, ValidationFailed (a picture without alt text, a movie without captions).
    """
    async with db.transaction() as tx:
        author_id = viewer.require_active()
        statement = await lock_own(tx, statement_id, author_id)
        revision = await store.get_revision(tx, statement.latest_revision_id)
        if revision.id == revision_id and revision.version == version and revision.review in rules.WAITING_REVIEWS:
            return
        _check_state(statement, revision, revision_id, version)
        campaign = await campaign_store.share_campaign(tx, statement.campaign_id)
        if campaign is None:
            raise not_found("campaign", statement.campaign_id)
        rules.check_open(campaign.times, await tx.now())
        await _check_author(tx, viewer, author_id, statement, campaign)
        assets = await pictures.list_assets(tx, [revision_id])
        at_school = statement.class_id is not None or bool(viewer.seats)
        await coverage.require_covered(tx, author_id, revision.audience, assets, at_school=at_school)
        captions_in = rules.captions_needed(revision.audience, revision.language)
        await media.attaching.require_clean(tx, author_id, assets, captions_in=captions_in)
        await _hand_over(tx, settings, author_id, statement, revision, campaign, assets)
        await audit.record(
            tx, author_id, "author:statement:submitted", ("statement", statement_id), revision=revision_id
        )


def _check_state(statement: Statement, revision: Revision, revision_id: Id, version: int) -> None:
    if statement.visibility not in {Visibility.UNPUBLISHED, Visibility.PUBLISHED}:
        raise Conflict(state=statement.visibility)
    if revision.review is not Review.DRAFT:
        raise Conflict(state=revision.review)
    if revision.id != revision_id or revision.version != version:
        raise Conflict("newer_version", state=revision.review, path=("version",))


async def _check_author(
    tx: Transaction, viewer: Viewer, author_id: Id, statement: Statement, campaign: Campaign
) -> None:
    if campaign.city_id is None and statement.city_id is not None:  # a city may have come in after the opening
        for city in (await places_store.get_cities(tx, [statement.city_id])).values():
            await check_city(tx, city)
    if (campaign.course, campaign.course_version) not in await progress.passed_courses(tx, author_id):
        raise Conflict("course_not_passed", state="COURSE_NOT_PASSED")
    if statement.class_id is not None and not viewer.confirmed_in(statement.class_id):
        raise NotAllowed("seat_not_confirmed")
    if statement.class_id is None and viewer.seats and not any(seat.confirmed for seat in viewer.seats):
        raise NotAllowed("seat_not_confirmed")
    account = await account_store.get_account(tx, author_id)
    rules.check_age(
        account.birth_year if account else None,
        await tx.now(),
        least=campaign.least_age,
        greatest=campaign.greatest_age,
    )


async def _hand_over(
    tx: Transaction,
    settings: CampaignSettings,
    author_id: Id,
    statement: Statement,
    revision: Revision,
    campaign: Campaign,
    assets: Sequence[Id],
) -> None:
    """Screened and before its reviewers in one transaction: it is never lost between two of them."""
    translations = (await store.translations_of(tx, [revision.id])).get(revision.id, [])
    captions = await captions_of(tx, assets)
    words = [revision.text, *(one.text for one in translations), *map(spoken, captions)]
    screening = screen("\n".join(words), _PHASES)
    if await removed.were_removed(tx, assets):
        screening = added(screening, _REMOVED_BEFORE)
    review = Review.HELD if screening.is_held else Review.IN_REVIEW
    if not await store.hand_in(tx, revision.id, review):
        raise Conflict(state=revision.review)
    now = await tx.now()
    has_teacher = statement.class_id is not None and not statement.skips_teacher
    await open_case(
        tx,
        subject=Subject("statement", statement.id, revision.id, revision.version),
        place=statement.scope,
        author_id=author_id,
        requirement=Requirement(
            keys=rules.keys_needed(revision.audience),
            language=revision.language,
            zone=campaign.zone,
            teacher_until=after_school_days(now, settings.teacher_school_days, zone=campaign.zone)
            if has_teacher
            else None,
            translations=tuple(one.language for one in translations),
            skip_teacher=statement.skips_teacher,
        ),
        severity=screening.severity,
        is_held=screening.is_held,
        tags=screening.tags,
    )
