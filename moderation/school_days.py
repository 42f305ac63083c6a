"""Times that count school days: Monday to Friday by the clock of the place. Pure."""

from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_SATURDAY = 5


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def after_school_days(start: datetime, days: int, *, zone: str) -> datetime:
    """The moment `days` school days after an aware `start`: same hour by the local clock, weekends skipped, in UTC.

    What begins on a weekend begins on Monday at midnight. Holidays are not known and count as school days.
    Raises LookupError for an unknown IANA zone.
    """
    place = _zone(zone)
    local = start.astimezone(place)
    day, clock = local.date(), local.timetz()
    if day.weekday() >= _SATURDAY:
        day, clock = day + timedelta(days=7 - day.weekday()), time(tzinfo=place)
    for _ in range(days):
        day += timedelta(days=3 if day.weekday() == _SATURDAY - 1 else 1)
    return datetime.combine(day, clock.replace(tzinfo=place)).astimezone(UTC)
