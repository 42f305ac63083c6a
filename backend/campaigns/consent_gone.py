"""A consent was taken back: what it carried is taken down at once. Done by a job that may run again."""

from typing import Any

from backend.campaigns import coverage
from backend.campaigns.rules import WAITING_REVIEWS, Visibility
from backend.campaigns.store import statements as store
from backend.campaigns.withdrawing import take_back
from backend.core import audit
from backend.core.database import Database, Transaction
from backend.core.ids import Id
from backend.notices import inbox

JOB = "consent.withdrawn"
_BATCH = 50


async def handle(db: Database, payload: dict[str, Any]) -> int:
    """Withdraw the account's shown or waiting statements that the ledger no longer covers; how many there were.

    One transaction a statement, so that a long list holds no lock for long; what is covered again by then stays.
    """
    account_id = Id(payload["account"])
    taken, last = 0, None
    while True:
        async with db.reading() as conn:
            ids = await store.list_shown_or_waiting(conn, account_id, after=last, limit=_BATCH)
        for statement_id in ids:
            async with db.transaction() as tx:
                taken += await _take_down(tx, account_id, statement_id)
        if len(ids) < _BATCH:
            return taken
        last = ids[-1]


async def _take_down(tx: Transaction, account_id: Id, statement_id: Id) -> bool:
    statement = await store.lock_statement(tx, statement_id)
    if statement is None or statement.author_id != account_id or statement.visibility is Visibility.WITHDRAWN:
        return False
    latest = await store.get_revision(tx, statement.latest_revision_id)
    judged = [latest.id] if latest.review in WAITING_REVIEWS else []
    if statement.published_revision_id is not None:
        judged.append(statement.published_revision_id)
    if not judged:
        return False
    assets = {one for ids in (await store.asset_ids_of(tx, judged)).values() for one in ids}
    if await coverage.is_covered(tx, account_id, statement.audience, list(assets)):
        return False
    await take_back(tx, statement)
    await inbox.tell(tx, account_id, "statement_lost_consent", subject=("statement", statement_id))
    await audit.record(tx, None, "system:statement:withdrawn", ("statement", statement_id), reason="consent_withdrawn")
    return True
