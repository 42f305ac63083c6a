"""Who belongs to a campaign: whoever sits in a class that it reaches or has an office there. Nobody else reads it."""

from backend.campaigns.running import may_see
from backend.campaigns.store.campaigns import Campaign
from backend.core.database import Connection
from backend.core.ids import Id
from backend.core.viewer import ScopeKind, Viewer
from backend.places import store as places_store
from backend.topics.rules import Reach


async def reach_of(conn: Connection, viewer: Viewer) -> Reach:
    """Where the viewer belongs: cities of confirmed seats and of offices, campaigns of offices. A pending seat counts
    nowhere."""
    scopes: dict[ScopeKind, set[Id]] = {kind: set() for kind in ScopeKind}
    for grant in viewer.grants:
        if grant.scope_id is not None:
            scopes[grant.scope_kind].add(grant.scope_id)
    cities = scopes[ScopeKind.CITY] | {seat.city_id for seat in viewer.seats if seat.confirmed}
    schools = scopes[ScopeKind.SCHOOL]
    if scopes[ScopeKind.CLASS]:
        classes = await places_store.get_classes(conn, list(scopes[ScopeKind.CLASS]))
        schools = schools | {one.school_id for one in classes.values()}
    if schools:
        cities |= {one.city_id for one in (await places_store.get_schools(conn, list(schools))).values()}
    return Reach(
        everywhere=any(grant.scope_kind is ScopeKind.NETWORK for grant in viewer.grants),
        city_ids=frozenset(cities),
        campaign_ids=frozenset(scopes[ScopeKind.CAMPAIGN]),
    )


async def belongs_to(conn: Connection, viewer: Viewer, campaign: Campaign) -> bool:
    """Whether the viewer sees what others proposed in the campaign."""
    if viewer.account_id is None or not may_see(viewer, campaign):
        return False
    return (await reach_of(conn, viewer)).includes(campaign.id, campaign.city_id)
