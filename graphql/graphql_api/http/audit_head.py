"""Where the audit chain stood at midnight, for everybody: who keeps the line notices when the chain is written anew."""

from datetime import UTC, datetime, time

from litestar import MediaType, get
from litestar.handlers import HTTPRouteHandler

from backend.core import audit
from backend.core.database import Database


def make_audit_routes(db: Database) -> list[HTTPRouteHandler]:
    """`/audit-head`: day, number of the last link sealed before it began (UTC), and that link's hash."""

    @get("/audit-head", media_type=MediaType.TEXT, include_in_schema=False)
    async def audit_head() -> str:
        """One line; the same all day."""
        async with db.reading() as conn:
            today = (await conn.now()).astimezone(UTC).date()
            number, digest = await audit.head(conn, before=datetime.combine(today, time(), UTC))
        return f"{today} {number} {digest.hex()}\n"

    return [audit_head]
