"""A round's states by the clock, and what a pause does to its times."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.errors import Closed, Conflict
from backend.rounds import rules
from backend.rounds.rules import RoundState, RoundTimes, effective_state, require_phase

T = datetime(2026, 3, 16, 7, tzinfo=UTC)
H = timedelta(hours=1)
TIMES = RoundTimes(T, T + 3 * H, T + 4 * H, T + 5 * H, T + 8 * H)
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("after", "state"),
    [
        (-MOMENT, RoundState.SCHEDULED),
        (0 * H, RoundState.OPEN),
        (4 * H - MOMENT, RoundState.OPEN),
        (4 * H, RoundState.CLOSED),
        (5 * H, RoundState.JUDGING),
        (8 * H - MOMENT, RoundState.JUDGING),
        (8 * H, RoundState.PROVISIONAL),
        (timedelta(days=900), RoundState.PROVISIONAL),
    ],
)
def test_state_follows_the_clock(after: timedelta, state: RoundState) -> None:
    assert effective_state(TIMES, T + after) is state


@pytest.mark.parametrize(
    ("change", "after", "state"),
    [
        ({"voided_at": T}, 2 * H, RoundState.VOID),
        ({"paused_at": T + H}, 7 * H, RoundState.PAUSED),
        ({"confirmed_at": T + 9 * H}, 9 * H, RoundState.CONFIRMED),
        ({"confirmed_at": T + 9 * H, "announces_at": T + 20 * H}, 20 * H - MOMENT, RoundState.CONFIRMED),
        ({"confirmed_at": T + 9 * H, "announces_at": T + 20 * H}, 20 * H, RoundState.ANNOUNCED),
        ({"confirmed_at": T, "announces_at": T}, timedelta(days=30) - MOMENT, RoundState.ANNOUNCED),
        ({"confirmed_at": T, "announces_at": T}, timedelta(days=30), RoundState.ARCHIVED),
    ],
)
def test_state_of_what_people_did(change: dict[str, datetime], after: timedelta, state: RoundState) -> None:
    assert effective_state(replace(TIMES, **change), T + after) is state


def test_pause_keeps_the_time_left() -> None:
    paused = replace(TIMES, paused_at=T + H)
    assert rules.resumed(paused, T + 11 * H) == {
        "freezes_at": T + 13 * H, "closes_at": T + 14 * H, "judging_starts_at": T + 15 * H,
        "judging_ends_at": T + 18 * H,
    }  # fmt: skip


def test_pause_does_not_lift_a_freeze_that_had_begun() -> None:
    paused = replace(TIMES, paused_at=T + 3 * H + H / 2)
    moved = rules.resumed(paused, T + 30 * H)
    assert moved["freezes_at"] == TIMES.freezes_at
    assert moved["closes_at"] == T + 30 * H + H / 2


@given(paused=st.integers(0, 8 * 3600), pause=st.integers(0, 10**6))
def test_state_after_a_pause_is_the_one_before(paused: int, pause: int) -> None:
    at, now = T + timedelta(seconds=paused), T + timedelta(seconds=paused + pause)
    moved = replace(TIMES, **rules.resumed(replace(TIMES, paused_at=at), now))
    assert effective_state(moved, now) is effective_state(TIMES, at)


@pytest.mark.parametrize(
    ("change", "after", "error", "told"),
    [
        ({}, -H, Closed, "round_not_open"),
        ({}, 4 * H, Closed, "round_closed"),
        ({}, 6 * H, Closed, "round_closed"),
        ({"paused_at": T}, 2 * H, Conflict, "PAUSED"),
        ({"voided_at": T}, 2 * H, Conflict, "VOID"),
    ],
)
def test_taking_part_outside_the_time_is_refused(
    change: dict[str, datetime], after: timedelta, error: type[Closed | Conflict], told: str
) -> None:
    with pytest.raises(error) as refused:
        require_phase(replace(TIMES, **change), T + after, RoundState.OPEN)
    assert told in (refused.value.code, getattr(refused.value, "state", ""))


@pytest.mark.parametrize(
    ("authors", "size", "slots"), [(0, 9, 5), (5, 9, 5), (6, 9, 6), (3, 30, 15), (30, 30, 30), (0, 1, 1), (1, 2, 1)]
)
def test_slots_are_the_authors_or_half_the_seats(authors: int, size: int, slots: int) -> None:
    assert rules.slots_of(authors=authors, size=size) == slots


@pytest.mark.parametrize(("cards", "most"), [(0, 0), (1, 0), (2, 1), (3, 1), (4, 2), (5, 2), (6, 3)])
def test_marks_are_never_more_than_half_the_hand(cards: int, most: int) -> None:
    assert rules.most_marks(cards) == most
