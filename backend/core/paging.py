"""Keyset paging: a page is found by the last row's sort key; inserts never shift it and deep pages cost nothing."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

import msgspec

from backend.core.errors import ValidationFailed
from backend.core.ids import Id

MAX_PAGE = 100

T = TypeVar("T")


class Key(msgspec.Struct, array_like=True, frozen=True):
    """Where a row stands in a list that is ordered by a time and then by id."""

    at: datetime
    id: Id


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is wanted: `size` rows after `after` or before `before`; `backward` counts from the end."""

    size: int
    after: Key | None = None
    before: Key | None = None
    backward: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """At most `MAX_PAGE` rows in list order, each with the key its cursor is made of."""

    rows: Sequence[T]
    keys: Sequence[Key]
    has_next: bool
    has_previous: bool


def encode_cursor(key: Key) -> str:
    """An opaque cursor; it holds only what the row itself already shows (its time and id)."""
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(key)).decode().rstrip("=")


def decode_cursor(cursor: str, *, path: str) -> Key:
    """The key inside a cursor of ours. Raises ValidationFailed `invalid_cursor` on anything else."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        key = msgspec.msgpack.decode(raw, type=Key)
    except (binascii.Error, msgspec.MsgspecError, ValueError):
        raise ValidationFailed("invalid_cursor", path=(path,)) from None
    if key.at.tzinfo is None:
        raise ValidationFailed("invalid_cursor", path=(path,))
    return key


def page_request(
    *, first: int | None, after: str | None, last: int | None, before: str | None, default: int = 20
) -> PageRequest:
    """Relay's four arguments as one request. Raises ValidationFailed when they contradict or exceed MAX_PAGE."""
    if first is not None and last is not None:
        raise ValidationFailed("first_and_last", path=("last",))
    size = last if last is not None else first if first is not None else default
    if not 0 <= size <= MAX_PAGE:
        raise ValidationFailed("page_size", path=("last" if last is not None else "first",), max=MAX_PAGE)
    return PageRequest(
        size=size,
        after=decode_cursor(after, path="after") if after else None,
        before=decode_cursor(before, path="before") if before else None,
        backward=last is not None,
    )


def keyset_sql(
    request: PageRequest, *, at: str, row_id: str, first_param: int, newest_first: bool = True
) -> tuple[str, str, list[object]]:
    """SQL for one page of a list ordered by `(at, row_id)`: (condition, order-and-limit, parameters).

    The condition is `true` or comparisons with parameters from `$first_param` on; one row more than the page is
    fetched, so that `page_of` knows whether there is another.
    """
    later, earlier = ("<", ">") if newest_first else (">", "<")
    params: list[object] = []
    conditions: list[str] = []
    for bound, sign in ((request.after, later), (request.before, earlier)):
        if bound is not None:
            place = first_param + len(params)
            conditions.append(f"({at}, {row_id}) {sign} (${place}::timestamptz, ${place + 1}::uuid)")
            params += [bound.at, bound.id]
    descending = newest_first is not request.backward
    direction = "desc" if descending else "asc"
    order = f"order by {at} {direction}, {row_id} {direction} limit {request.size + 1}"
    return " and ".join(conditions) or "true", order, params


def page_of(request: PageRequest, rows: Sequence[T], key: Callable[[T], Key]) -> Page[T]:
    """The page that `keyset_sql` fetched: rows back in list order, the extra row turned into has_next/has_previous."""
    more = len(rows) > request.size
    kept = list(rows[: request.size])
    if request.backward:
        kept.reverse()
        return Page(kept, [key(row) for row in kept], has_next=request.before is not None, has_previous=more)
    return Page(kept, [key(row) for row in kept], has_next=more, has_previous=request.after is not None)
