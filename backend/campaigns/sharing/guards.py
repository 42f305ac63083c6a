"""Who may share a statement, and whether it may be shared at this moment: asked with its row locked."""

from backend.campaigns import coverage
from backend.campaigns.reading import reader_of
from backend.campaigns.rules import Audience
from backend.campaigns.sharing.rules import check_shareable
from backend.campaigns.store import feed, pictures
from backend.campaigns.store import statements as store
from backend.campaigns.store.statements import Statement
from backend.core import policy
from backend.core.database import Connection, Transaction
from backend.core.errors import DomainError, not_found
from backend.core.ids import Id
from backend.core.policy import Action
from backend.core.viewer import Viewer


async def lock_to_share(
    tx: Transaction, viewer: Viewer, statement_id: Id, action: Action, *, or_author: bool
) -> Statement:
    """The statement, locked, for somebody who may: a role over its campaign, or its author where that is enough.

    Raises NotFound for what the viewer does not see, NotAllowed, Conflict (sealed).
    """
    account_id = viewer.require_active()
    statement = await store.lock_statement(tx, statement_id)
    if statement is None:
        raise not_found("statement", statement_id)
    if or_author and statement.author_id == account_id:
        return statement
    if not await feed.may_see(tx, await reader_of(tx, viewer), statement_id):
        raise not_found("statement", statement_id)
    policy.require(viewer, action, statement.scope)
    return statement


async def require_shareable(conn: Connection, statement: Statement) -> Id:
    """The id of the wording that may be shared. Raises Conflict, and ConsentRequired while no consent is in force."""
    check_shareable(statement)
    if statement.author_id is None or statement.published_revision_id is None:
        raise LookupError(f"statement {statement.id} passed without author or wording")
    assets = await pictures.list_assets(conn, [statement.published_revision_id])
    at_school = statement.class_id is not None
    await coverage.require_covered(conn, statement.author_id, Audience.SOCIAL, assets, at_school=at_school)
    return statement.published_revision_id


async def lock_still_shareable(tx: Transaction, statement_id: Id, revision_id: Id) -> bool:
    """Whether what a worker made of this wording may be kept; the statement is locked from here on."""
    statement = await store.lock_statement(tx, statement_id)
    try:
        return statement is not None and await require_shareable(tx, statement) == revision_id
    except DomainError:
        return False
