"""Read statements: the feed, one statement, its replies, and the author's own with what happens to them."""

import re
from collections.abc import Sequence
from dataclasses import replace

from backend.campaigns.store import feed
from backend.campaigns.store.feed import FeedFilter, Reader, Shown
from backend.core.database import Connection, Database
from backend.core.ids import Id
from backend.core.paging import Key, Page, PageRequest, page_of
from backend.core.text import clean_text, search_config, signs_as_phrases
from backend.core.viewer import ScopeKind, Viewer
from backend.places import store as places_store

MAX_SEARCH_CHARS = 100
# One minus excludes a word; for each further one PostgreSQL's parser goes a step deeper, until it gives up.
_MINUSES = re.compile(r"(?:(?:^|\s)-[-\s]*)+")


async def reader_of(conn: Connection, viewer: Viewer) -> Reader:
    """What of the viewer decides what is shown: confirmed seats, and the classes and schools they work in.

    A sealed session reads as a member of its classes but not as the person: it must not tell which statement is theirs.
    """
    confirmed = [seat for seat in viewer.seats if seat.confirmed]
    classes = {seat.class_id for seat in confirmed}
    taught: set[Id] = set()
    schools = {seat.school_id for seat in confirmed}
    for grant in viewer.grants:
        if grant.scope_kind is ScopeKind.CLASS and grant.scope_id is not None:
            taught.add(grant.scope_id)
        if grant.scope_kind is ScopeKind.SCHOOL and grant.scope_id is not None:
            schools.add(grant.scope_id)
    if taught:
        schools |= {one.school_id for one in (await places_store.get_classes(conn, list(taught))).values()}
    account_id = None if viewer.is_sealed else viewer.account_id
    return Reader(account_id, tuple(sorted(classes | taught)), tuple(sorted(schools)))


async def list_statements(db: Database, viewer: Viewer, wanted: FeedFilter, request: PageRequest) -> Page[Shown]:
    """A page of the feed, newest first; slips of the pen are forgiven when nothing has the words as they are written.

    Raises ValidationFailed when the search words are too long or harmful.
    """
    if wanted.words is not None:
        words = _MINUSES.sub(" -", clean_text(wanted.words, path=("search",), max_chars=MAX_SEARCH_CHARS))
        wanted = replace(wanted, words=words, config=search_config(wanted.language or viewer.locale))
    async with db.reading() if wanted.words is None else db.snapshot() as conn:
        reader = await reader_of(conn, viewer)
        if wanted.in_reply_to is not None and not await feed.may_see(conn, reader, wanted.in_reply_to):
            return page_of(request, [], _key)  # what one may not see has no answers either
        if wanted.words is None:
            return page_of(request, await feed.list_feed(conn, reader, wanted, request), _key)
        return page_of(request, await _search(conn, reader, wanted, request, words=wanted.words), _key)


async def _search(
    conn: Connection, reader: Reader, wanted: FeedFilter, request: PageRequest, *, words: str
) -> list[Shown]:
    """What has the words as they are written; when nothing has, on no page, what looks like them, which costs more."""
    exactly = replace(wanted, words=signs_as_phrases(words))
    rows = await feed.list_feed(conn, reader, exactly, request)
    is_later_page = request.after is not None or request.before is not None
    if rows or (is_later_page and await feed.list_feed(conn, reader, exactly, PageRequest(1))):
        return rows
    return await feed.list_feed(conn, reader, replace(wanted, is_fuzzy=True), request)


async def find_statements(db: Database, viewer: Viewer, statement_ids: Sequence[Id]) -> list[Shown]:
    """Those of the statements that the viewer may see as published."""
    async with db.reading() as conn:
        return await feed.find_shown(conn, await reader_of(conn, viewer), statement_ids)


def _key(row: Shown) -> Key:
    return Key(row.published_at, row.id)
