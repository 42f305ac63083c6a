"""Pages by key in PostgreSQL against the same pages cut out of a Python list, and cursors from anywhere."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from backend.core.database import Database
from backend.core.errors import ValidationFailed
from backend.core.paging import (
    MAX_PAGE,
    Key,
    PageRequest,
    decode_cursor,
    encode_cursor,
    keyset_sql,
    page_of,
    page_request,
)

# Few moments and few ids, so that many rows share a moment.
KEYS = st.builds(
    lambda seconds, number: Key(datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=seconds), UUID(int=number)),
    st.integers(0, 4),
    st.integers(0, 40),
)
REQUESTS = st.builds(
    PageRequest, size=st.integers(0, 6), after=st.none() | KEYS, before=st.none() | KEYS, backward=st.booleans()
)


def cut(keys: set[Key], request: PageRequest, *, newest_first: bool) -> tuple[list[Key], bool]:
    """The wanted page of the ordered list, and whether there is more behind it in the direction of reading."""
    whole = sorted(keys, key=lambda key: (key.at, key.id), reverse=newest_first)
    after, before = (None if bound is None else (bound.at, bound.id) for bound in (request.after, request.before))

    def follows(key: Key, bound: tuple[datetime, UUID]) -> bool:
        return (key.at, key.id) < bound if newest_first else (key.at, key.id) > bound

    def precedes(key: Key, bound: tuple[datetime, UUID]) -> bool:
        return (key.at, key.id) != bound and not follows(key, bound)

    kept = [
        key for key in whole if (after is None or follows(key, after)) and (before is None or precedes(key, before))
    ]
    more = len(kept) > request.size
    if request.backward:
        return kept[max(0, len(kept) - request.size) :], more
    return kept[: request.size], more


@examples(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(keys=st.sets(KEYS, max_size=12), request=REQUESTS, newest_first=st.booleans())
def test_page_of_the_database_is_the_cut_of_the_list(
    db: Database, runner: asyncio.Runner, keys: set[Key], request: PageRequest, newest_first: bool
) -> None:
    async def read() -> list[Key]:
        where, order, params = keyset_sql(request, at="at", row_id="id", first_param=3, newest_first=newest_first)
        async with db.reading() as conn:
            rows = await conn.fetch(
                f"select at, id from unnest($1::timestamptz[], $2::uuid[]) as t(at, id) where {where} {order}",
                [key.at for key in keys], [key.id for key in keys], *params,
            )  # fmt: skip
        return [Key(row["at"], row["id"]) for row in rows]

    page = page_of(request, runner.run(read()), lambda key: key)
    expected, more = cut(keys, request, newest_first=newest_first)
    assert list(page.rows) == list(page.keys) == expected
    assert (page.has_previous if request.backward else page.has_next) is more


@given(KEYS)
def test_cursor_leads_back_to_its_key(key: Key) -> None:
    assert decode_cursor(encode_cursor(key), path="after") == key


@given(st.text(max_size=120))
def test_cursor_from_anywhere_is_a_key_or_refused(text: str) -> None:
    with suppress(ValidationFailed):
        assert decode_cursor(text, path="after").at.tzinfo is not None


@given(st.none() | st.integers(-5, 200), st.none() | st.integers(-5, 200))
def test_page_size_is_bounded_whatever_is_asked(first: int | None, last: int | None) -> None:
    if first is None or last is None:
        wanted = first if last is None else last
        if wanted is None or 0 <= wanted <= MAX_PAGE:
            made = page_request(first=first, after=None, last=last, before=None)
            assert (made.size, made.backward) == (20 if wanted is None else wanted, last is not None)
            return
    with pytest.raises(ValidationFailed):
        page_request(first=first, after=None, last=last, before=None)
