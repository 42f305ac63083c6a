"""Whether the consent ledger covers what a statement shows: its words, and its author in the pictures."""

from collections.abc import Sequence
from datetime import datetime

import media.service
from backend.accounts import consent
from backend.accounts.consent_rules import ConsentPurpose, ConsentState
from backend.campaigns.rules import Audience
from backend.core.database import Connection
from backend.core.errors import ConsentRequired
from backend.core.ids import Id
from media.rules import People


async def require_covered(conn: Connection, author_id: Id, audience: Audience, asset_ids: Sequence[Id]) -> None:
    """Pass, or raise ConsentRequired with what is missing: to publish, or to show oneself in a picture."""
    await consent.require(conn, author_id, audience)
    if await _shows_author(conn, asset_ids):
        await consent.require(conn, author_id, audience, ConsentPurpose.IDENTIFIABLE_MEDIA)


async def is_covered(conn: Connection, author_id: Id, audience: Audience, asset_ids: Sequence[Id]) -> bool:
    """As `require_covered`, as an answer."""
    try:
        await require_covered(conn, author_id, audience, asset_ids)
    except ConsentRequired:
        return False
    return True


async def covered_audiences(conn: Connection, author_id: Id, now: datetime) -> frozenset[Audience]:
    """The audiences for which words may be published now."""
    state: ConsentState | None = (await consent.effective(conn, [author_id], now)).get(author_id)
    return frozenset() if state is None else frozenset(one for one in Audience if state.covers(one) is None)


async def _shows_author(conn: Connection, asset_ids: Sequence[Id]) -> bool:
    if not asset_ids:
        return False
    found = await media.service.assets_for(conn, asset_ids)
    return any(asset.people is People.ONLY_ME for asset in found.values())
