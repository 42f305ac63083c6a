"""A host whose clock is wrong, while the database's is right."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Self
from unittest.mock import patch

from backend.core import clock
from tests.rounds.arena import Arena

WRONG = (timedelta(minutes=10), timedelta(minutes=-10))


@contextmanager
def wrong_host(arena: Arena, after_opening: timedelta, ahead: timedelta) -> Iterator[None]:
    """Everything inside happens so long after the opening, on a host whose clock is so far ahead of that."""

    class WrongClock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return cls.fromtimestamp((datetime.now(UTC) + ahead).timestamp(), UTC)

    with arena.at(after_opening), patch.object(clock, "datetime", WrongClock):
        yield
