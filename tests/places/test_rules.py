"""Codes, zones, school years, days: pure rules."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.errors import ValidationFailed
from backend.places import rules


@given(st.text(max_size=80))
def test_read_code_of_anything_is_a_code_or_none(text: str) -> None:
    code = rules.read_code(text)
    assert code is None or (len(code) == 8 and set(code) <= set(rules.CODE_ALPHABET))


@given(st.lists(st.sampled_from([" ", "-", "\u200b", "\u00a0", "–", "."]), min_size=9, max_size=9))
def test_read_code_however_spaced_is_the_code(gaps: list[str]) -> None:
    code = rules.make_code()
    typed = "".join(gap + sign.lower() for gap, sign in zip(gaps, code, strict=False))
    assert rules.read_code(typed + gaps[-1]) == code


def test_make_code_has_no_look_alikes_and_does_not_repeat() -> None:
    codes = {rules.make_code() for _ in range(2000)}
    assert len(codes) == 2000
    assert not set("".join(codes)) & set("0O1IL5S2Z8BUV")


@pytest.mark.parametrize("typed", ["2026/27", "2026-2027", " 2026 / 2027 ", "2026–27"])
def test_school_year_however_typed_is_two_years(typed: str) -> None:
    assert rules.check_school_year(typed) == "2026/2027"


def test_school_year_at_a_centurys_end() -> None:
    assert rules.check_school_year("2099/00") == "2099/2100"


@pytest.mark.parametrize("typed", ["", "2026", "2026/28", "2027/2026", "26/27", "1999/2000", "٢٠٢٦/٢٧", "2026/27x"])
def test_school_year_that_is_none_is_refused(typed: str) -> None:
    with pytest.raises(ValidationFailed, match="school_year_malformed"):
        rules.check_school_year(typed)


def test_class_is_open_through_its_last_day_in_its_zone() -> None:
    last = date(2026, 6, 19)
    late_evening = datetime(2026, 6, 19, 21, 59, tzinfo=UTC)  # 23:59 in Oslo
    midnight = datetime(2026, 6, 19, 22, 0, tzinfo=UTC)
    assert rules.is_class_open(closed_at=None, closes_on=last, zone="Europe/Oslo", now=late_evening)
    assert not rules.is_class_open(closed_at=None, closes_on=last, zone="Europe/Oslo", now=midnight)
    assert rules.is_class_open(closed_at=None, closes_on=last, zone="Atlantic/Reykjavik", now=midnight)
    assert not rules.is_class_open(closed_at=late_evening, closes_on=None, zone="Europe/Oslo", now=midnight)


@given(st.integers(0, 50), st.integers(1, 50), st.integers(1, 50))
def test_free_seats_never_exceed_capacity_or_enrolment(taken: int, capacity: int, declared: int) -> None:
    free = rules.free_seats(taken, capacity=capacity, declared_enrolment=declared)
    assert free >= 0
    assert free == 0 or taken + free == min(capacity, declared)
