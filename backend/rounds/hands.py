"""Deal hands of statements of other classes, every class equally often. No I/O.

As equally as can be: nobody is dealt statements of their own class, and a hand is of as many classes as there are.
Source: rules.md, Round.
"""

import heapq
from collections import Counter
from collections.abc import Collection, Sequence
from random import Random

from backend.core.ids import Id
from backend.rounds.rules import CARDS
from backend.rounds.store.draw import Deck


class Dealer:
    """Deals hands from a deck, one after the other; `dealt`: how many cards of each contender have been by now."""

    def __init__(self, deck: Deck, chance: Random) -> None:
        self._deck = deck
        self._chance = chance
        self.dealt = list(deck.dealt)
        self._least_dealt: list[tuple[int, float, int]] = []  # a heap; equals in an order that chance decides
        for index in range(len(self.dealt)):
            self._put_back(index)

    def deal(self, own: Collection[Id]) -> list[int]:
        """Numbers of at most six cards, none twice and none of these contenders', in no order that tells whose."""
        hand: list[int] = []
        taken: Counter[int] = Counter()
        while more := self._one_of_each(CARDS - len(hand), own, taken):
            hand += more
        self._chance.shuffle(hand)
        return hand

    def _one_of_each(self, most: int, own: Collection[Id], taken: Counter[int]) -> list[int]:
        """A card each of the least dealt contenders that have one left for this hand."""
        seen: list[int] = []
        cards: list[int] = []
        while self._least_dealt and len(cards) < most:
            index = heapq.heappop(self._least_dealt)[2]
            seen.append(index)
            if self._deck.contender_ids[index] not in own and taken[index] < self._deck.sizes[index]:
                cards.append(self._next_card(index))
                taken[index] += 1
        for index in seen:
            self._put_back(index)
        return cards

    def _next_card(self, index: int) -> int:
        """A contender's cards come in turn, so that each of them is dealt equally often."""
        card = self._deck.first_numbers[index] + self.dealt[index] % self._deck.sizes[index]
        self.dealt[index] += 1
        return card

    def _put_back(self, index: int) -> None:
        heapq.heappush(self._least_dealt, (self.dealt[index], self._chance.random(), index))


def deal_hands(deck: Deck, own: Sequence[Collection[Id]], chance: Random) -> tuple[list[list[int]], list[int]]:
    """A hand for each voter, given the contenders that are their own; and how much of each is dealt then."""
    dealer = Dealer(deck, chance)
    return [dealer.deal(one) for one in own], dealer.dealt
