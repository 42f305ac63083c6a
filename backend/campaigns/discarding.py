"""Throw a draft away that nobody else ever saw."""

import media.attaching
from backend.campaigns.drafting import lock_own
from backend.campaigns.rules import Review, Visibility
from backend.campaigns.store import pictures
from backend.campaigns.store import statements as store
from backend.core import audit
from backend.core.database import Database
from backend.core.errors import Conflict
from backend.core.ids import Id
from backend.core.viewer import Viewer


async def discard_draft(db: Database, viewer: Viewer, statement_id: Id) -> None:
    """Delete an own statement that was never handed in; its pictures can be used again.

    Raises NotFound, also the second time, and Conflict once it was handed in: then it can be withdrawn.
    """
    async with db.transaction() as tx:
        author_id = viewer.require_active()
        statement = await lock_own(tx, statement_id, author_id)
        latest = await store.get_revision(tx, statement.latest_revision_id)
        if statement.visibility is not Visibility.UNPUBLISHED:
            raise Conflict(state=statement.visibility)
        if latest.number > 1 or latest.review is not Review.DRAFT:
            raise Conflict("already_handed_in", state=latest.review)
        await media.attaching.give_back(tx, await pictures.assets_of_statement(tx, statement_id))
        await store.delete_statement(tx, statement_id)
        await audit.record(tx, author_id, "author:statement:discarded", ("statement", statement_id))
