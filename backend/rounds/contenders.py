"""From what was handed in to who competes with what: contenders, their entries and slots. No I/O."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from backend.campaigns.rules import PUBLIC_AUDIENCES, WAITING_REVIEWS, Visibility
from backend.core.ids import Id
from backend.rounds.store.candidates import Candidate, Choice

_STANDING = frozenset({Visibility.PUBLISHED, Visibility.HIDDEN})


@dataclass(frozen=True, slots=True)
class Field:
    """The statements of a contender: `entries` compete; `authors` counts the people they and those left out are of."""

    class_ids: tuple[Id, ...]
    entries: tuple[Candidate, ...]
    authors: int


def is_alive(one: Candidate) -> bool:
    """Whether a statement is published or may still be: hidden for now, or before its reviewers."""
    if one.is_leaving:
        return False
    return one.visibility in _STANDING or (one.visibility is Visibility.UNPUBLISHED and one.review in WAITING_REVIEWS)


def is_public(one: Candidate) -> bool:
    """Whether it was said to everybody: only that is shown to a jury and to other classes."""
    return one.audience in PUBLIC_AUDIENCES


def groups_of(class_ids: Iterable[Id], unions: Sequence[Sequence[Id]]) -> list[tuple[Id, ...]]:
    """The classes, those that joined together as one group."""
    of = {class_id: tuple(union) for union in unions for class_id in union}
    return list(dict.fromkeys(of.get(class_id, (class_id,)) for class_id in class_ids))


def fields_of(
    groups: Sequence[tuple[Id, ...]], candidates: Sequence[Candidate], choices: Sequence[Choice], shuffle: Random
) -> list[Field]:
    """What each group competes with, its entries in no order that would tell whose they are.

    One entry an author: the chosen one if it still stands, else the first handed in. Authors who opted out or withdrew
    keep their (empty) slot, so that nobody gains by leaving somebody out; those who were refused have none.
    """
    authors: dict[Id, set[Id]] = defaultdict(set)
    for one in filter(is_public, candidates):
        if is_alive(one) or (one.visibility is Visibility.WITHDRAWN and not one.is_leaving):
            authors[one.class_id].add(one.author_id)
    return _gather(groups, authors, entries_of(candidates, choices).values(), shuffle)


def entries_of(candidates: Sequence[Candidate], choices: Sequence[Choice]) -> dict[Id, Candidate]:
    """The entry of each author who has one: the latest choice that still stands, else what was handed in first.

    `candidates` in the order of handing in, `choices` in that of choosing.
    """
    able = [one for one in candidates if is_public(one) and is_alive(one)]
    alive = {one.id for one in able}
    standing = [one for one in choices if one.statement_id is None or one.statement_id in alive]
    chosen = {(one.account_id, one.class_id): one.statement_id for one in standing}
    turn = {one.statement_id: number for number, one in enumerate(standing)}
    entry: dict[Id, Candidate] = {}
    for one in sorted(able, key=lambda one: -turn.get(one.id, -1)):
        if chosen.get((one.author_id, one.class_id), one.id) == one.id:
            entry.setdefault(one.author_id, one)
    return entry


def _gather(
    groups: Sequence[tuple[Id, ...]],
    authors: Mapping[Id, set[Id]],
    entries: Iterable[Candidate],
    shuffle: Random,
) -> list[Field]:
    by_class: dict[Id, list[Candidate]] = defaultdict(list)
    for one in entries:
        by_class[one.class_id].append(one)
    found = []
    for group in groups:
        mine = [one for class_id in group for one in by_class[class_id]]
        shuffle.shuffle(mine)
        everybody = set[Id]().union(*(authors.get(class_id, ()) for class_id in group))
        found.append(Field(group, tuple(mine), len(everybody)))
    return found
