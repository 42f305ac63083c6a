"""The voices of other classes: deal a voter a hand of their statements, and take it back with some marked, once.

Who marked what is a ballot: no audit row, no job, no notice, and it goes when the result is confirmed.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from random import SystemRandom

from backend.core.batching import Batches
from backend.core.database import Database
from backend.core.errors import Conflict, DomainError, NotAllowed, ValidationFailed, not_found
from backend.core.ids import Id
from backend.core.viewer import Viewer
from backend.rounds import drawing, rules
from backend.rounds.hands import deal_hands
from backend.rounds.rules import RoundState
from backend.rounds.running import get_round
from backend.rounds.store import draw, jury, taking_part
from backend.rounds.store import hands as store
from backend.rounds.store import rounds as round_store
from backend.rounds.store.hands import Card, Hand
from backend.rounds.store.rounds import Round

_MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class DealtHand:
    """A voter's hand while the round is judged: the cards that can be read, and the ids of those they marked.

    `marked` None: not handed in. `most_marks`: how many may be. `at`: the moment of reading.
    """

    round: Round
    at: datetime
    cards: list[Card]
    marked: frozenset[Id] | None
    most_marks: int


@dataclass(frozen=True, slots=True)
class _Wish:
    """A voter who may be dealt a hand, and the classes that are their own."""

    round_id: Id
    voter_id: Id
    own_class_ids: frozenset[Id]


class Dealing:
    """Deals hands, to all who ask at the same time in one transaction: whoever deals holds the deck.

    One a process, made by the composition root. `most`: voters in one transaction.
    """

    def __init__(self, *, most: int = _MOST_AT_ONCE) -> None:
        self._most = most
        self._batches: Batches[_Wish, DomainError | None] | None = None

    async def deal(self, db: Database, viewer: Viewer, round_id: Id) -> None:
        """Deal the viewer a hand, unless they have one: it stays the same.

        Raises Unauthenticated, NotFound, NotAllowed (`account_restricted`, `no_seat_at_opening`), Closed, Conflict (the
        state of the round, `sealed_after_reset`, or `no_cards` when no other class has said anything).
        """
        wish = await _wish(db, viewer, round_id)
        if self._batches is None:
            self._batches = Batches(partial(_deal_all, db), most=self._most)
        refusal = await self._batches.add(wish)
        if refusal is not None:
            raise refusal


async def my_hand(db: Database, viewer: Viewer, round_id: Id) -> DealtHand | None:
    """The viewer's hand while the round is judged; None before the deal, and in a session that is sealed.

    Raises Unauthenticated, NotFound.
    """
    account_id = viewer.require_account()
    async with db.snapshot() as conn:
        row = await get_round(conn, viewer, round_id)
        now = await conn.now()
        if viewer.is_sealed or row.state(now) is not RoundState.JUDGING:
            return None
        hand = await store.get_hand(conn, row.id, account_id)
        if hand is None:
            return None
        cards = await store.list_cards(conn, row.id, hand.numbers)
    marked = None if hand.marked is None else frozenset(one.id for one in cards if one.number in hand.marked)
    return DealtHand(row, now, cards, marked, rules.most_marks(len(hand.numbers)))


async def mark_entries(db: Database, viewer: Viewer, round_id: Id, card_ids: Sequence[Id]) -> None:
    """Hand the viewer's hand in with these cards marked, or none. The same again is harmless.

    Raises Unauthenticated, NotFound (the round, `hand` before the deal, `card`), NotAllowed `account_restricted`,
    Closed, Conflict (the state of the round, `sealed_after_reset`, `already_marked`), ValidationFailed
    `too_many_marks`.
    """
    account_id = viewer.require_active()
    async with db.transaction() as tx:
        row = await round_store.share_round(tx, (await get_round(tx, viewer, round_id)).id)
        if row is None:
            raise not_found("round", round_id)
        rules.require_phase(row.times, await tx.now(), RoundState.JUDGING)
        hand = await store.lock_hand(tx, row.id, account_id)
        if hand is None:
            raise not_found("hand")
        if hand.marked is not None:
            # The answer may have been lost on the way, and a card may be gone meanwhile.
            if await store.entry_ids(tx, row.id, hand.marked) != set(card_ids):
                raise Conflict("already_marked", state="MARKED")
            return
        cards = await store.list_cards(tx, row.id, hand.numbers)
        await store.set_marked(tx, row.id, account_id, _numbers(hand, cards, card_ids))


def _numbers(hand: Hand, cards: Sequence[Card], card_ids: Sequence[Id]) -> list[int]:
    most = rules.most_marks(len(hand.numbers))
    if len(set(card_ids)) > most:
        raise ValidationFailed("too_many_marks", path=("card_ids",), max=most)
    numbers = {card.id: card.number for card in cards}
    if unknown := next((one for one in card_ids if one not in numbers), None):
        raise not_found("card", unknown)
    return sorted({numbers[one] for one in card_ids})


async def _wish(db: Database, viewer: Viewer, round_id: Id) -> _Wish:
    account_id = viewer.require_active()
    async with db.reading() as conn:
        row = await get_round(conn, viewer, round_id)
        rules.require_phase(row.times, await conn.now(), RoundState.JUDGING)
        if not await taking_part.classes_at_opening(conn, row, account_id):
            raise NotAllowed("no_seat_at_opening")
        own = await jury.own_classes(conn, [account_id])
    if row.drawn_at is None:
        await drawing.draw_if_due(db, row.id)
    return _Wish(row.id, account_id, frozenset(own[account_id]))


async def _deal_all(db: Database, wishes: Sequence[_Wish]) -> list[DomainError | None]:
    by_round: defaultdict[Id, dict[Id, _Wish]] = defaultdict(dict)
    for one in wishes:
        by_round[one.round_id][one.voter_id] = one
    refusals: dict[tuple[Id, Id], DomainError] = {}
    for round_id, voters in by_round.items():
        try:
            without = await _deal(db, round_id, voters)
        except DomainError as refusal:
            refusals |= dict.fromkeys(((round_id, one) for one in voters), refusal)
        else:
            refusals |= {(round_id, one): Conflict("no_cards", state=RoundState.JUDGING) for one in without}
    return [refusals.get((one.round_id, one.voter_id)) for one in wishes]


async def _deal(db: Database, round_id: Id, wishes: dict[Id, _Wish]) -> list[Id]:
    """Deal to the voters who have no hand yet; those for whom there is no card."""
    async with db.transaction() as tx:
        row = await round_store.share_round(tx, round_id)
        deck = await draw.lock_deck(tx, round_id) if row else None
        if row is None or deck is None:
            raise not_found("round", round_id)
        rules.require_phase(row.times, await tx.now(), RoundState.JUDGING)
        known = await store.voters_with_hands(tx, round_id, list(wishes))
        new = [one for one in wishes.values() if one.voter_id not in known]
        everywhere = sorted(frozenset().union(*(one.own_class_ids for one in new)))
        contenders = await draw.contenders_of_classes(tx, round_id, everywhere)
        own = [{one.id for one in contenders if not wish.own_class_ids.isdisjoint(one.class_ids)} for wish in new]
        hands, dealt = deal_hands(deck, own, SystemRandom())
        given = [(one.voter_id, numbers) for one, numbers in zip(new, hands, strict=True) if numbers]
        await store.add_hands(tx, round_id, given)
        await draw.set_dealt(tx, round_id, dealt)
    return [one.voter_id for one, numbers in zip(new, hands, strict=True) if not numbers]
