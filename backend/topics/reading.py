"""Read proposals: a campaign's list, and single ones by id. Whoever proposed is told to nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.campaigns.running import may_see, scope_of
from backend.campaigns.store import campaigns as campaign_store
from backend.campaigns.store.campaigns import Campaign
from backend.core import policy
from backend.core.database import Database
from backend.core.ids import Id
from backend.core.paging import Key, Page, PageRequest, page_of
from backend.core.policy import Action
from backend.core.viewer import Viewer
from backend.topics import rules
from backend.topics.rules import ProposalState
from backend.topics.sight import belongs_to, reach_of
from backend.topics.store import lists as store
from backend.topics.store.lists import Listed


@dataclass(frozen=True, slots=True)
class Seen:
    """A proposal as one viewer sees it. `support_count` is None for all but its proposer and the editors."""

    row: Listed
    support_count: int | None
    answer_due_at: datetime | None
    is_overdue: bool


async def list_topics(
    db: Database,
    viewer: Viewer,
    campaign_id: Id,
    request: PageRequest,
    *,
    states: Sequence[ProposalState] | None = None,
) -> Page[Seen]:
    """A page of a campaign's proposals, the newest first: one's own in every state, of others what is shown or
    answered, for whoever belongs to the campaign. Raises Unauthenticated."""
    viewer.require_account()
    async with db.reading() as conn:
        now = await conn.now()
        campaign = await campaign_store.get_campaign(conn, campaign_id)
        if campaign is None or not may_see(viewer, campaign):
            return page_of(request, [], _key)
        sees_others = await belongs_to(conn, viewer, campaign)
        rows = await store.list_proposals(
            conn, _reader(viewer), campaign_id, request, sees_others=sees_others, states=states
        )
        return page_of(request, [_seen(viewer, row, campaign, now) for row in rows], _key)


async def find_topics(db: Database, viewer: Viewer, proposal_ids: Sequence[Id]) -> list[Seen]:
    """Those of the proposals that the viewer sees; nobody signed in sees none."""
    if viewer.account_id is None:
        return []
    async with db.reading() as conn:
        now = await conn.now()
        rows = await store.find_proposals(conn, _reader(viewer), proposal_ids)
        ids = list({row.campaign_id for row in rows})
        campaigns = {one.id: one for one in await campaign_store.find_campaigns(conn, ids) if may_see(viewer, one)}
        reach = await reach_of(conn, viewer)
    return [
        _seen(viewer, row, campaigns[row.campaign_id], now)
        for row in rows
        if row.campaign_id in campaigns and (row.is_own or reach.includes(row.campaign_id, row.city_id))
    ]


def _reader(viewer: Viewer) -> Id | None:
    """A sealed session reads as a member of its classes but not as the person: it must not tell what is theirs."""
    return None if viewer.is_sealed else viewer.account_id


def _seen(viewer: Viewer, row: Listed, campaign: Campaign, now: datetime) -> Seen:
    counts = row.is_own or policy.can(viewer, Action.CAMPAIGN_RUN, scope_of(campaign))
    return Seen(
        row=row,
        support_count=row.support_count if counts else None,
        answer_due_at=rules.answer_due_at(row.shown_at),
        is_overdue=rules.is_overdue(row.state, row.shown_at, now),
    )


def _key(seen: Seen) -> Key:
    return Key(seen.row.proposed_at, seen.row.id)
