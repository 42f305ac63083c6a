"""Which pictures are still needed because somebody may yet be put right about the statement they stand in."""

from collections.abc import Collection
from datetime import datetime

from backend.campaigns.store import pictures
from backend.campaigns.subject import KIND
from backend.core.database import Connection
from backend.core.ids import Id
from moderation import appeal_store


async def contested_pictures(conn: Connection, asset_ids: Collection[Id], decided_after: datetime) -> set[Id]:
    """Those in a statement with an appeal that waits, or with a decision since then: it can still be contested."""
    statements = await pictures.statements_with(conn, asset_ids)
    asked = sorted({one for several in statements.values() for one in several})
    contested = await appeal_store.find_contested(conn, KIND, asked, decided_after=decided_after)
    return {asset_id for asset_id, several in statements.items() if several & contested}
