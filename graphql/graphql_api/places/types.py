"""Cities, schools, classes, seats and roles as the API shows them."""

from datetime import date, datetime

import strawberry

from backend.core.ids import Id
from backend.core.viewer import Role, ScopeKind
from backend.places import records
from backend.places.rules import Country, SeatStatus
from graphql_api.context import Info
from graphql_api.fields import resolver
from graphql_api.node import Node
from graphql_api.node_ids import global_id
from graphql_api.places import enums as enums
from graphql_api.places import loaders
from graphql_api.scalars import LanguageTag

SCOPE_TYPES = {
    ScopeKind.CITY: "City",
    ScopeKind.SCHOOL: "School",
    ScopeKind.CLASS: "SchoolClass",
    ScopeKind.CAMPAIGN: "Campaign",
}


@strawberry.type(description="A member city of the network.")
class City(Node):
    name: str = strawberry.field(description="The city's name.")
    country: Country = strawberry.field(description="The country it is in.")
    zone: str = strawberry.field(description="The IANA time zone in which its days are counted, such as Europe/Oslo.")
    safeguarding_hours: str | None = strawberry.field(
        description="When the city's safeguarding leads can be reached; null until it is published."
    )
    created_at: datetime = strawberry.field(description="When it became a member.")


def city(row: records.City) -> City:
    """A city as the API shows it."""
    return City(
        id=global_id("City", row.id),
        name=row.name,
        country=row.country,
        zone=row.zone,
        safeguarding_hours=row.safeguarding_hours,
        created_at=row.created_at,
    )


@strawberry.type(description="A school of a city, or another house where young people meet.")
class School(Node):
    row: strawberry.Private[records.School]
    name: str = strawberry.field(description="The school's name.")
    created_at: datetime = strawberry.field(description="When it was added.")

    @resolver("The city it belongs to.")
    async def city(self, info: Info) -> City:
        return city(await loaders.cities(info.context).load(self.row.city_id))


def school(row: records.School) -> School:
    """A school as the API shows it."""
    return School(id=global_id("School", row.id), row=row, name=row.name, created_at=row.created_at)


@strawberry.type(description="The code with which young people join a class.")
class ClassCode:
    code: str = strawberry.field(description="Eight characters without look-alikes. Case and spaces do not matter.")
    made_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime = strawberry.field(description="Until when it works.")


def class_code(row: records.ClassCode) -> ClassCode:
    """A code as the API shows it."""
    return ClassCode(code=row.code, made_at=row.made_at, expires_at=row.expires_at)


@strawberry.type(description="How many seats of a class are taken. Pending ones count nowhere else.")
class SeatCounts:
    pending: int = strawberry.field(description="Waiting for the teacher.")
    confirmed: int = strawberry.field(description="Confirmed by the teacher.")


@strawberry.type(description="A class in a school year, or another group with a teacher or leader.")
class SchoolClass(Node):
    row: strawberry.Private[records.SchoolClass]
    name: str = strawberry.field(description="The class's name, such as 9B.")
    school_year: str = strawberry.field(description="The school year, such as 2026/2027.")
    locale: LanguageTag = strawberry.field(description="The language of its log-in cards.")
    declared_enrolment: int = strawberry.field(
        description="How many the school says are enrolled. No more seats can be confirmed."
    )
    capacity: int = strawberry.field(description="How many seats can be confirmed at most, whatever the enrolment.")
    closes_on: date | None = strawberry.field(description="The last day on which it runs; null when none is set.")
    created_at: datetime = strawberry.field(description="When it was added.")
    closed_at: datetime | None = strawberry.field(description="When it was closed; null while it runs.")

    @resolver("The school it belongs to.")
    async def school(self, info: Info) -> School:
        return school(await loaders.schools(info.context).load(self.row.school_id))

    @resolver("The code that works now, for the class's teachers; null for others and when it has expired.")
    async def join_code(self, info: Info) -> ClassCode | None:
        found = await loaders.codes(info.context).load(self.row.id)
        return class_code(found) if found else None

    @resolver("How many seats are taken, for those who may see the roster; null for others.")
    async def seat_counts(self, info: Info) -> SeatCounts | None:
        counts = await loaders.seat_counts(info.context).load(self.row.id)
        return SeatCounts(pending=counts.pending, confirmed=counts.confirmed) if counts else None


def school_class(row: records.SchoolClass) -> SchoolClass:
    """A class as the API shows it."""
    return SchoolClass(
        id=global_id("SchoolClass", row.id),
        row=row,
        name=row.name,
        school_year=row.school_year,
        locale=LanguageTag(row.locale),
        declared_enrolment=row.declared_enrolment,
        capacity=row.capacity,
        closes_on=row.closes_on,
        created_at=row.created_at,
        closed_at=row.closed_at,
    )


@strawberry.type(description="A seat: the confirmed or pending membership of a class.")
class Seat(Node):
    class_id: strawberry.Private[Id]
    pseudonym: str | None = strawberry.field(
        description="The name the person chose to be shown by; null for a card that nobody has used yet."
    )
    status: SeatStatus = strawberry.field(description="Where the seat stands.")
    joined_at: datetime = strawberry.field(description="When it was taken.")
    confirmed_at: datetime | None = strawberry.field(description="When the teacher confirmed it; null if never.")
    ended_at: datetime | None = strawberry.field(description="When it was removed or left; null while it holds.")

    @resolver("The class; null once the viewer may not see it any more.")
    async def school_class(self, info: Info) -> SchoolClass | None:
        found = await loaders.classes(info.context).load(self.class_id)
        return school_class(found) if found else None


def seat(row: records.RosterSeat) -> Seat:
    """A seat as the API shows it: of the person only the pseudonym."""
    return Seat(
        id=global_id("Seat", row.id),
        class_id=row.class_id,
        pseudonym=row.pseudonym,
        status=row.status,
        joined_at=row.joined_at,
        confirmed_at=row.confirmed_at,
        ended_at=row.ended_at,
    )


@strawberry.type(description="A role that somebody holds in a scope.")
class RoleGrant(Node):
    handle: str | None = strawberry.field(description="The handle of whoever holds it; null after an erasure.")
    role: Role = strawberry.field(description="What they are.")
    scope_kind: ScopeKind = strawberry.field(description="What kind of place it holds in.")
    scope_id: strawberry.ID | None = strawberry.field(
        description="The global id of the city, school, class or campaign; null for the network."
    )
    granted_at: datetime = strawberry.field(description="Since when.")
    until: datetime | None = strawberry.field(description="Until when at most; null: until revoked.")
    revoked_at: datetime | None = strawberry.field(description="When it was revoked; null if it was not.")


def role_grant(row: records.RoleGrant) -> RoleGrant:
    """A role as the API shows it."""
    return RoleGrant(
        id=global_id("RoleGrant", row.id),
        handle=row.handle,
        role=row.role,
        scope_kind=row.scope_kind,
        scope_id=global_id(SCOPE_TYPES[row.scope_kind], row.scope_id) if row.scope_id else None,
        granted_at=row.granted_at,
        until=row.until,
        revoked_at=row.revoked_at,
    )
