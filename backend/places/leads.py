"""Safeguarding leads of a city: nobody is invited to speak without two of them and published hours."""

from backend.core.database import Connection
from backend.core.ids import Id
from backend.core.viewer import Role, ScopeKind
from backend.places import role_store
from backend.places.records import City

LEADS_NEEDED = 2


async def list_leads(conn: Connection, city_id: Id) -> list[Id]:
    """The accounts of the city's leads in office now, in id order."""
    return await role_store.holders_of(conn, Role.SAFEGUARDING_LEAD, ScopeKind.CITY, [city_id])


async def count_leads(conn: Connection, city_id: Id) -> int:
    """How many leads the city has now."""
    return len(await list_leads(conn, city_id))


async def why_not_ready(conn: Connection, city: City) -> str | None:
    """None when adults of the city pick up a child at risk, else `too_few_leads` or `no_safeguarding_hours`."""
    if await count_leads(conn, city.id) < LEADS_NEEDED:
        return "too_few_leads"
    return None if city.safeguarding_hours else "no_safeguarding_hours"
