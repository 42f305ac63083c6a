"""The weekly plan by the clocks of the campaign's zone: summer time, holidays, short weeks."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.errors import ValidationFailed
from backend.rounds.schedule import Holiday, Plan, Window, check_plan, freeze_of, windows

PLAN = Plan(0, time(8), 4, time(15), date(2026, 3, 16), date(2026, 4, 5))
OSLO = "Europe/Oslo"


def opened(plan: Plan, zone: str = OSLO) -> list[tuple[str, str]]:
    return [(f"{one.opens_at:%m-%d %H:%M}", f"{one.closes_at:%m-%d %H:%M}") for one in windows(plan, zone)]


def test_rounds_keep_their_local_hours_over_the_change_to_summer_time() -> None:
    assert opened(PLAN) == [
        ("03-16 07:00", "03-20 14:00"), ("03-23 07:00", "03-27 14:00"), ("03-30 06:00", "04-03 13:00"),
    ]  # fmt: skip


def test_round_over_the_night_of_the_change_is_an_hour_shorter() -> None:
    plan = replace(PLAN, opens_day=5, closes_day=6, first_day=date(2026, 3, 23), last_day=date(2026, 3, 29))
    [one] = windows(plan, OSLO)
    assert one.closes_at - one.opens_at == timedelta(hours=24 + 7 - 1)


def test_hour_that_the_clocks_leap_over_comes_later() -> None:
    plan = replace(PLAN, opens_day=6, opens_time=time(2, 30), closes_day=6, first_day=date(2026, 3, 29),
                   last_day=date(2026, 3, 29))  # fmt: skip
    assert windows(plan, OSLO)[0].opens_at == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_hour_that_comes_twice_is_the_first_one() -> None:
    plan = replace(PLAN, opens_day=6, opens_time=time(2, 30), closes_day=6, first_day=date(2026, 10, 25),
                   last_day=date(2026, 10, 25))  # fmt: skip
    assert windows(plan, OSLO)[0].opens_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_holiday_on_the_opening_day_opens_a_day_later() -> None:
    plan = replace(PLAN, holidays=(Holiday(date(2026, 3, 16), date(2026, 3, 17)),))
    assert opened(plan)[0] == ("03-18 07:00", "03-20 14:00")


def test_holiday_on_the_closing_day_closes_a_day_earlier() -> None:
    plan = replace(PLAN, holidays=(Holiday(date(2026, 4, 2), date(2026, 4, 6)),))
    assert opened(plan)[2] == ("03-30 06:00", "04-01 13:00")


def test_week_of_holidays_has_no_round() -> None:
    plan = replace(PLAN, holidays=(Holiday(date(2026, 3, 21), date(2026, 3, 29)),))
    assert [opens for opens, _ in opened(plan)] == ["03-16 07:00", "03-30 06:00"]


def test_week_with_one_school_day_that_ends_before_the_hour_of_opening_has_no_round() -> None:
    plan = replace(PLAN, opens_time=time(16), holidays=(Holiday(date(2026, 3, 17), date(2026, 3, 22)),))
    assert [opens for opens, _ in opened(plan)] == ["03-23 15:00", "03-30 14:00"]


def test_days_before_the_first_and_after_the_last_are_no_part() -> None:
    plan = replace(PLAN, first_day=date(2026, 3, 18), last_day=date(2026, 3, 25))
    assert opened(plan) == [("03-18 07:00", "03-20 14:00"), ("03-23 07:00", "03-25 14:00")]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"opens_day": 7}, "weekday_unknown"),
        ({"closes_day": -1}, "weekday_unknown"),
        ({"closes_day": 0, "closes_time": time(8)}, "closes_before_it_opens"),
        ({"last_day": date(2026, 3, 15)}, "days_reversed"),
        ({"last_day": date(2028, 3, 15)}, "too_many_weeks"),
        ({"first_day": date(9999, 12, 27), "last_day": date(9999, 12, 31)}, "day_too_far"),
        ({"first_day": date(1, 1, 1), "last_day": date(1, 1, 7)}, "day_too_far"),
        ({"holidays": (Holiday(date(2026, 3, 18), date(2026, 3, 17)),)}, "days_reversed"),
        ({"holidays": (Holiday(date(2026, 3, 18), date(2026, 3, 18)),) * 101}, "too_many_holidays"),
    ],
)
def test_plan_that_makes_no_sense_is_refused(change: dict[str, object], code: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        check_plan(replace(PLAN, **change))  # type: ignore[arg-type]
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("lasts", "frozen_for"),
    [
        (timedelta(days=4, hours=7), timedelta(hours=24)),
        (timedelta(days=2), timedelta(hours=12)),
        (timedelta(minutes=3), timedelta(seconds=45)),
    ],
)
def test_standings_freeze_for_the_last_day_or_quarter(lasts: timedelta, frozen_for: timedelta) -> None:
    opens_at = datetime(2026, 3, 16, 7, tzinfo=UTC)
    assert opens_at + lasts - freeze_of(Window(opens_at, opens_at + lasts)) == frozen_for


@given(
    opens=st.integers(0, 6), lasts=st.integers(0, 6), first=st.dates(date(2025, 1, 1), date(2027, 1, 1)),
    days=st.integers(0, 300), free=st.lists(st.tuples(st.integers(0, 300), st.integers(0, 30)), max_size=5),
    zone=st.sampled_from([OSLO, "Europe/Helsinki", "Atlantic/Reykjavik"]),
)  # fmt: skip
def test_rounds_of_any_plan_are_in_order_apart_and_on_school_days(
    opens: int, lasts: int, first: date, days: int, free: list[tuple[int, int]], zone: str
) -> None:
    holidays = tuple(Holiday(first + timedelta(a), first + timedelta(a + b)) for a, b in free)
    plan = Plan(opens, time(8), min(6, opens + lasts), time(15), first, first + timedelta(days), holidays)
    check_plan(plan)
    found = windows(plan, zone)
    assert all(one.opens_at < one.closes_at for one in found)
    assert all(one.closes_at < other.opens_at for one, other in pairwise(found))
    for one in found:
        for day in (one.opens_at.date(), one.closes_at.date()):  # 08:00 and 15:00 are the same day in UTC here
            assert plan.first_day <= day <= plan.last_day
            assert not any(holiday.first <= day <= holiday.last for holiday in holidays)
