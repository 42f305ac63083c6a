"""What may be read of places: each function gives only what its viewer may see."""

from collections.abc import Sequence

from backend.core.database import Connection, Database
from backend.core.errors import not_found
from backend.core.ids import Id
from backend.core.paging import Page, PageRequest
from backend.core.policy import GRANTORS, Action, can
from backend.core.viewer import Role, Scope, Viewer
from backend.places import role_store, seat_store, store
from backend.places.records import City, ClassCode, RoleGrant, RosterSeat, School, SchoolClass
from backend.places.rules import SeatStatus
from backend.places.seat_store import SeatCounts
from backend.places.visibility import can_see_class, can_see_code, can_see_roster


async def list_cities(db: Database, request: PageRequest) -> Page[City]:
    """The member cities: public."""
    async with db.reading() as conn:
        return await store.list_cities(conn, request)


async def list_schools(db: Database, city_id: Id, request: PageRequest) -> Page[School]:
    """A city's schools: public."""
    async with db.reading() as conn:
        return await store.list_schools(conn, city_id, request)


async def cities_by_id(db: Database, city_ids: Sequence[Id]) -> dict[Id, City]:
    """Cities: public."""
    async with db.reading() as conn:
        return await store.get_cities(conn, city_ids)


async def schools_by_id(db: Database, school_ids: Sequence[Id]) -> dict[Id, School]:
    """Schools: public."""
    async with db.reading() as conn:
        return await store.get_schools(conn, school_ids)


async def classes_by_id(db: Database, viewer: Viewer, class_ids: Sequence[Id]) -> dict[Id, SchoolClass]:
    """Those of the classes that the viewer may see."""
    async with db.reading() as conn:
        found = await store.get_classes(conn, class_ids)
    return {class_id: row for class_id, row in found.items() if can_see_class(viewer, row.scope)}


async def list_classes(db: Database, viewer: Viewer, school_id: Id, request: PageRequest) -> Page[SchoolClass]:
    """A school's classes, for the staff of school, city and network. Raises NotFound."""
    async with db.reading() as conn:
        school = await store.get_school(conn, school_id)
        if school is None or not can(viewer, Action.SCHOOL_VIEW, Scope(city_id=school.city_id, school_id=school.id)):
            raise not_found("School")
        return await store.list_classes_of_school(conn, school_id, request)


async def list_own_classes(db: Database, viewer: Viewer, request: PageRequest) -> Page[SchoolClass]:
    """The classes that the viewer teaches or sits in, newest first."""
    viewer.require_account()
    taught = [grant.scope_id for grant in viewer.grants if grant.role is Role.TEACHER and grant.scope_id]
    async with db.reading() as conn:
        return await store.list_classes_by_id(conn, [*taught, *(seat.class_id for seat in viewer.seats)], request)


async def codes_of(db: Database, viewer: Viewer, class_ids: Sequence[Id]) -> dict[Id, ClassCode]:
    """The codes in force of those classes that the viewer teaches."""
    async with db.reading() as conn:
        classes = await store.get_classes(conn, class_ids)
        mine = [class_id for class_id, row in classes.items() if can_see_code(viewer, row.scope)]
        return await store.get_codes(conn, mine) if mine else {}


async def seat_counts_of(db: Database, viewer: Viewer, class_ids: Sequence[Id]) -> dict[Id, SeatCounts]:
    """Pending and confirmed seats of those classes whose roster the viewer may see."""
    async with db.reading() as conn:
        classes = await store.get_classes(conn, class_ids)
        mine = [class_id for class_id, row in classes.items() if can_see_roster(viewer, row.scope)]
        counts = await seat_store.count_seats_of(conn, mine) if mine else {}
    return {class_id: counts.get(class_id, SeatCounts(0, 0)) for class_id in mine}


async def list_roster(
    db: Database, viewer: Viewer, class_id: Id, statuses: Sequence[SeatStatus], request: PageRequest
) -> Page[RosterSeat]:
    """A class's seats in the order of joining, for its teachers and the school's administration. Raises NotFound."""
    async with db.reading() as conn:
        found = await store.get_class(conn, class_id)
        if found is None or not can_see_roster(viewer, found.scope):
            raise not_found("SchoolClass")
        return await seat_store.list_roster(conn, class_id, statuses, request)


async def seats_by_id(db: Database, viewer: Viewer, seat_ids: Sequence[Id]) -> dict[Id, RosterSeat]:
    """Those of the seats that are the viewer's own or in a class whose roster they may see."""
    async with db.reading() as conn:
        seats = await seat_store.get_roster_seats(conn, seat_ids)
        return {seat.id: seat for seat in await _visible(conn, viewer, seats)}


async def list_own_seats(db: Database, viewer: Viewer) -> list[RosterSeat]:
    """All seats that the viewer has or had, oldest first; at most 100."""
    account_id = viewer.require_account()
    async with db.reading() as conn:
        return await seat_store.list_own_seats(conn, account_id)


async def list_own_roles(db: Database, viewer: Viewer) -> list[RoleGrant]:
    """The viewer's roles in force, whether or not this session passed the second factor."""
    account_id = viewer.require_account()
    async with db.reading() as conn:
        return await role_store.list_own_in_force(conn, account_id)


async def roles_by_id(db: Database, viewer: Viewer, grant_ids: Sequence[Id]) -> dict[Id, RoleGrant]:
    """Those of the roles that are the viewer's own, or that they granted in an office that they still hold."""
    async with db.reading() as conn:
        grants = await role_store.get_grants(conn, grant_ids)
    return {grant.id: grant for grant in grants if _may_see_role(viewer, grant)}


def _may_see_role(viewer: Viewer, grant: RoleGrant) -> bool:
    if viewer.account_id is None:
        return False
    is_in_office = any(held.role in GRANTORS.get(grant.role, frozenset()) for held in viewer.grants)
    return grant.account_id == viewer.account_id or (grant.granted_by == viewer.account_id and is_in_office)


async def _visible(conn: Connection, viewer: Viewer, seats: Sequence[RosterSeat]) -> list[RosterSeat]:
    classes = await store.get_classes(conn, [seat.class_id for seat in seats])
    return [
        seat
        for seat in seats
        if (viewer.account_id is not None and seat.account_id == viewer.account_id)
        or can_see_roster(viewer, classes[seat.class_id].scope)
    ]
