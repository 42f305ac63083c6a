"""Safeguarding leads of a city: no campaign opens without two of them and published hours."""

from backend.core.database import Connection
from backend.core.ids import Id
from backend.core.viewer import Role, ScopeKind
from backend.places import role_store


async def list_leads(conn: Connection, city_id: Id) -> list[Id]:
    """The accounts of the city's leads in office now, in id order."""
    return await role_store.holders_of(conn, Role.SAFEGUARDING_LEAD, ScopeKind.CITY, [city_id])


async def count_leads(conn: Connection, city_id: Id) -> int:
    """How many leads the city has now."""
    return len(await list_leads(conn, city_id))
