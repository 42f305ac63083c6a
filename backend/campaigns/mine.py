"""My statements and what happened to them, with the next step for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import media.attaching
import media.service
from backend.accounts import store as account_store
from backend.accounts.consent_rules import ConsentPurpose, Why
from backend.campaigns import coverage
from backend.campaigns.coverage import Asked, tells_who
from backend.campaigns.rules import (
    Audience,
    CampaignStatus,
    NextStep,
    Readiness,
    captions_needed,
    effective_status,
    fits_ages,
    next_step,
)
from backend.campaigns.store import campaigns as campaign_store
from backend.campaigns.store import feed, progress
from backend.campaigns.store.attached import attached_to
from backend.campaigns.store.campaigns import Campaign
from backend.campaigns.store.feed import Own
from backend.core.database import Connection, Database
from backend.core.ids import Id
from backend.core.paging import Key, Page, PageRequest, page_of
from backend.core.viewer import Viewer
from backend.places import leads
from backend.places import store as places_store
from media.views import AssetView
from moderation.queue_store import Outlook, find_outlooks


@dataclass(frozen=True, slots=True)
class Standing:
    """What of the author, the campaigns and the reviewers decides the next steps."""

    viewer: Viewer
    now: datetime
    birth_year: int | None
    passed: frozenset[tuple[str, int]]
    consents: Mapping[Asked, str | None]
    campaigns: Mapping[Id, Campaign]
    unready_cities: frozenset[Id]
    outlooks: Mapping[Id, Outlook]
    pictures: Mapping[Id, Sequence[AssetView]]

    def next_step(self, row: Own) -> NextStep:
        """The next step of one of the author's statements."""
        outlook = self.outlooks.get(row.id)
        return next_step(
            visibility=row.visibility,
            review=row.review,
            ready=self._readiness(row),
            with_teacher=outlook is not None and outlook.with_teacher,
            hidden_for_now=outlook is not None and outlook.hidden_for_now,
            appealed=outlook is not None and outlook.appealed,
        )

    def _readiness(self, row: Own) -> Readiness:
        campaign = self.campaigns[row.campaign_id]
        pictures = self.pictures.get(row.revision_id, ())
        missing = self._missing_consents(row.audience, pictures)
        captions_in = captions_needed(row.audience, row.language)
        is_ready = campaign.city_id is not None or self._city_of(row) not in self.unready_cities
        return Readiness(
            campaign=effective_status(campaign.times, self.now) if is_ready else CampaignStatus.DRAFT,
            fits_ages=fits_ages(self.birth_year, self.now, least=campaign.least_age, greatest=campaign.greatest_age),
            course_passed=(row.course, row.course_version) in self.passed,
            seat_confirmed=self._is_seated(row.class_id),
            consent_given=missing <= {Why.NOT_YET},
            consent_in_force=not missing,
            pictures_ready=all(media.attaching.is_ready(one) for one in pictures),
            captions_open=all(media.attaching.may_have_captions(one, captions_in) for one in pictures),
            captions_ready=all(media.attaching.has_captions(one, captions_in) for one in pictures),
        )

    def _city_of(self, row: Own) -> Id | None:
        return next((seat.city_id for seat in self.viewer.seats if seat.class_id == row.class_id), None)

    def _is_seated(self, class_id: Id | None) -> bool:
        if class_id is not None:
            return self.viewer.confirmed_in(class_id)
        return not self.viewer.seats or any(seat.confirmed for seat in self.viewer.seats)

    def _missing_consents(self, audience: Audience, pictures: Sequence[AssetView]) -> set[str]:
        asked = [ConsentPurpose.PUBLISH]
        asked += [ConsentPurpose.IDENTIFIABLE_MEDIA] if any(map(tells_who, pictures)) else []
        why = (self.consents.get((purpose, audience), Why.SELF_MISSING) for purpose in asked)
        return {one for one in why if one is not None}


async def list_own(db: Database, viewer: Viewer, request: PageRequest) -> tuple[Page[Own], Standing]:
    """A page of the viewer's own statements in every state. Raises Conflict while the session is sealed."""
    account_id = viewer.require_account()
    async with db.reading() as conn:
        viewer.require_unsealed()
        now = await conn.now()
        rows = await feed.list_own(conn, account_id, request)
        standing = await _standing(conn, viewer, rows, now)
    return page_of(request, rows, lambda row: Key(row.created_at, row.id)), standing


async def find_own(db: Database, viewer: Viewer, statement_ids: Sequence[Id]) -> tuple[list[Own], Standing | None]:
    """Those of the statements that are the viewer's own; none while the session is sealed or nobody is signed in."""
    if viewer.account_id is None:
        return [], None
    async with db.reading() as conn:
        now = await conn.now()
        rows = [] if viewer.is_sealed else await feed.find_own(conn, viewer.account_id, statement_ids)
        return rows, await _standing(conn, viewer, rows, now) if rows else None


async def _standing(conn: Connection, viewer: Viewer, rows: Sequence[Own], now: datetime) -> Standing:
    account_id = viewer.require_account()
    account = await account_store.get_account(conn, account_id)
    campaigns = await campaign_store.find_campaigns(conn, list({row.campaign_id for row in rows}))
    return Standing(
        viewer=viewer,
        now=now,
        birth_year=account.birth_year if account else None,
        passed=frozenset(await progress.passed_courses(conn, account_id)),
        consents=await coverage.why_not_covered(conn, account_id, now, at_school=bool(viewer.seats)),
        campaigns={campaign.id: campaign for campaign in campaigns},
        unready_cities=await _unready_cities(conn, viewer, campaigns),
        outlooks=await find_outlooks(conn, "statement", [row.id for row in rows], now),
        pictures=await _pictures(conn, rows),
    )


async def _unready_cities(conn: Connection, viewer: Viewer, campaigns: Sequence[Campaign]) -> frozenset[Id]:
    """The viewer's cities that have no adults yet who pick up a child at risk: asked where the whole network speaks."""
    if all(campaign.city_id is not None for campaign in campaigns):
        return frozenset()
    cities = await places_store.get_cities(conn, list({seat.city_id for seat in viewer.seats}))
    return frozenset([city.id for city in cities.values() if await leads.why_not_ready(conn, city) is not None])


async def _pictures(conn: Connection, rows: Sequence[Own]) -> dict[Id, list[AssetView]]:
    attached = await attached_to(conn, [row.revision_id for row in rows])
    wanted = {one for row in attached for one in row.asset_ids}
    found = await media.service.assets_for(conn, wanted) if wanted else {}
    return {row.revision_id: [found[one] for one in row.asset_ids if one in found] for row in attached}
