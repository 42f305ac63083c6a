"""The end of a class: by its staff, on its last day, and the erasure of accounts that never left it."""

from backend.accounts import store as account_store
from backend.accounts.erasure import begin_erasure
from backend.accounts.people import Door, Status
from backend.core import audit
from backend.core.database import Database, Transaction
from backend.core.errors import Closed, NotAllowed, not_found
from backend.core.ids import Id
from backend.core.policy import Action, can, why_not
from backend.core.viewer import Viewer
from backend.notices import inbox
from backend.places import closing_store, store
from backend.places.classes import found_class
from backend.places.config import PlaceSettings
from backend.places.records import SchoolClass
from backend.places.visibility import can_see_class

BATCH = 50


async def close_class(db: Database, viewer: Viewer, settings: PlaceSettings, *, class_id: Id) -> SchoolClass:
    """End a class now: a teacher of it, or the school's administration. Raises Closed `class_closed`."""
    viewer.require_account()
    async with db.transaction() as tx:
        found = await store.lock_class(tx, class_id)
        if found is None:
            raise not_found("SchoolClass")
        if not (can(viewer, Action.CLASS_RUN, found.scope) or can(viewer, Action.CLASS_CREATE, found.scope)):
            reason = why_not(viewer, Action.CLASS_RUN, found.scope) or "not_allowed"
            if reason == "not_allowed" and not can_see_class(viewer, found.scope):
                raise not_found("SchoolClass")
            raise NotAllowed(reason)
        if found.closed_at is not None:
            raise Closed("class_closed")
        await _close(tx, found, settings, by=viewer.account_id)
        return await found_class(tx, class_id)


async def _close(tx: Transaction, found: SchoolClass, settings: PlaceSettings, *, by: Id | None) -> None:
    await store.set_closed(tx, found.id)
    await store.revoke_codes(tx, found.id)
    await audit.record(tx, by, "class:class:closed", ("class", found.id))
    days = settings.class_retention.days
    for account_id, ends in await closing_store.members(tx, found.id):
        kind = "class_closed_erasure" if ends else "class_closed"
        await inbox.tell(tx, account_id, kind, {"class": found.name, "days": days}, subject=("school_class", found.id))


async def close_due_classes(db: Database, settings: PlaceSettings) -> int:
    """Periodic: close classes whose last day has passed in their city; how many. They stopped by themselves already."""
    async with db.reading() as conn:
        due = await closing_store.due_classes(conn, limit=BATCH)
    closed = 0
    for class_id in due:
        async with db.transaction() as tx:
            found = await store.lock_class(tx, class_id)
            if found is not None and found.closed_at is None and not found.is_open(await tx.now()):
                await _close(tx, found, settings, by=None)
                closed += 1
    return closed


async def erase_closed_classes(db: Database, settings: PlaceSettings) -> int:
    """Periodic: begin to erase accounts that a class made and that never left it, after the retention; how many.

    Whoever carried the account over, sits in another class or holds a role stays.
    """
    async with db.reading() as conn:
        over = await closing_store.classes_to_erase(conn, await conn.now() - settings.class_retention, limit=BATCH)
    erased = 0
    for class_id in over:
        async with db.transaction() as tx:
            erased += await _erase_members(tx, settings, class_id)
    return erased


async def _erase_members(tx: Transaction, settings: PlaceSettings, class_id: Id) -> int:
    found = await store.lock_class(tx, class_id)
    if found is None or not await closing_store.set_erased(tx, class_id):
        return 0
    erased = 0
    for account_id in await closing_store.accounts_left_in(tx, class_id, await tx.now() - settings.class_retention):
        account = await account_store.lock_account(tx, account_id)
        if account is None or account.status is not Status.ACTIVE or account.door is not Door.CLASS_CODE:
            continue
        await inbox.tell(tx, account_id, "class_erasure", {"class": found.name}, subject=("school_class", class_id))
        await begin_erasure(tx, settings.accounts, account_id, keep_statements=False)
        erased += 1
    return erased
