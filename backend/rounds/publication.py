"""The published result of a round, and its recount from nothing but what is published. No I/O."""

import hashlib
from collections.abc import Iterable, Sequence
from fractions import Fraction

import msgspec

from backend.core.ids import Id
from backend.rounds import lot
from backend.rounds.rules import LEAST_SEATS, LOT_SLOTS, MOST_MARKS, Unranked, Weights, may_rank, slots_of
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
    "Unranked, with most inputs withheld: size under 9 and not joined (TOO_SMALL); something stood but fewer than 3 "
    "entries could be read in time (TOO_FEW_ENTRIES); fewer than 2 slots that counted (NOT_ENOUGH_SCORES). "
    "Ties share a rank."
)


class PublishedClass(msgspec.Struct, frozen=True):
    """A class by name."""

    id: Id
    name: str
    school: str
    city: str


class PublishedLine(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A contender: inputs, parts and rank. Fractions are text, `3/8`. `withheld` says what is left out.

    `best` is left out 30 days after the announcement, too.
    """

    id: Id
    classes: tuple[PublishedClass, ...]
    size: int
    authors: int | None = None
    slots: int | None = None
    lot: tuple[int, ...] | None = None
    participants: int | None = None
    standing_entries: int | None = None
    readable_entries: int | None = None
    counted: int | None = None
    marks: int | None = None
    dealt_sixths: int | None = None
    participation: str | None = None
    voices: str | None = None
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
            _score(line, Weights())
    except (msgspec.MsgspecError, ValueError, ZeroDivisionError) as error:
        raise ValueError(f"this is no published round: {error}") from None
    if publication.format != FORMAT:
        raise ValueError(f"this is no {FORMAT} but {publication.format[:40]!r}")
    return publication


def withheld(line: PublishedLine) -> PublishedLine:
    """The line without what would tell of a single student.

    Of an unranked class only how many took part is told, and of a few people not even that: its voices would be the
    marks on one or two statements, its inputs a count of who spoke, who reflected and who left themselves out. Where
    nothing stands, the number of authors would be that of those who opted out.
    """
    if line.rank is not None:
        return msgspec.structs.replace(line, authors=None) if line.standing_entries == 0 else line
    bare = PublishedLine(id=line.id, classes=line.classes, size=line.size, unranked_for=line.unranked_for)
    if line.size < LEAST_SEATS:
        return bare
    return msgspec.structs.replace(bare, participants=line.participants, participation=line.participation)


def digest(lines: Iterable[PublishedLine]) -> str:
    """A fingerprint of a result, whatever its order and the names in it: what an editor saw is what is confirmed."""
    bare = sorted((msgspec.structs.replace(line, classes=()) for line in lines), key=lambda line: line.id)
    return hashlib.sha256(msgspec.json.encode(bare)).hexdigest()


def recount(publication: Publication) -> tuple[list[Score | None], list[Difference]]:
    """The score of each ranked line worked out anew, and all that is published otherwise; none when it agrees."""
    weights = Weights(publication.weights.quality, publication.weights.participation, publication.weights.voices)
    scores = [_score(line, weights) for line in publication.standings]
    places = ranks([score.total if score else None for score in scores])
    seed = bytes.fromhex(publication.seed)
    found = _compare("seed", [("seedHash", publication.seed_hash, lot.seed_hash(seed))])
    for line, score, rank in zip(publication.standings, scores, places, strict=True):
        name = " + ".join(one.name for one in line.classes) or str(line.id)
        found += _compare(name, [*_told(line), ("rank", line.rank, rank)])
        if score is not None:
            found += _compare(name, [*_drawn(line, seed), *_scored(line, score)])
    if sum((weights.quality, weights.participation, weights.voices)) != 100:
        found.append(Difference("weights", "", "the weights must make 100"))
    return scores, found


def _score(line: PublishedLine, weights: Weights) -> Score | None:
    """None of a line that is published as unranked: what that follows from is withheld."""
    return None if line.unranked_for else work_out(_inputs(line), weights)


def _told(line: PublishedLine) -> list[tuple[str, object, object]]:
    """What can be checked of every line."""
    expected: Unranked | None = None if line.unranked_for is Unranked.TOO_SMALL else line.unranked_for
    if not may_rank(size=line.size, classes=len(line.classes)):
        expected = Unranked.TOO_SMALL
    told = [("unrankedFor", line.unranked_for, expected)]
    if line.participants is None:
        return [*told, ("participation", line.participation, None)]
    share = Fraction(min(line.participants, line.size), line.size) if line.size else Fraction(0)
    return [
        *told,
        ("participants", line.participants, min(line.participants, line.size)),
        ("participation", line.participation, str(share)),
    ]


def _drawn(line: PublishedLine, seed: bytes) -> list[tuple[str, object, object]]:
    least = slots_of(authors=line.authors or 0, size=line.size)
    slots = least if line.authors is not None else max(line.slots or 0, least)
    drawn, counted = line.lot or (), line.counted or 0
    return [
        ("slots", line.slots, slots),
        ("lot", list(drawn), lot.draw_slots(seed, line.id, min(slots, MOST_SLOTS), LOT_SLOTS)),
        ("counted", line.counted, min(counted, len(drawn))),
        ("best", len(line.best or ()), min(2, counted) if line.best is not None else 0),
        ("readableEntries", line.readable_entries, min(line.readable_entries or 0, line.standing_entries or 0)),
        ("marks", line.marks, min(line.marks or 0, (line.dealt_sixths or 0) // LEAST_SHARE)),
    ]


def _scored(line: PublishedLine, score: Score) -> list[tuple[str, object, object]]:
    return [
        ("quality", line.quality, fraction(score.quality)),
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
    """What a ranked line is worked out from. Raises ValueError when something is not published that has to be."""
    needed = (line.participants, line.standing_entries, line.readable_entries, line.counted, line.marks)
    if None in needed or line.dealt_sixths is None or (line.authors is None and line.standing_entries != 0):
        raise ValueError("the inputs of a ranked class are missing")
    return Inputs(
        size=line.size,
        classes=len(line.classes),
        participants=line.participants or 0,
        authors=line.authors or 0,
        entered=line.standing_entries or 0,
        readable=line.readable_entries or 0,
        counted=line.counted or 0,
        best=None if line.best is None else tuple(Fraction(one) for one in line.best),
        marks=line.marks or 0,
        dealt_sixths=line.dealt_sixths,
        quality=None if line.quality is None else Fraction(line.quality),
    )


def fraction(value: Fraction | None) -> str | None:
    """A fraction as text, `3/8` or `1`; None stays None."""
    return None if value is None else str(value)
