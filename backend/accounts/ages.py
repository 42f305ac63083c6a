"""Birth years and countries: what somebody may enter."""

from datetime import UTC, datetime
from functools import cache

from babel.core import Locale

from backend.core.errors import ValidationFailed

OLDEST = 110
YOUNGEST = 5


def check_birth_year(year: int, now: datetime, *, path: tuple[str, ...] = ("birth_year",)) -> int:
    """The year. Raises ValidationFailed `birth_year` for one that no user can have."""
    this_year = now.astimezone(UTC).year
    if not this_year - OLDEST <= year <= this_year - YOUNGEST:
        raise ValidationFailed("birth_year", path=path, min=this_year - OLDEST, max=this_year - YOUNGEST)
    return year


def check_country(code: str) -> str:
    """The ISO 3166 code in capitals. Raises ValidationFailed `country_unknown`."""
    country = code.strip().upper() if len(code) <= 8 else ""
    if country not in _countries():
        raise ValidationFailed("country_unknown", path=("country",))
    return country


@cache
def _countries() -> frozenset[str]:
    names = map(str, Locale.parse("en").territories)
    return frozenset(code for code in names if len(code) == 2 and code.isalpha()) - {
        "EU", "EZ", "QO", "UN", "XA", "XB", "ZZ",
    }  # fmt: skip
