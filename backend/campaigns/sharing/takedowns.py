"""What has to be taken down from social media within a day: the list, the confirmation, and those who are reminded."""

from collections.abc import Sequence
from datetime import timedelta

from backend.campaigns.editors import editors_of
from backend.campaigns.sharing.exporting import exported_by, may_export
from backend.campaigns.sharing.rules import (
    MAX_NOTE_CHARS,
    REMINDED_BEFORE,
    Telling,
    confirmation_counts,
    takedown_state,
)
from backend.campaigns.store import statements as statement_store
from backend.campaigns.store import takedowns as store
from backend.campaigns.store.takedowns import Takedown
from backend.core import audit
from backend.core.database import Database
from backend.core.errors import not_found
from backend.core.ids import Id
from backend.core.paging import Key, Page, PageRequest, page_of
from backend.core.text import clean_text
from backend.core.viewer import Role, Viewer
from backend.notices import inbox
from backend.places import role_store


async def confirm_takedown(db: Database, viewer: Viewer, takedown_id: Id, *, note: str | None = None) -> None:
    """Say that everything is down; the author is told. Again, or by two at once, is harmless: the first one counts.

    Raises NotFound for all but the campaign's editors, Conflict once it lapsed, ValidationFailed of the note.
    """
    if note is not None:
        note = clean_text(note, path=("note",), max_chars=MAX_NOTE_CHARS, multiline=True)
    async with db.transaction() as tx:
        account_id = viewer.require_active()
        row = await store.lock_takedown(tx, takedown_id)
        if row is None or not await may_export(tx, viewer, row.campaign_id):
            raise not_found("Takedown", takedown_id)
        if not confirmation_counts(takedown_state(row.confirmed_at, row.lapsed_at)):
            return
        await store.confirm(tx, takedown_id, account_id, note)
        statement = await statement_store.get_statement(tx, row.statement_id)
        if statement is not None and statement.author_id is not None:
            subject = ("statement", row.statement_id)
            await inbox.tell(tx, statement.author_id, "takedown_confirmed", subject=subject)
        await audit.record(tx, account_id, "editor:takedown:confirmed", ("takedown", takedown_id))


async def list_takedowns(
    db: Database, viewer: Viewer, campaign_id: Id, request: PageRequest, *, only_open: bool = False
) -> Page[Takedown]:
    """A page of a campaign's takedowns, newest first; empty for all but its editors."""
    async with db.reading() as conn:
        seen = await may_export(conn, viewer, campaign_id)
        rows = await store.list_takedowns(conn, campaign_id, request, only_open=only_open) if seen else []
    return page_of(request, rows, lambda row: Key(row.opened_at, row.id))


async def find_takedowns(db: Database, viewer: Viewer, ids: Sequence[Id]) -> list[Takedown]:
    """Those of the takedowns that the viewer may see."""
    async with db.reading() as conn:
        rows = await store.find_takedowns(conn, ids)
        seen = await exported_by(conn, viewer, {row.campaign_id for row in rows})
    return [row for row in rows if row.campaign_id in seen]


async def remind(db: Database) -> int:
    """Tell the editors once, six hours before a takedown is due; how many takedowns."""
    return await _tell_due(db, Telling.SOON, "takedown_reminder", REMINDED_BEFORE)


async def tell_overdue(db: Database) -> int:
    """Tell the editors and the secretariat once that a takedown is overdue; how many takedowns."""
    return await _tell_due(db, Telling.OVERDUE, "takedown_overdue", timedelta())


async def _tell_due(db: Database, telling: Telling, kind: str, before: timedelta) -> int:
    async with db.reading() as conn:
        due = await store.find_due(conn, before=await conn.now() + before, telling=telling)
    told = 0
    for takedown_id in due:
        async with db.transaction() as tx:
            campaign_id = await store.claim_telling(tx, takedown_id, telling)
            if campaign_id is None:
                continue
            people = set(await editors_of(tx, campaign_id))
            if telling is Telling.OVERDUE:
                people |= set(await role_store.holders_in_network(tx, Role.SECRETARIAT))
            await inbox.tell_all(tx, sorted(people), kind, subject=("takedown", takedown_id))
            told += 1
    return told
