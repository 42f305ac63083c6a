"""From what was gathered to the standings: each contender's inputs, score and rank. No I/O."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from backend.core.ids import Id
from backend.rounds.rules import LEAST_SCORES, Weights
from backend.rounds.score import Inputs, Score, ranks, scaled_median, work_out
from backend.rounds.store.draw import Contender
from backend.rounds.store.standings import Judged, Stood, Voices

EMPTY = Fraction(0)
NOTHING = Stood(0, 0)


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that a result is worked out from: `participants` by class, entries that `stood` by contender."""

    contenders: Sequence[Contender]
    participants: Mapping[Id, int]
    stood: Mapping[Id, Stood]
    judged: Sequence[Judged]
    voices: Sequence[Voices]


@dataclass(frozen=True, slots=True)
class Line:
    """A contender's line of the result; `rank` None when it is unranked."""

    contender: Contender
    inputs: Inputs
    score: Score
    rank: int | None


def tally(gathered: Gathered, weights: Weights) -> list[Line]:
    """A line for each contender, in the order given."""
    entries: dict[Id, dict[int, Judged]] = defaultdict(dict)
    for one in gathered.judged:
        entries[one.contender_id][one.slot] = one
    voices = {one.contender_id: one for one in gathered.voices}
    inputs = [_inputs(one, gathered, entries[one.id], voices.get(one.id)) for one in gathered.contenders]
    scores = [work_out(one, weights) for one in inputs]
    places = ranks([score.total for score in scores])
    return [Line(*parts) for parts in zip(gathered.contenders, inputs, scores, places, strict=True)]


def _inputs(one: Contender, gathered: Gathered, entries: Mapping[int, Judged], voices: Voices | None) -> Inputs:
    stood = gathered.stood.get(one.id, NOTHING)
    qualities = [quality for slot in one.lot if (quality := _quality_of(entries.get(slot))) is not None]
    return Inputs(
        size=one.size,
        classes=len(one.class_ids),
        participants=sum(gathered.participants.get(class_id, 0) for class_id in one.class_ids),
        authors=one.authors,
        entered=stood.alive,
        readable=stood.readable,
        counted=len(qualities),
        best=tuple(sorted(qualities, reverse=True)[:2]),
        marks=voices.marks if voices else 0,
        dealt_sixths=voices.dealt_sixths if voices else 0,
    )


def _quality_of(entry: Judged | None) -> Fraction | None:
    """What a drawn slot counts: nought when it is empty or its statement is gone; None: it could not be judged.

    Waiting for its reviewers, hidden for now, or with too few scores: the class is not to blame for any of these.
    """
    if entry is None or not entry.is_alive:
        return EMPTY
    if not entry.is_shown or len(entry.scores) < LEAST_SCORES:
        return None
    return scaled_median(entry.scores)
