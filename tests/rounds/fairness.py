"""Weekly competitions by the thousand, in memory: students, jurors and voters are chance, all that counts is the rule.

The same seed gives the same students, jurors and voters whatever a class is up to, so that two ways of playing are
compared in the same weeks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from operator import itemgetter
from random import Random

from backend.campaigns.rules import Audience, Review, Visibility
from backend.core.ids import Id, random_id
from backend.rounds import contenders, lot, rules
from backend.rounds.contenders import Field
from backend.rounds.rules import JURORS_AN_ENTRY, MOST_MARKS, Weights
from backend.rounds.score import hand_shares
from backend.rounds.store.candidates import Candidate, Choice
from backend.rounds.store.draw import Contender
from backend.rounds.store.standings import Judged, Stood, Voices
from backend.rounds.tally import Gathered, Line, tally

SIZES = (9, 9, 12, 12, 20, 20, 30, 30, 40, 40)
_SPEAK, _VOTE = 0.7, 0.25  # the chance of a student to speak in public; the share of a class that votes
_SCORES_A_DEVIATION = 0.8  # a statement that is a standard deviation better has so much more of 1..5
_TASTE = 3.0  # between what two people think of the same statement lie at most so many standard deviations
_AT = datetime(2026, 3, 16, 7, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Conduct:
    """What a class is up to. As it is here: nothing."""

    opt_out: float = 0  # the share of its authors that it talks into it, the weakest first
    withdraw: float = 0  # or into withdrawing
    merit: float = 0  # how much better its authors are than others, in standard deviations
    statements: int = 1  # of each author
    marks: int = MOST_MARKS  # of each of its voters; 0 is also a hand that was never handed in


HONEST = Conduct()
_NOBODY: Mapping[int, Conduct] = {}


def _chance(seed: int, purpose: str) -> Random:
    return Random(f"{purpose} {seed}")  # noqa: S311 - the same in every run


def _ids(purpose: str, count: int) -> list[Id]:
    """The lot hashes ids: they are the same in every run."""
    chance = _chance(count, purpose)
    return [Id(int=chance.getrandbits(128)) for _ in range(count)]


def _statement(author_id: Id, class_id: Id) -> Candidate:
    state = (Audience.CITY, Visibility.PUBLISHED, Review.APPROVED)
    return Candidate(random_id(), author_id, class_id, *state, published_at=_AT, handed_in_at=_AT, is_leaving=False)


_CLASSES = _ids("classes", len(SIZES))
_STATEMENTS = [
    [_statement(author_id, class_id) for author_id in _ids(str(class_id), size)]
    for class_id, size in zip(_CLASSES, SIZES, strict=True)
]


def play(seed: int, conducts: Mapping[int, Conduct] = _NOBODY, *, everybody_takes_part: bool = True) -> list[Line]:
    """The result of a week, a line a class in the order of SIZES. `conducts`: by the number of the class.

    Those who do not speak in public reflect in private, or if not `everybody_takes_part` do nothing.
    """
    chance = _chance(seed, "students")
    merits: dict[Id, float] = {}
    candidates: list[Candidate] = []
    choices: list[Choice] = []
    participants: dict[Id, int] = {}
    for number, (class_id, statements) in enumerate(zip(_CLASSES, _STATEMENTS, strict=True)):
        conduct = conducts.get(number, HONEST)
        said = [(chance.gauss(conduct.merit, 1), one) for one in statements if chance.random() < _SPEAK]
        merits |= {one.author_id: merit for merit, one in said}
        participants[class_id] = len(statements) if everybody_takes_part else len(said)
        handed_in, chosen = _handed_in([one for _, one in sorted(said, key=itemgetter(0))], conduct)
        candidates += handed_in
        choices += chosen
    fields = contenders.fields_of([(one,) for one in _CLASSES], candidates, choices, _chance(seed, "shuffle"))
    drawn = [_contender(seed, field, size) for field, size in zip(fields, SIZES, strict=True)]
    cards = [[merits[entry.author_id] for entry in field.entries] for field in fields]
    stood = {one.id: Stood(one.entered, one.entered) for one in drawn}
    voices = _voices(_chance(seed, "voices"), drawn, cards, conducts)
    return tally(Gathered(drawn, participants, stood, _judged(_chance(seed, "jury"), drawn, cards), voices), Weights())


def _handed_in(weakest_first: Sequence[Candidate], conduct: Conduct) -> tuple[list[Candidate], list[Choice]]:
    out, withdrawn = (round(share * len(weakest_first)) for share in (conduct.opt_out, conduct.withdraw))
    choices = [Choice(one.author_id, one.class_id, None) for one in weakest_first[:out]]
    gone = [replace(one, visibility=Visibility.WITHDRAWN) for one in weakest_first[:withdrawn]]
    kept = [*gone, *weakest_first[withdrawn:]]
    return kept + [replace(one, id=random_id()) for one in kept for _ in range(conduct.statements - 1)], choices


def _contender(seed: int, field: Field, size: int) -> Contender:
    [class_id] = field.class_ids
    slots = rules.slots_of(authors=field.authors, size=size)
    drawn = lot.draw_slots(seed.to_bytes(lot.SEED_BYTES, "big"), class_id, slots, rules.LOT_SLOTS)
    return Contender(class_id, class_id, [class_id], size, field.authors, len(field.entries), slots, drawn)


def _judged(chance: Random, drawn: Sequence[Contender], cards: Sequence[Sequence[float]]) -> list[Judged]:
    found = []
    for one, merits in zip(drawn, cards, strict=True):
        for slot in one.lot:
            tastes = [_taste(chance) for _ in range(JURORS_AN_ENTRY)]
            if slot < one.entered:
                scores = [_score(merits[slot] + taste) for taste in tastes]
                found.append(Judged(one.id, slot, is_shown=True, is_alive=True, scores=scores))
    return found


def _taste(chance: Random) -> float:
    return _TASTE * (chance.random() - 0.5)


def _score(liking: float) -> int:
    return min(5, max(1, round(3 + _SCORES_A_DEVIATION * liking)))


def _voices(
    chance: Random, drawn: Sequence[Contender], cards: Sequence[Sequence[float]], conducts: Mapping[int, Conduct]
) -> list[Voices]:
    """What the hands give: each is one card of each of the least dealt others, and the voter marks what they like."""
    dealt, marks, sixths = ([0] * len(drawn) for _ in range(3))
    order = chance.sample(range(len(drawn)), len(drawn))
    voters = [number for number, size in enumerate(SIZES) for _ in range(round(_VOTE * size))]
    chance.shuffle(voters)
    for voter in voters:
        tastes = [_taste(chance) for _ in drawn]
        others = [number for number in order if number != voter and cards[number]]
        hand = sorted(others, key=dealt.__getitem__)[: rules.CARDS]
        liking = {one: cards[one][dealt[one] % len(cards[one])] + tastes[one] for one in hand}
        most = rules.most_marks(len(hand))
        marked = sorted(hand, key=liking.__getitem__, reverse=True)[: min(conducts.get(voter, HONEST).marks, most)]
        share = hand_shares(len(hand), marked=len(marked), most=most)
        for one in hand:
            dealt[one] += 1
            sixths[one] += share
        for one in marked:
            marks[one] += 1
    return [Voices(one.id, *given) for one, *given in zip(drawn, marks, sixths, strict=True)]
