"""Dealing by itself: equal shares, never one's own, no card twice; for few and for many classes."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.ids import Id
from backend.rounds.hands import deal_hands
from backend.rounds.store.draw import Deck


def deck_of(sizes: list[int]) -> Deck:
    """Contenders 0, 1, … with so many cards each."""
    firsts = [sum(sizes[:index]) for index in range(len(sizes))]
    return Deck(Id(int=0), [Id(int=index) for index in range(len(sizes))], firsts, sizes, [0] * len(sizes))


def deal(deck: Deck, own: list[int], seed: int = 1) -> tuple[list[list[int]], list[int]]:
    return deal_hands(deck, [{Id(int=one)} for one in own], Random(seed))  # noqa: S311 - the same at each run


def owner(deck: Deck, card: int) -> int:
    return max(index for index, first in enumerate(deck.first_numbers) if first <= card)


@pytest.mark.parametrize("classes", [7, 10, 60])
def test_many_classes_are_dealt_equally_often_with_one_card_a_hand(classes: int) -> None:
    deck = deck_of([5] * classes)
    hands, dealt = deal(deck, [voter % classes for voter in range(20 * classes)])
    assert all(len({owner(deck, card) for card in hand}) == 6 for hand in hands)
    assert max(dealt) - min(dealt) <= 1
    assert sum(dealt) == 6 * len(hands)


@pytest.mark.parametrize(("classes", "of_each"), [(2, [6]), (3, [3, 3]), (4, [2, 2, 2]), (5, [1, 1, 2, 2])])
def test_few_classes_share_the_hand(classes: int, of_each: list[int]) -> None:
    deck = deck_of([9] * classes)
    hands, dealt = deal(deck, [voter % classes for voter in range(30 * classes)])
    assert all(sorted(Counter(owner(deck, card) for card in hand).values()) == of_each for hand in hands)
    assert max(dealt) - min(dealt) <= 2


def test_cards_of_a_class_are_dealt_equally_often() -> None:
    deck = deck_of([4, 7, 30])
    hands, dealt = deal(deck, [0, 1, 2] * 100)
    count = Counter(card for hand in hands for card in hand)
    for index, (first, size) in enumerate(zip(deck.first_numbers, deck.sizes, strict=True)):
        shares = [count[card] for card in range(first, first + size)]
        assert max(shares) - min(shares) <= 1
        assert sum(shares) == dealt[index]


def test_class_alone_has_nobody_to_mark() -> None:
    assert deal(deck_of([5]), [0, 0]) == ([[], []], [0])
    assert deal(deck_of([]), [0]) == ([[]], [])


def test_small_class_does_not_come_twice_in_a_hand() -> None:
    hands, dealt = deal(deck_of([5, 1, 2]), [0])
    assert sorted(hands[0]) == [5, 6, 7]
    assert dealt == [0, 1, 2]


def test_who_is_of_several_classes_is_dealt_none_of_them() -> None:
    deck = deck_of([5] * 4)
    [hand], _ = deal_hands(deck, [{Id(int=0), Id(int=2)}], Random(1))  # noqa: S311
    assert {owner(deck, card) for card in hand} == {1, 3}


def test_deal_goes_on_where_the_last_one_ended() -> None:
    deck = deck_of([50] * 8)
    first, dealt = deal(deck, [0])
    second, _ = deal(Deck(deck.round_id, deck.contender_ids, deck.first_numbers, deck.sizes, dealt), [0], seed=2)
    assert len({owner(deck, card) for card in first[0]} | {owner(deck, card) for card in second[0]}) == 7


@given(
    sizes=st.lists(st.integers(1, 12), min_size=1, max_size=12),
    own=st.lists(st.integers(0, 11), max_size=30),
    seed=st.integers(0, 1000),
)
def test_hand_is_full_has_no_card_twice_and_none_of_ones_own(sizes: list[int], own: list[int], seed: int) -> None:
    deck = deck_of(sizes)
    hands, dealt = deal(deck, own, seed)
    for hand, mine in zip(hands, own, strict=True):
        others = sum(size for index, size in enumerate(sizes) if index != mine)
        assert len(set(hand)) == len(hand) == min(6, others)
        assert mine not in {owner(deck, card) for card in hand}
    assert sum(dealt) == sum(map(len, hands))
