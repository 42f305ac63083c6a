"""From a weekly plan to the moments at which rounds open and close, by the clocks and days of the campaign's zone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from backend.core.errors import ValidationFailed

MAX_WEEKS = 60
MAX_HOLIDAYS = 100
FIRST_YEAR, LAST_YEAR = 2020, 2200  # beyond them dates overflow in some zone
FREEZE = timedelta(hours=24)
JUDGING_AFTER, JUDGING_LASTS = timedelta(hours=24), timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Holiday:
    """Days without school, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Plan:
    """When rounds open and close each week between two days, both included. Weekdays: 0 is Monday."""

    opens_day: int
    opens_time: time
    closes_day: int
    closes_time: time
    first_day: date
    last_day: date
    holidays: tuple[Holiday, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """A round's opening and close, UTC."""

    opens_at: datetime
    closes_at: datetime


def check_plan(plan: Plan) -> None:
    """Raises ValidationFailed: a weekday outside the week, a close before the opening, too many weeks or holidays."""
    for day, name in ((plan.opens_day, "opens_on"), (plan.closes_day, "closes_on")):
        if not 0 <= day <= 6:
            raise ValidationFailed("weekday_unknown", path=(name,))
    if (plan.closes_day, plan.closes_time) <= (plan.opens_day, plan.opens_time):
        raise ValidationFailed("closes_before_it_opens", path=("closes_at_time",))
    if not FIRST_YEAR <= plan.first_day.year <= plan.last_day.year <= LAST_YEAR and plan.first_day <= plan.last_day:
        raise ValidationFailed("day_too_far", path=("last_day",))
    if plan.last_day < plan.first_day:
        raise ValidationFailed("days_reversed", path=("last_day",))
    if plan.last_day - plan.first_day > timedelta(weeks=MAX_WEEKS):
        raise ValidationFailed("too_many_weeks", path=("last_day",), max=MAX_WEEKS)
    if len(plan.holidays) > MAX_HOLIDAYS:
        raise ValidationFailed("too_many_holidays", path=("holidays",), max=MAX_HOLIDAYS)
    if any(holiday.last < holiday.first for holiday in plan.holidays):
        raise ValidationFailed("days_reversed", path=("holidays",))


def windows(plan: Plan, zone: str) -> list[Window]:
    """The rounds of a plan, in order. A holiday moves the opening to the next school day, the close to the one before;

    a week with nothing left has no round. Local hours stay the same over a change to or from summer time.
    """
    found = []
    for monday in _mondays(plan.first_day, plan.last_day):
        days = [monday + timedelta(days=n) for n in range(plan.opens_day, plan.closes_day + 1)]
        free = [day for day in days if plan.first_day <= day <= plan.last_day and not _is_holiday(day, plan.holidays)]
        if not free:
            continue
        opens_at = _moment(free[0], plan.opens_time, zone)
        closes_at = _moment(free[-1], plan.closes_time, zone)
        if opens_at < closes_at:
            found.append(Window(opens_at, closes_at))
    return found


def _mondays(first: date, last: date) -> Iterator[date]:
    monday = first - timedelta(days=first.weekday())
    while monday <= last:
        yield monday
        monday += timedelta(weeks=1)


def _is_holiday(day: date, holidays: Sequence[Holiday]) -> bool:
    return any(holiday.first <= day <= holiday.last for holiday in holidays)


def _moment(day: date, at: time, zone: str) -> datetime:
    """The UTC moment of a local time: the earlier of two; one that the clocks leap over comes as much later."""
    return datetime.combine(day, at, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def freeze_of(window: Window) -> datetime:
    """When the standings stand still: for the last 24 h; of a round of a few minutes or days, for its last quarter."""
    return window.closes_at - min(FREEZE, (window.closes_at - window.opens_at) / 4)
