"""Who wins when nobody is better, and what a class gains by tricks: thousands of simulated weeks.

The seeds are fixed, so a test finds the same every time. What chance may explain is three standard deviations of what
is measured; what is allowed beyond that stands beside the test.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from math import sqrt
from operator import attrgetter
from statistics import mean, stdev
from typing import Any

import pytest

from backend.rounds.tally import Line
from tests.rounds.fairness import HONEST, SIZES, Conduct, play

DEVIATIONS = 3
WEEKS, PAIRED_WEEKS = 800, 250
EVEN = 1 / len(set(SIZES))  # there are as many classes of each size
OF_12, OF_20, OF_40 = SIZES.index(12), SIZES.index(20), SIZES.index(40)
WITHOUT_ITS_WEAKEST = [
    (OF_12, Conduct(opt_out=0.5)),
    (OF_20, Conduct(withdraw=0.5)),
    (OF_40, Conduct(opt_out=0.25)),
]


@cache
def week(seed: int, number: int = 0, conduct: Conduct = HONEST) -> list[Line]:
    """A week in which one class is up to something."""
    return play(seed, {number: conduct})


def week_by_chance(seed: int) -> list[Line]:
    """A week in which each student does the task or not, so that no two classes have the same share."""
    return play(seed, everybody_takes_part=False)


def wins_by_size(weeks: Iterable[list[Line]], part: str) -> dict[int, float]:
    """The share of weeks in which the classes of each size had the most of a part of the score; ties share a win."""
    won: dict[int, float] = defaultdict(float)
    for lines in weeks:
        ranked = [(attrgetter(part)(line.score), line.contender.size) for line in lines if line.rank is not None]
        most = max(ranked)[0]
        winners = [size for value, size in ranked if value == most]
        for size in winners:
            won[size] += 1 / len(winners) / WEEKS
    return won


def evenly(*, lean: float = 0) -> Any:
    """A share of wins for each size that is even but for chance, and but for a lean of so much of it."""
    by_chance = DEVIATIONS * sqrt(EVEN * (1 - EVEN) / WEEKS)
    return pytest.approx(dict.fromkeys(set(SIZES), EVEN), abs=lean * EVEN + by_chance)


def places_won(number: int, conduct: Conduct) -> list[int]:
    """By how many places the class ends higher than it would have in the same weeks."""
    return [_place(week(seed)[number]) - _place(week(seed, number, conduct)[number]) for seed in range(PAIRED_WEEKS)]


def quality_won(number: int, conduct: Conduct) -> list[float]:
    """By how much its quality is better than it would have been in the same weeks."""
    return [
        _quality(week(seed, number, conduct)[number]) - _quality(week(seed)[number]) for seed in range(PAIRED_WEEKS)
    ]


def _place(line: Line) -> int:
    return len(SIZES) + 1 if line.rank is None else line.rank


def _quality(line: Line) -> float:
    return float(line.score.quality or 0)


def could_be_a_gain(found: Sequence[float]) -> bool:
    """Whether the mean is further above nought than chance explains."""
    return mean(found) > DEVIATIONS * stdev(found) / sqrt(len(found))


def test_every_size_has_the_best_quality_equally_often() -> None:
    assert wins_by_size(map(week, range(WEEKS)), "quality") == evenly()


@pytest.mark.parametrize(("everybody_takes_part", "lean"), [(True, 0.2), (False, 0.3)])
def test_every_size_wins_about_equally_often(everybody_takes_part: bool, lean: float) -> None:
    """A few vary more: what 9 say or do lies further from the middle than what 40 do, below it as often as above.

    So in a field of ten small classes win, and come last, somewhat more often than big ones: by a fifth of the even
    share when all do the task, by three tenths when each student does it or not by their own chance.
    """
    weeks = map(week if everybody_takes_part else week_by_chance, range(WEEKS))
    assert wins_by_size(weeks, "total") == evenly(lean=lean)


def test_class_with_better_statements_gains() -> None:
    """The tests below can see a gain: half a standard deviation of merit is one."""
    conduct = Conduct(merit=0.5)
    assert could_be_a_gain(places_won(OF_20, conduct))
    assert could_be_a_gain(quality_won(OF_20, conduct))


@pytest.mark.parametrize(("number", "conduct"), WITHOUT_ITS_WEAKEST)
def test_class_without_its_weakest_has_no_better_quality(number: int, conduct: Conduct) -> None:
    assert not could_be_a_gain(quality_won(number, conduct))


@pytest.mark.parametrize(("number", "conduct"), WITHOUT_ITS_WEAKEST)
def test_class_without_its_weakest_gains_nothing(number: int, conduct: Conduct) -> None:
    assert not could_be_a_gain(places_won(number, conduct))


@pytest.mark.parametrize("number", [OF_12, OF_40])
def test_class_that_splits_its_statements_has_the_same_result(number: int) -> None:
    for seed in range(30):
        assert play(seed, {number: Conduct(statements=5)}) == week(seed)


@pytest.mark.parametrize("conduct", [Conduct(marks=0), Conduct(marks=1)])
def test_class_that_holds_back_its_voices_gains_nothing(conduct: Conduct) -> None:
    """The biggest class, which has the most to hold back."""
    assert not could_be_a_gain(places_won(OF_40, conduct))
