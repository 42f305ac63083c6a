"""Who is asking: one immutable object a request, read in one statement, handed to every use case."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from backend.core.errors import Conflict, NotAllowed, Unauthenticated
from backend.core.ids import Id


class Role(StrEnum):
    """What somebody is, always within a scope."""

    SECRETARIAT = "SECRETARIAT"
    CITY_OFFICIAL = "CITY_OFFICIAL"
    MODERATOR = "MODERATOR"
    SAFEGUARDING_LEAD = "SAFEGUARDING_LEAD"
    SCHOOL_ADMIN = "SCHOOL_ADMIN"
    TEACHER = "TEACHER"
    EDITOR = "EDITOR"
    CAMPAIGN_JUROR = "CAMPAIGN_JUROR"
    STUDENT_EDITOR = "STUDENT_EDITOR"


class ScopeKind(StrEnum):
    """What kind of place a role holds in."""

    NETWORK = "NETWORK"
    CITY = "CITY"
    SCHOOL = "SCHOOL"
    CLASS = "CLASS"
    CAMPAIGN = "CAMPAIGN"


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a thing lives: the ids of all the places around it, so that a wider role covers it."""

    city_id: Id | None = None
    school_id: Id | None = None
    class_id: Id | None = None
    campaign_id: Id | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """One role in one scope. NETWORK has no scope id."""

    role: Role
    scope_kind: ScopeKind
    scope_id: Id | None

    def covers(self, scope: Scope) -> bool:
        """Whether this grant reaches the place."""
        match self.scope_kind:
            case ScopeKind.NETWORK:
                return True
            case ScopeKind.CITY:
                here = scope.city_id
            case ScopeKind.SCHOOL:
                here = scope.school_id
            case ScopeKind.CLASS:
                here = scope.class_id
            case ScopeKind.CAMPAIGN:
                here = scope.campaign_id
        return here is not None and here == self.scope_id


@dataclass(frozen=True, slots=True)
class ViewerSeat:
    """A seat of the viewer: which class, in which school and city, and whether the teacher has confirmed it."""

    seat_id: Id
    class_id: Id
    school_id: Id
    city_id: Id
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person behind a request, or nobody (`account_id` is None).

    `grants` hold only roles in force now and, for roles that need it, only when the session passed the second factor.
    `students` are the accounts that sit in a class the person teaches now: a relation, not a right, and it holds
    without the second factor too. `languages` are the BCP 47 tags in which the person declared to be able to review.
    `sealed_until` is set while a session is sealed that began with a passphrase a teacher had reset: until then it must
    not act or read as the person. It is judged once a request, so that nobody asks for the time before a lock.
    """

    account_id: Id | None = None
    session_id: Id | None = None
    session_started_at: datetime | None = None
    handle: str | None = None
    locale: str = "en"
    grants: tuple[Grant, ...] = ()
    seats: tuple[ViewerSeat, ...] = ()
    students: frozenset[Id] = field(default_factory=frozenset, repr=False)
    languages: frozenset[str] = field(default_factory=frozenset)
    is_restricted: bool = False
    second_factor_missing: bool = False
    sealed_until: datetime | None = None
    address: str = ""
    request_id: str = ""

    def require_account(self) -> Id:
        """The account's id. Raises Unauthenticated when nobody is signed in."""
        if self.account_id is None:
            raise Unauthenticated
        return self.account_id

    def require_active(self) -> Id:
        """The account's id, for what a restricted account or a sealed session may not do.

        Raises Unauthenticated, NotAllowed `account_restricted`, or Conflict `sealed_after_reset`.
        """
        account_id = self.require_account()
        if self.is_restricted:
            raise NotAllowed("account_restricted")
        self.require_unsealed()
        return account_id

    def require_unsealed(self) -> None:
        """Raises Conflict `sealed_after_reset` while what is private to the person is sealed from this session."""
        if self.sealed_until is not None:
            raise Conflict("sealed_after_reset", state="SEALED", until=self.sealed_until.isoformat())

    @property
    def is_sealed(self) -> bool:
        """Whether what is private to the person is sealed from this session."""
        return self.sealed_until is not None

    def has(self, role: Role, scope: Scope) -> bool:
        """Whether the viewer holds the role in a scope that covers the place."""
        return any(grant.role is role and grant.covers(scope) for grant in self.grants)

    def has_any(self, roles: frozenset[Role], scope: Scope) -> bool:
        """Whether the viewer holds one of the roles over the place."""
        return any(grant.role in roles and grant.covers(scope) for grant in self.grants)

    def confirmed_in(self, class_id: Id) -> bool:
        """Whether the viewer has a confirmed seat in the class."""
        return any(seat.class_id == class_id and seat.confirmed for seat in self.seats)


ANONYMOUS = Viewer()
