"""The formula to the last digit, against a calculation by hand."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.rounds.rules import Unranked, Weights
from backend.rounds.score import Inputs, hand_shares, ranks, scaled_median, work_out

F = Fraction


def inputs(**change: object) -> Inputs:
    known: dict[str, object] = {
        "size": 20, "classes": 1, "participants": 15, "authors": 8, "entered": 8, "readable": 8, "counted": 5,
        "best": (F(3, 4), F(1, 2)), "marks": 7, "dealt_sixths": 60,
    }  # fmt: skip
    return Inputs(**{**known, **change})  # type: ignore[arg-type]


def test_score_is_half_quality_three_tenths_participation_two_tenths_voices() -> None:
    score = work_out(inputs(), Weights())
    assert (score.quality, score.participation, score.voices) == (F(5, 8), F(3, 4), F(8, 12))
    assert score.total == F(1, 2) * F(5, 8) + F(3, 10) * F(3, 4) + F(1, 5) * F(2, 3)


@pytest.mark.parametrize(("entered", "voices"), [(8, F(8, 12)), (4, F(8, 22)), (7, F(8 * 7, 80 + 14)), (0, F(8, 12))])
def test_authors_who_left_themselves_out_count_as_dealt_and_never_marked(entered: int, voices: F) -> None:
    assert work_out(inputs(entered=entered), Weights()).voices == voices


def test_other_weights_of_the_campaign_are_used() -> None:
    assert work_out(inputs(), Weights(0, 100, 0)).total == F(3, 4)


@pytest.mark.parametrize(
    ("scores", "scaled"),
    [([1, 1, 1], F(0)), ([5, 5, 5], F(1)), ([1, 3, 5], F(1, 2)), ([2, 3, 4, 5], F(5, 8)), ([1, 1, 5, 5], F(1, 2))],
)
def test_median_is_scaled_to_one(scores: list[int], scaled: F) -> None:
    assert scaled_median(scores) == scaled


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"size": 8}, Unranked.TOO_SMALL),
        ({"size": 1, "participants": 1}, Unranked.TOO_SMALL),
        ({"entered": 1, "readable": 1}, Unranked.TOO_FEW_ENTRIES),
        ({"entered": 2, "readable": 2}, Unranked.TOO_FEW_ENTRIES),
        ({"entered": 3, "readable": 2}, Unranked.TOO_FEW_ENTRIES),
        ({"entered": 3, "readable": 0}, Unranked.TOO_FEW_ENTRIES),
        ({"best": (F(1),), "counted": 1}, Unranked.NOT_ENOUGH_SCORES),
        ({"best": (), "counted": 0}, Unranked.NOT_ENOUGH_SCORES),
    ],
)
def test_class_without_a_fair_score_is_unranked_and_its_quality_untold(
    change: dict[str, object], reason: Unranked
) -> None:
    score = work_out(inputs(**change), Weights())
    assert (score.unranked_for, score.total, score.quality) == (reason, None, None)


@pytest.mark.parametrize(
    "change", [{"size": 8, "classes": 2}, {"entered": 3, "readable": 3}, {"size": 9}, {"entered": 0, "readable": 0}]
)
def test_class_that_is_big_enough_or_joined_is_ranked(change: dict[str, object]) -> None:
    assert work_out(inputs(**change), Weights()).unranked_for is None


def test_class_that_entered_nothing_has_the_quality_of_empty_slots() -> None:
    score = work_out(inputs(entered=0, best=(F(0), F(0)), marks=0, dealt_sixths=0), Weights())
    assert score.quality == 0
    assert score.total == F(3, 10) * F(3, 4) + F(1, 5) * F(1, 2)


def test_score_without_the_medians_is_worked_out_from_the_quality() -> None:
    known = work_out(inputs(), Weights())
    assert work_out(inputs(best=None, quality=known.quality), Weights()) == known


@pytest.mark.parametrize(
    ("cards", "marked", "most", "share"),
    [(6, 3, 3, 6), (6, 2, 3, 4), (6, 1, 3, 2), (6, 0, 3, 0), (4, 1, 2, 3), (0, 0, 0, 0)],
)
def test_cards_count_as_dealt_by_the_used_part_of_the_marks(cards: int, marked: int, most: int, share: int) -> None:
    assert hand_shares(cards, marked=marked, most=most) == share


def test_ties_share_their_rank_and_the_next_is_left_out() -> None:
    assert ranks([F(1, 2), F(3, 4), None, F(1, 2), F(1, 4)]) == [2, 1, None, 2, 4]


@given(st.lists(st.none() | st.fractions(0, 1), max_size=40))
def test_rank_is_one_more_than_the_number_of_better_ones(totals: list[F | None]) -> None:
    for total, rank in zip(totals, ranks(totals), strict=True):
        better = sum(other is not None and total is not None and other > total for other in totals)
        assert rank == (None if total is None else better + 1)


@given(
    size=st.integers(1, 40), people=st.integers(0, 45), best=st.tuples(st.fractions(0, 1), st.fractions(0, 1)),
    marks=st.integers(0, 500), more=st.integers(0, 500),
)  # fmt: skip
def test_every_part_and_the_whole_are_between_nought_and_one(
    size: int, people: int, best: tuple[F, F], marks: int, more: int
) -> None:
    given_inputs = inputs(size=size, participants=people, best=best, marks=marks, dealt_sixths=6 * (marks + more))
    score = work_out(given_inputs, Weights())
    assert 0 <= score.participation <= 1
    assert 0 < score.voices < 1
    assert score.total is None or 0 <= score.total <= 1
