"""Work that is done ahead: same order, no further ahead than allowed, and what goes wrong goes wrong in its turn."""

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from media.movies.ahead import ahead


def test_same_in_the_same_order_from_another_thread() -> None:
    makers: set[int] = set()

    def made() -> Iterator[int]:
        for number in range(50):
            makers.add(threading.get_ident())
            yield number

    assert list(ahead(made(), room=3)) == list(range(50))
    assert len(makers) == 1
    assert threading.get_ident() not in makers


def test_what_goes_wrong_is_raised_behind_what_went_well() -> None:
    def made() -> Iterator[int]:
        yield 1
        yield 2
        raise MemoryError

    following = ahead(made(), room=5)
    assert (next(following), next(following)) == (1, 2)
    with pytest.raises(MemoryError):
        next(following)


def test_no_further_ahead_than_there_is_room() -> None:
    begun: list[int] = []

    def made() -> Iterator[int]:
        for number in range(100):
            begun.append(number)
            yield number

    taken = 0
    for taken, _ in enumerate(ahead(made(), room=4), start=1):
        assert len(begun) <= taken + 4
    assert taken == 100


def test_closed_early_it_leaves_no_thread_and_does_not_go_on() -> None:
    makers: list[threading.Thread] = []

    def made() -> Iterator[int]:
        for number in range(1000):
            makers.append(threading.current_thread())
            yield number

    with closing(ahead(made(), room=4)) as following:
        assert next(following) == 0
    assert not makers[0].is_alive()
    assert len(makers) <= 6


def test_nothing_is_nothing() -> None:
    assert list(ahead(iter(()), room=2)) == []
