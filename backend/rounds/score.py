"""The score of a class, in exact fractions: weights · (quality, participation, voices). Source: rules.md, Round."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median

from backend.rounds.rules import LEAST_JUDGED, Unranked, Weights, may_rank

MARK_SHARES = 6  # the dealt cards are counted in sixths, so that a third and a half of one are whole numbers


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that the score of a contender is worked out from.

    `counted` drawn slots: those that are empty or were judged, not those that could not be judged. `best` the two best
    medians among them, scaled to 0..1, empty slots 0; None once they are forgotten, then `quality` is given instead.
    `authors` who spoke in public, `entered` how many of them have an entry that stands, `readable` how many of these
    could be read before the judging ended. `dealt_sixths`: `hand_shares`.
    """

    size: int
    classes: int
    participants: int
    authors: int
    entered: int
    readable: int
    counted: int
    best: tuple[Fraction, ...] | None
    marks: int
    dealt_sixths: int
    quality: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """The parts and the whole, each 0..1. `quality` and `total` are None when too little was judged."""

    quality: Fraction | None
    participation: Fraction
    voices: Fraction
    total: Fraction | None
    unranked_for: Unranked | None


def scaled_median(scores: Sequence[int]) -> Fraction:
    """The median of scores 1..5 (even: the mean of the middle two), scaled to 0..1."""
    return (Fraction(median(Fraction(score) for score in scores)) - 1) / 4


def hand_shares(cards: int, *, marked: int, most: int) -> int:
    """How much each card of a handed-in hand counts as dealt, in sixths: the used part of the marks one has.

    With all marks used each card counts whole, as in the rule. Holding marks back then neither helps nor harms anybody:
    otherwise a class would gain by marking nothing of the others'.
    """
    return 0 if cards == 0 or most == 0 else MARK_SHARES * marked // most


def work_out(inputs: Inputs, weights: Weights) -> Score:
    """The score of one contender."""
    quality = _quality(inputs)
    participation = Fraction(min(inputs.participants, inputs.size), inputs.size) if inputs.size else Fraction(0)
    voices = (inputs.marks + 1) / (dealt(inputs) + 2)
    unranked_for = why_unranked(inputs)
    total = None
    if quality is not None and unranked_for is None:
        parts = weights.quality * quality + weights.participation * participation + weights.voices * voices
        total = parts / 100
    return Score(quality if unranked_for is None else None, participation, voices, total, unranked_for)


def dealt(inputs: Inputs) -> Fraction:
    """Cards dealt, as if each author without a standing entry had one that was dealt as often and never marked.

    Voters are dealt what stands: a class that leaves its weakest out would show better cards than the others.
    """
    stood = Fraction(inputs.dealt_sixths, MARK_SHARES)
    return stood * inputs.authors / inputs.entered if 0 < inputs.entered < inputs.authors else stood


def why_unranked(inputs: Inputs) -> Unranked | None:
    """None when it is ranked. With one or two entries to be judged the quality would tell a single child's median."""
    if not may_rank(size=inputs.size, classes=inputs.classes):
        return Unranked.TOO_SMALL
    if inputs.entered > 0 and inputs.readable < LEAST_JUDGED:
        return Unranked.TOO_FEW_ENTRIES
    if _quality(inputs) is None:
        return Unranked.NOT_ENOUGH_SCORES
    return None


def _quality(inputs: Inputs) -> Fraction | None:
    if inputs.best is None:
        return inputs.quality
    return sum(inputs.best, Fraction(0)) / 2 if len(inputs.best) == 2 else None


def ranks(totals: Sequence[Fraction | None]) -> list[int | None]:
    """The rank of each total, the greatest first: ties share theirs, and the next one is left out. None stays None."""
    ordered = sorted((total for total in totals if total is not None), reverse=True)
    first = {total: place for place, total in reversed(list(enumerate(ordered, start=1)))}
    return [None if total is None else first[total] for total in totals]
