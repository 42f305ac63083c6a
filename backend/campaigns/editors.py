"""Who runs a campaign, for what somebody there has to be told."""

from backend.core.database import Connection
from backend.core.ids import Id
from backend.core.viewer import Role, ScopeKind
from backend.places import role_store


async def editors_of(conn: Connection, campaign_id: Id) -> list[Id]:
    """Who runs the campaign now: its editors, or the secretariat where there is none."""
    editors = await role_store.holders_of(conn, Role.EDITOR, ScopeKind.CAMPAIGN, [campaign_id])
    return editors or await role_store.holders_in_network(conn, Role.SECRETARIAT)
