"""Read statements: the feed, one statement, its replies, and the author's own with what happens to them."""

from collections.abc import Sequence
from dataclasses import replace

from backend.campaigns.store import feed
from backend.campaigns.store.feed import FeedFilter, Reader, Shown
from backend.core.database import Database
from backend.core.ids import Id
from backend.core.paging import Key, Page, PageRequest, page_of
from backend.core.text import clean_text, search_config
from backend.core.viewer import ScopeKind, Viewer

MAX_SEARCH_CHARS = 100


def reader_of(viewer: Viewer) -> Reader:
    """What of the viewer decides what is shown: confirmed seats, and the classes and schools they work in."""
    confirmed = [seat for seat in viewer.seats if seat.confirmed]
    classes = {seat.class_id for seat in confirmed}
    schools = {seat.school_id for seat in confirmed}
    for grant in viewer.grants:
        if grant.scope_kind is ScopeKind.CLASS and grant.scope_id is not None:
            classes.add(grant.scope_id)
        if grant.scope_kind is ScopeKind.SCHOOL and grant.scope_id is not None:
            schools.add(grant.scope_id)
    return Reader(viewer.account_id, tuple(sorted(classes)), tuple(sorted(schools)))


async def list_statements(db: Database, viewer: Viewer, wanted: FeedFilter, request: PageRequest) -> Page[Shown]:
    """A page of the feed, newest first. Raises ValidationFailed when the search words are too long or harmful."""
    if wanted.words is not None:
        words = clean_text(wanted.words, path=("search",), max_chars=MAX_SEARCH_CHARS)
        wanted = replace(wanted, words=words, config=search_config(wanted.language or viewer.locale))
    async with db.reading() as conn:
        rows = await feed.list_feed(conn, reader_of(viewer), wanted, request)
    return page_of(request, rows, lambda row: Key(row.published_at, row.id))


async def find_statements(db: Database, viewer: Viewer, statement_ids: Sequence[Id]) -> list[Shown]:
    """Those of the statements that the viewer may see as published."""
    async with db.reading() as conn:
        return await feed.find_shown(conn, reader_of(viewer), statement_ids)
