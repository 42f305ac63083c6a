"""SQL of the demo: what no service tells."""

from backend.core.database import Connection
from backend.core.ids import Id


async def has_accounts(conn: Connection) -> bool:
    """Whether anybody is here already."""
    found: bool = await conn.fetch_value("select exists (select from account)")
    return found


async def mailed_code(conn: Connection, email: str) -> str:
    """The code in the mail that proves this address."""
    code: str = await conn.fetch_value(
        "select params ->> 'code' from outgoing_mail where recipient = $1 and kind = 'email_verify'", email
    )
    return code


async def competing_statements(conn: Connection) -> list[Id]:
    """Statements that the lot found and that everybody can still read."""
    rows = await conn.fetch(
        "select e.statement_id from entry e join statement s on s.id = e.statement_id"
        " where s.visibility = 'PUBLISHED' order by e.number"
    )
    return [row["statement_id"] for row in rows]
