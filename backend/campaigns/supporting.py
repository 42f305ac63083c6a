"""Stand behind a statement, or no longer. Counts are the author's alone; nothing is notified."""

from backend.campaigns.reading import reader_of
from backend.campaigns.store import feed, supports
from backend.campaigns.store import statements as store
from backend.core.database import Database
from backend.core.errors import NotAllowed, not_found
from backend.core.ids import Id
from backend.core.viewer import Viewer


async def support_statement(db: Database, viewer: Viewer, statement_id: Id) -> bool:
    """Support a statement that the viewer may see; whether it is new (again is harmless).

    Raises NotFound, NotAllowed `own_statement` or `seat_not_confirmed`.
    """
    async with db.transaction() as tx:
        account_id = viewer.require_active()
        statement = await store.get_statement(tx, statement_id)
        if statement is None or not await feed.may_see(tx, await reader_of(tx, viewer), statement_id):
            raise not_found("statement", statement_id)
        if statement.author_id == account_id:
            raise NotAllowed("own_statement")
        if viewer.seats and not any(seat.confirmed for seat in viewer.seats):
            raise NotAllowed("seat_not_confirmed")
        return await supports.add_support(tx, statement_id, account_id)


async def unsupport_statement(db: Database, viewer: Viewer, statement_id: Id) -> bool:
    """Take the support back, also of what is no longer visible; whether there was one."""
    async with db.transaction() as tx:
        account_id = viewer.require_active()
        return await supports.remove_support(tx, statement_id, account_id)
