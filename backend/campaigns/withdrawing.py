"""The author takes a statement back: at once, without a reason, and it is gone everywhere."""

from datetime import timedelta

import media.attaching
import moderation.opening
from backend.campaigns import rules
from backend.campaigns.drafting import lock_own
from backend.campaigns.rules import Audience, Visibility
from backend.campaigns.store import pictures
from backend.campaigns.store import statements as store
from backend.campaigns.store.statements import Statement
from backend.core import audit, signals
from backend.core.database import Database, Transaction
from backend.core.ids import Id
from backend.core.viewer import Viewer


async def withdraw_statement(db: Database, viewer: Viewer, statement_id: Id) -> None:
    """Withdraw; again is harmless. What had gone to SOCIAL opens a takedown task of 24 hours. Raises NotFound."""
    async with db.transaction() as tx:
        author_id = viewer.require_account()
        viewer.require_unsealed()
        statement = await lock_own(tx, statement_id, author_id)
        if await take_back(tx, statement):
            await audit.record(tx, author_id, "author:statement:withdrawn", ("statement", statement_id))


async def take_back(tx: Transaction, statement: Statement) -> bool:
    """Withdraw a locked statement with its case and pictures; whether it was not withdrawn before."""
    if statement.visibility is Visibility.WITHDRAWN:
        return False
    rules.move_visibility(statement.visibility, Visibility.WITHDRAWN)
    was_social = statement.audience is Audience.SOCIAL and statement.published_at is not None
    due = await tx.now() + timedelta(hours=rules.TAKEDOWN_HOURS) if was_social else None
    await store.set_visibility(tx, statement.id, Visibility.WITHDRAWN, takedown_due_at=due)
    await moderation.opening.close_for_withdrawal(tx, "statement", statement.id)
    await media.attaching.revoke(tx, await pictures.assets_of_statement(tx, statement.id))
    await signals.notify(tx, "feed")
    return True
