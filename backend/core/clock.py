"""The one clock. Inside a transaction the database's time is read once; tests set another time here."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

_offset: ContextVar[timedelta] = ContextVar("clock_offset", default=timedelta())


def clock_offset() -> timedelta:
    """How far this context's time is ahead of the real one: zero outside tests and the demo."""
    return _offset.get()


def process_now() -> datetime:
    """This host's time, aware, UTC. For logs and start-up; domain decisions use the transaction's `now`."""
    return datetime.now(UTC) + _offset.get()


@contextmanager
def time_shifted(by: timedelta) -> Iterator[None]:
    """Everything in this context happens `by` later (or earlier, when negative)."""
    token = _offset.set(_offset.get() + by)
    try:
        yield
    finally:
        _offset.reset(token)
