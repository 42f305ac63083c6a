"""What holds for places, without a database: codes, countries, zones, school years, who fits into a class."""

import re
import secrets
import unicodedata
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from backend.core.errors import ValidationFailed

CODE_LENGTH = 8
# No look-alikes: 0 O, 1 I L, 5 S, 2 Z, 8 B, U V are told apart badly on a blackboard.
CODE_ALPHABET = "ACDEFGHJKMNPQRTWXY34679"
MAX_NAME_CHARS = 120
MAX_HOURS_CHARS = 300
MAX_ENROLMENT = 1000


class Country(StrEnum):
    """Where member cities are."""

    NO = "NO"
    SE = "SE"
    DK = "DK"
    FI = "FI"
    IS = "IS"


COUNTRY_LOCALES = {Country.NO: "nb", Country.SE: "sv", Country.DK: "da", Country.FI: "fi", Country.IS: "is"}


class SeatStatus(StrEnum):
    """Where a seat stands: `PENDING → CONFIRMED → REMOVED | LEFT`."""

    PENDING = "PENDING"
    CONFIRMED = "CONFIRMED"
    REMOVED = "REMOVED"
    LEFT = "LEFT"


LIVE = (SeatStatus.PENDING, SeatStatus.CONFIRMED)


class RemovalReason(StrEnum):
    """Why a teacher took a seat away."""

    NOT_IN_CLASS = "NOT_IN_CLASS"
    DUPLICATE = "DUPLICATE"
    MOVED = "MOVED"
    MISUSE = "MISUSE"
    OTHER = "OTHER"


def make_code() -> str:
    """A new class code: 8 characters, 23 choices each."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def read_code(typed: str) -> str | None:
    """The code that somebody typed, however spaced or cased; None when it cannot be one."""
    if len(typed) > 64:
        return None
    folded = unicodedata.normalize("NFKC", typed).upper()
    code = re.sub(r"[\s\u200b-\u200f\ufeff\-\u2010-\u2015.]", "", folded)
    return code if len(code) == CODE_LENGTH and set(code) <= set(CODE_ALPHABET) else None


@cache
def _zones() -> frozenset[str]:
    """Hundreds of files on the disk: looked for once."""
    return frozenset(available_timezones())


def check_zone(zone: str) -> str:
    """An IANA zone such as Europe/Oslo. Raises ValidationFailed `zone_unknown`."""
    if "/" not in zone or zone not in _zones():
        raise ValidationFailed("zone_unknown", path=("zone",))
    return zone


def check_school_year(value: str) -> str:
    """`2026/27`, `2026-2027` and `2026/2027` as `2026/2027`. Raises ValidationFailed `school_year_malformed`."""
    match = re.fullmatch(r"\s*(20[0-9]{2})\s*[/\u2013-]\s*(20)?([0-9]{2})\s*", value[:40])
    if match is None or (int(match[1]) + 1) % 100 != int(match[3]):
        raise ValidationFailed("school_year_malformed", path=("school_year",))
    return f"{match[1]}/{int(match[1]) + 1}"


def check_enrolment(declared: int) -> None:
    """Raises ValidationFailed `enrolment_out_of_range`."""
    if not 1 <= declared <= MAX_ENROLMENT:
        raise ValidationFailed("enrolment_out_of_range", path=("declared_enrolment",), max=MAX_ENROLMENT)


def free_seats(taken: int, *, capacity: int, declared_enrolment: int) -> int:
    """How many more seats fit beside those taken."""
    return max(0, min(capacity, declared_enrolment) - taken)


def local_day(now: datetime, zone: str) -> date:
    """The day on the city's calendar."""
    return now.astimezone(ZoneInfo(zone)).date()


def is_class_open(*, closed_at: datetime | None, closes_on: date | None, zone: str, now: datetime) -> bool:
    """Whether the class still runs: not closed, and its last day (`closes_on`, inclusive) has not passed."""
    return closed_at is None and (closes_on is None or local_day(now, zone) <= closes_on)
