"""A statement may be shared no longer: its cards and bundles go with the commit, and what was posted has a day to go.

Called by whoever takes a statement out of the public, with its row locked.
"""

from backend.campaigns.editors import editors_of
from backend.campaigns.sharing.rules import TakedownReason
from backend.campaigns.store import takedowns as store
from backend.core import audit
from backend.core.database import Transaction
from backend.core.ids import Id
from backend.core.jobs import enqueue
from backend.notices import inbox

REMOVE = "campaigns.remove_shared"


async def end_sharing(tx: Transaction, statement_id: Id, campaign_id: Id, reason: TakedownReason) -> None:
    """End everything, and open a takedown of 24 hours for what had gone out. Again is harmless."""
    await remove_shared(tx, statement_id)
    takedown_id = await store.open_takedown(tx, statement_id, reason)
    if takedown_id is not None:
        editors = await editors_of(tx, campaign_id)
        await inbox.tell_all(tx, editors, "takedown_opened", subject=("takedown", takedown_id))
        await audit.record(tx, None, "system:takedown:opened", ("takedown", takedown_id), reason=reason)


async def remove_shared(tx: Transaction, statement_id: Id, *, but_revision: Id | None = None) -> None:
    """Cards and bundles go, but those of one wording; what was posted of them may stay."""
    if await store.end_shared(tx, statement_id, but_revision=but_revision):
        await enqueue(tx, REMOVE, {}, key=REMOVE)


async def tell_of_old_posts(tx: Transaction, statement_id: Id, campaign_id: Id, *, but_revision: Id) -> None:
    """A new wording is public: tell the editors if an older one went out, since posts do not change by themselves."""
    if await store.went_out(tx, statement_id, but_revision=but_revision):
        editors = await editors_of(tx, campaign_id)
        await inbox.tell_all(tx, editors, "posts_outdated", subject=("statement", statement_id))


async def lapse(tx: Transaction, statement_id: Id, campaign_id: Id) -> None:
    """The statement is public again: nobody has to take it down. Cards and bundles have to be asked for anew."""
    takedown_id = await store.lapse_takedown(tx, statement_id)
    if takedown_id is not None:
        editors = await editors_of(tx, campaign_id)
        await inbox.tell_all(tx, editors, "takedown_lapsed", subject=("takedown", takedown_id))
        await audit.record(tx, None, "system:takedown:lapsed", ("takedown", takedown_id))
