"""What an account is, as the domain sees it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from backend.core.ids import Id


class Door(StrEnum):
    """How somebody came in."""

    CLASS_CODE = "CLASS_CODE"
    OWN = "OWN"


class Status(StrEnum):
    """Whether an account is alive."""

    ACTIVE = "ACTIVE"
    ERASURE_REQUESTED = "ERASURE_REQUESTED"
    ERASED = "ERASED"


class SessionKind(StrEnum):
    """Whose device it is: a SHARED one is signed out within hours."""

    PERSONAL = "PERSONAL"
    SHARED = "SHARED"


class SecondFactorState(StrEnum):
    """Where somebody stands with the second factor, in this session."""

    NOT_SET_UP = "NOT_SET_UP"
    NEEDED = "NEEDED"
    PASSED = "PASSED"


@dataclass(frozen=True, slots=True)
class Account:
    """A person without their secrets. Personal fields are None before they are given and after erasure."""

    id: Id
    handle: str | None
    pseudonym: str | None
    birth_year: int | None
    country: str | None
    locale: str
    review_languages: list[str]
    email: str | None
    email_verified_at: datetime | None
    door: Door
    status: Status
    restricted_until: datetime | None
    created_at: datetime
    reset_at: datetime | None
    erasure_requested_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What an account starts with. A card made in advance has neither pseudonym nor birth year yet."""

    id: Id
    handle: str
    door: Door
    locale: str
    pseudonym: str | None = None
    birth_year: int | None = None
    country: str | None = None
    review_languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Credentials:
    """How the person gets in, as it is stored; made before the transaction because hashing takes long."""

    passphrase_hash: str = field(repr=False)
    recovery_hash: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A live session with what a request needs to know of its account."""

    id: Id
    account_id: Id
    created_at: datetime
    last_seen_at: datetime
    second_factor_at: datetime | None
    after_reset_at: datetime | None
    handle: str
    locale: str
    review_languages: list[str]
    status: Status
    restricted_until: datetime | None
