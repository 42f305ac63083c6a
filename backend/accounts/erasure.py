"""Leaving: an account disappears at once, can come back for a day, and is then forgotten by every domain."""

from datetime import timedelta
from typing import Any

import msgspec

from backend.accounts import personal_data, session_store, store
from backend.accounts.config import AccountSettings
from backend.accounts.people import Account, Status
from backend.core import audit, jobs, ratelimit
from backend.core.database import Database, Transaction
from backend.core.errors import Conflict, not_found
from backend.core.ids import Id
from backend.core.ratelimit import Limit
from backend.core.viewer import Viewer
from backend.notices import inbox

JOB = "account.erase"
_EXPORTS = Limit("account_export", burst=10, per_seconds=86400)


async def request_erasure(db: Database, settings: AccountSettings, viewer: Viewer, *, keep_statements: bool) -> Account:
    """Take the viewer's account out of every view; its data goes after the delay unless it is taken back.

    With `keep_statements` published statements stay, without their author. The session stays for taking it back.
    Raises Conflict `erasure_requested` or `sealed_after_reset`.
    """
    account_id = viewer.require_account()
    async with db.transaction() as tx:
        viewer.require_unsealed()
        account = await _lock(tx, account_id)
        if account.status is not Status.ACTIVE:
            raise Conflict("erasure_requested", state=account.status)
        await begin_erasure(tx, settings, account_id, keep_statements=keep_statements)
        await session_store.revoke_all(tx, account_id, await tx.now(), but=viewer.session_id)
        return await _lock(tx, account_id)


async def begin_erasure(tx: Transaction, settings: AccountSettings, account_id: Id, *, keep_statements: bool) -> None:
    """The same for a locked account on behalf of a rule, e.g. when a class was closed long ago."""
    now = await tx.now()
    await store.set_status(tx, account_id, Status.ERASURE_REQUESTED, since=now, keep=keep_statements)
    for domain in personal_data.registered():
        if domain.leave is not None:
            await domain.leave(tx, account_id)
    # The moment is part of the key: a second request after a change of mind has a job of its own.
    key = f"{JOB}:{account_id}:{int(now.timestamp() * 1000)}"
    await jobs.enqueue(tx, JOB, {"account": str(account_id)}, after=settings.erasure_delay, key=key)
    await inbox.tell(tx, account_id, "erasure_requested", {"hours": int(settings.erasure_delay / timedelta(hours=1))})
    await audit.record(tx, account_id, "account:erasure:requested", ("account", account_id), keep=keep_statements)


async def cancel_erasure(db: Database, viewer: Viewer) -> Account:
    """Take it back. Raises Conflict `erasure_not_requested` or `sealed_after_reset`."""
    account_id = viewer.require_account()
    async with db.transaction() as tx:
        viewer.require_unsealed()
        account = await _lock(tx, account_id)
        if account.status is not Status.ERASURE_REQUESTED:
            raise Conflict("erasure_not_requested", state=account.status)
        await store.set_status(tx, account_id, Status.ACTIVE, since=None, keep=False)
        for domain in personal_data.registered():
            if domain.come_back is not None:
                await domain.come_back(tx, account_id)
        await inbox.tell(tx, account_id, "erasure_cancelled")
        await audit.record(tx, account_id, "account:erasure:cancelled", ("account", account_id))
        return await _lock(tx, account_id)


async def handle_erase(db: Database, settings: AccountSettings, payload: dict[str, Any]) -> bool:
    """The job: erase if it is still wanted and the day has passed; whether it did."""
    account_id = Id(payload["account"])
    async with db.transaction() as tx:
        account = await store.lock_account(tx, account_id)
        if account is None or account.status is not Status.ERASURE_REQUESTED or account.erasure_requested_at is None:
            return False
        if await tx.now() < account.erasure_requested_at + settings.erasure_delay:
            return False
        await erase_now(tx, account_id)
    return True


async def erase_now(tx: Transaction, account_id: Id) -> None:
    """Every domain forgets the person; the audit keeps what was done, without leading to them."""
    for domain in reversed(personal_data.registered()):
        await domain.erase(tx, account_id)
    await audit.record(tx, None, "system:account:erased", ("account", account_id))
    await audit.forget(tx, account_id)


async def export_data(db: Database, settings: AccountSettings, viewer: Viewer) -> str:
    """All that the domains hold about the viewer, as JSON. Raises Conflict `sealed_after_reset`, RateLimited."""
    account_id = viewer.require_account()
    async with db.reading() as conn:
        viewer.require_unsealed()
    await ratelimit.take(db, _EXPORTS, str(account_id), secret=settings.secret)
    async with db.snapshot() as conn:
        parts = {domain.name: await domain.export(conn, account_id) for domain in personal_data.registered()}
    return msgspec.json.format(msgspec.json.encode(parts), indent=2).decode()


async def _lock(tx: Transaction, account_id: Id) -> Account:
    account = await store.lock_account(tx, account_id)
    if account is None:
        raise not_found("Account", account_id)
    return account
