"""The rows of this domain as the rest of the application sees them."""

from dataclasses import dataclass
from datetime import date, datetime

from backend.core.ids import Id
from backend.core.viewer import Role, Scope, ScopeKind
from backend.places import rules
from backend.places.rules import Country, SeatStatus


@dataclass(frozen=True, slots=True)
class City:
    """A member of the network."""

    id: Id
    name: str
    country: Country
    zone: str
    safeguarding_hours: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class School:
    """A school, with its city's id."""

    id: Id
    city_id: Id
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SchoolClass:
    """A class with what surrounds it; `zone` and `country` are its city's."""

    id: Id
    school_id: Id
    city_id: Id
    name: str
    school_year: str
    locale: str
    declared_enrolment: int
    capacity: int
    closes_on: date | None
    created_at: datetime
    closed_at: datetime | None
    zone: str
    country: Country

    @property
    def scope(self) -> Scope:
        """Where the class lives."""
        return Scope(city_id=self.city_id, school_id=self.school_id, class_id=self.id)

    def is_open(self, now: datetime) -> bool:
        """Whether the class still runs."""
        return rules.is_class_open(closed_at=self.closed_at, closes_on=self.closes_on, zone=self.zone, now=now)


@dataclass(frozen=True, slots=True)
class ClassCode:
    """A class's current code."""

    id: Id
    class_id: Id
    code: str
    made_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat without the person: what a decision about it needs."""

    id: Id
    class_id: Id
    account_id: Id
    status: SeatStatus
    joined_at: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class RosterSeat:
    """A seat as the class's teacher sees it: the person is a pseudonym and nothing more."""

    id: Id
    class_id: Id
    account_id: Id
    pseudonym: str | None
    status: SeatStatus
    joined_at: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class RoleGrant:
    """A role somebody holds or held, with the handle by which grantors know them."""

    id: Id
    account_id: Id
    handle: str | None
    role: Role
    scope_kind: ScopeKind
    scope_id: Id | None
    granted_by: Id | None
    granted_at: datetime
    until: datetime | None
    revoked_at: datetime | None

    def is_in_force(self, now: datetime) -> bool:
        """Whether the role holds at this moment."""
        return self.revoked_at is None and (self.until is None or self.until > now)
