"""The consent that a proposal rests on. Others see it without a name, class or school, and only as members."""

from backend.campaigns import coverage
from backend.campaigns.rules import Audience
from backend.core.database import Connection
from backend.core.ids import Id

# Members read it, nobody else: the child's own yes to what is said at school. CITY would ask the guardian's too.
AUDIENCE = Audience.SCHOOL


async def require_covered(conn: Connection, account_id: Id) -> None:
    """Raises ConsentRequired with what is missing."""
    await coverage.require_covered(conn, account_id, AUDIENCE, [], at_school=True)


async def is_covered(conn: Connection, account_id: Id) -> bool:
    """As `require_covered`, as an answer."""
    return await coverage.is_covered(conn, account_id, AUDIENCE, [], at_school=True)
