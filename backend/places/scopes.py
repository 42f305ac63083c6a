"""From a place's id to the scope around it: what roles are checked against."""

from backend.core.database import Connection
from backend.core.ids import Id
from backend.core.viewer import Scope
from backend.places import store


async def scope_of_city(conn: Connection, city_id: Id) -> Scope | None:
    """The scope of a city; None when there is none."""
    return Scope(city_id=city_id) if await store.get_city(conn, city_id) else None


async def scope_of_school(conn: Connection, school_id: Id) -> Scope | None:
    """The scope of a school with its city; None when there is none."""
    school = await store.get_school(conn, school_id)
    return Scope(city_id=school.city_id, school_id=school.id) if school else None


async def scope_of_class(conn: Connection, class_id: Id) -> Scope | None:
    """The scope of a class with its school and city; None when there is none."""
    found = await store.get_class(conn, class_id)
    return found.scope if found else None
