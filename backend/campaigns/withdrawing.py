"""The author takes a statement back: at once, without a reason, and it is gone everywhere."""

import media.attaching
import moderation.opening
from backend.campaigns import rules
from backend.campaigns.drafting import lock_own
from backend.campaigns.rules import Visibility
from backend.campaigns.sharing.ending import end_sharing
from backend.campaigns.sharing.rules import TakedownReason
from backend.campaigns.store import pictures
from backend.campaigns.store import statements as store
from backend.campaigns.store.statements import Statement
from backend.core import audit, signals
from backend.core.database import Database, Transaction
from backend.core.ids import Id
from backend.core.viewer import Viewer


async def withdraw_statement(db: Database, viewer: Viewer, statement_id: Id) -> None:
    """Withdraw; again is harmless. What had been exported opens a takedown of 24 hours. Raises NotFound."""
    async with db.transaction() as tx:
        author_id = viewer.require_account()
        viewer.require_unsealed()
        statement = await lock_own(tx, statement_id, author_id)
        if await take_back(tx, statement):
            await audit.record(tx, author_id, "author:statement:withdrawn", ("statement", statement_id))


async def take_back(tx: Transaction, statement: Statement, reason: TakedownReason = TakedownReason.WITHDRAWN) -> bool:
    """Withdraw a locked statement with its case, pictures and cards; whether it was not withdrawn before."""
    if statement.visibility is Visibility.WITHDRAWN:
        return False
    rules.move_visibility(statement.visibility, Visibility.WITHDRAWN)
    await store.set_visibility(tx, statement.id, Visibility.WITHDRAWN)
    await end_sharing(tx, statement.id, statement.campaign_id, reason)
    await moderation.opening.close_for_withdrawal(tx, "statement", statement.id)
    await media.attaching.revoke(tx, await pictures.assets_of_statement(tx, statement.id))
    await signals.notify(tx, "feed")
    return True
