"""Identifiers: UUIDv7 for rows (index-friendly), random ones where the time of making must not show."""

import secrets
import uuid
from datetime import datetime

import uuid_utils.compat

Id = uuid.UUID


def new_id() -> Id:
    """A time-ordered UUIDv7, made here so that a use case knows its ids before it writes."""
    made: uuid.UUID = uuid_utils.compat.uuid7()
    return made


def first_id_at(moment: datetime) -> Id:
    """The least UUIDv7 of a moment: a bound for the ids that were made before or after it."""
    milliseconds = int(moment.timestamp() * 1000)
    return uuid.UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62)


def random_id() -> Id:
    """A UUIDv4, for rows whose time of making is private."""
    return uuid.uuid4()


def new_token() -> str:
    """256 random bits as URL-safe text: session tokens, guardian keys, upload tickets."""
    return secrets.token_urlsafe(32)
