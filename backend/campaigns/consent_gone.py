"""A consent was taken back: what it carried goes out of every view with the same commit, worker or not."""

from collections.abc import Mapping

from backend.campaigns import coverage
from backend.campaigns.rules import Visibility
from backend.campaigns.sharing.rules import TakedownReason
from backend.campaigns.store import personal as own
from backend.campaigns.store import pictures
from backend.campaigns.store import statements as store
from backend.campaigns.store.statements import Statement
from backend.campaigns.withdrawing import take_back
from backend.core import audit
from backend.core.database import Transaction
from backend.core.ids import Id
from backend.notices import inbox


async def take_down_uncovered(tx: Transaction, account_id: Id) -> int:
    """Withdraw the account's shown or waiting statements that the ledger no longer covers; how many there were.

    All of the author's statements are locked first: one that is being handed in or approved just now is seen in the
    state in which that ends, or waits for this transaction and then reads its ledger.
    """
    taken = 0
    statements = await store.find_statements(tx, await own.lock_of_author(tx, account_id))
    judged = await store.judged_revisions(tx, [one.id for one in statements])
    for statement in statements:
        if statement.visibility is not Visibility.WITHDRAWN and not await _is_covered(tx, statement, judged):
            await take_back(tx, statement, TakedownReason.CONSENT_ENDED)
            await inbox.tell(tx, account_id, "statement_lost_consent", subject=("statement", statement.id))
            await audit.record(
                tx, None, "system:statement:withdrawn", ("statement", statement.id), reason="consent_withdrawn"
            )
            taken += 1
    return taken


async def _is_covered(tx: Transaction, statement: Statement, judged: Mapping[Id, list[Id]]) -> bool:
    if statement.author_id is None or statement.id not in judged:
        return True
    assets = await pictures.list_assets(tx, judged[statement.id])
    at_school = statement.class_id is not None
    return await coverage.is_covered(tx, statement.author_id, statement.audience, assets, at_school=at_school)
