"""The published result of a round, and its recount from nothing but what is published. No I/O."""

import hashlib
from collections.abc import Iterable, Sequence
from fractions import Fraction

import msgspec

from backend.core.ids import Id
from backend.rounds import lot
from backend.rounds.rules import LOT_SLOTS, MOST_MARKS, Unranked, Weights, slots_of
from backend.rounds.score import MARK_SHARES, Inputs, Score, ranks, work_out

FORMAT = "stemme-round/1"
LEAST_SHARE = MARK_SHARES // MOST_MARKS  # a marked card counts at least this as dealt
MOST_SLOTS = 10_000
FORMULA = (
    "score = weights.quality/100 * Q + weights.participation/100 * P + weights.voices/100 * V. "
    "P = participants / size. "
    "Q = mean of the two best of the drawn slots that counted (best); an empty slot counts 0. "
    "V = (marks + 1) / (dealt + 2), dealt = dealtSixths / 6: a card of a hand with k of m marks counts k/m as dealt; "
    "with more authors than standing entries, and at least one of these, times authors / standingEntries. "
    "slots = max(authors, size/2 rounded up). lot = the 5 slots with the least "
    "SHA-256(seed, contender id as 16 bytes, slot as 4 bytes big-endian). "
    "Unranked: size under 9 and not joined (TOO_SMALL); 1 or 2 standing entries (TOO_FEW_ENTRIES); fewer than 2 slots "
    "that counted (NOT_ENOUGH_SCORES). Ties share a rank."
)


class PublishedClass(msgspec.Struct, frozen=True):
    """A class by name."""

    id: Id
    name: str
    school: str
    city: str


class PublishedLine(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A contender: inputs, parts and rank. Fractions are text, `3/8`.

    `best` is left out 30 days after the announcement, and always of an unranked one: of one or two entries it would
    tell a single child's median.
    """

    id: Id
    classes: tuple[PublishedClass, ...]
    size: int
    authors: int
    slots: int
    lot: tuple[int, ...]
    participants: int
    standing_entries: int
    counted: int
    marks: int
    dealt_sixths: int
    participation: str
    voices: str
    quality: str | None = None
    score: str | None = None
    rank: int | None = None
    unranked_for: Unranked | None = None
    best: tuple[str, ...] | None = None


class PublishedWeights(msgspec.Struct, frozen=True):
    """Per cent."""

    quality: int
    participation: int
    voices: int


class Publication(msgspec.Struct, frozen=True, rename="camel"):
    """A result as it is published."""

    format: str
    round_id: Id
    formula: str
    weights: PublishedWeights
    seed: str
    seed_hash: str
    standings: tuple[PublishedLine, ...]


class Difference(msgspec.Struct, frozen=True):
    """Where the recount says something else."""

    where: str
    published: str
    recounted: str


def written(publication: Publication) -> str:
    """The JSON text."""
    return msgspec.json.format(msgspec.json.encode(publication), indent=2).decode()


def read(text: bytes) -> Publication:
    """The publication in a file. Raises ValueError, saying what is wrong with it."""
    try:
        publication = msgspec.json.decode(text, type=Publication)
        bytes.fromhex(publication.seed)
        for line in publication.standings:
            _inputs(line)
    except (msgspec.MsgspecError, ValueError, ZeroDivisionError) as error:
        raise ValueError(f"this is no published round: {error}") from None
    if publication.format != FORMAT:
        raise ValueError(f"this is no {FORMAT} but {publication.format[:40]!r}")
    return publication


def digest(lines: Iterable[PublishedLine]) -> str:
    """A fingerprint of a result, whatever its order and the names in it: what an editor saw is what is confirmed."""
    bare = sorted((msgspec.structs.replace(line, classes=()) for line in lines), key=lambda line: line.id)
    return hashlib.sha256(msgspec.json.encode(bare)).hexdigest()


def recount(publication: Publication) -> tuple[list[Score], list[Difference]]:
    """The score of each line worked out anew, and all that is published otherwise; none when it agrees."""
    weights = Weights(publication.weights.quality, publication.weights.participation, publication.weights.voices)
    scores = [work_out(_inputs(line), weights) for line in publication.standings]
    places = ranks([score.total for score in scores])
    seed = bytes.fromhex(publication.seed)
    found = _compare("seed", [("seedHash", publication.seed_hash, lot.seed_hash(seed))])
    for line, score, rank in zip(publication.standings, scores, places, strict=True):
        name = " + ".join(one.name for one in line.classes) or str(line.id)
        found += _compare(name, [*_drawn(line, seed), *_scored(line, score), ("rank", line.rank, rank)])
    if sum((weights.quality, weights.participation, weights.voices)) != 100:
        found.append(Difference("weights", "", "the weights must make 100"))
    return scores, found


def _drawn(line: PublishedLine, seed: bytes) -> list[tuple[str, object, object]]:
    slots = slots_of(authors=line.authors, size=line.size)
    return [
        ("slots", line.slots, slots),
        ("lot", list(line.lot), lot.draw_slots(seed, line.id, min(slots, MOST_SLOTS), LOT_SLOTS)),
        ("counted", line.counted, min(line.counted, len(line.lot))),
        ("best", len(line.best or ()), min(2, line.counted) if line.best is not None else 0),
        ("participants", line.participants, min(line.participants, line.size)),
        ("marks", line.marks, min(line.marks, line.dealt_sixths // LEAST_SHARE)),
    ]


def _scored(line: PublishedLine, score: Score) -> list[tuple[str, object, object]]:
    return [
        ("quality", line.quality, fraction(score.quality)),
        ("participation", line.participation, fraction(score.participation)),
        ("voices", line.voices, fraction(score.voices)),
        ("score", line.score, fraction(score.total)),
        ("unrankedFor", line.unranked_for, score.unranked_for),
    ]


def _compare(where: str, parts: Sequence[tuple[str, object, object]]) -> list[Difference]:
    return [
        Difference(f"{where}: {name}", str(published), str(recounted))
        for name, published, recounted in parts
        if published != recounted
    ]


def _inputs(line: PublishedLine) -> Inputs:
    return Inputs(
        size=line.size,
        classes=len(line.classes),
        participants=line.participants,
        authors=line.authors,
        entered=line.standing_entries,
        counted=line.counted,
        best=None if line.best is None else tuple(Fraction(one) for one in line.best),
        marks=line.marks,
        dealt_sixths=line.dealt_sixths,
        quality=None if line.quality is None else Fraction(line.quality),
    )


def fraction(value: Fraction | None) -> str | None:
    """A fraction as text, `3/8` or `1`; None stays None."""
    return None if value is None else str(value)
