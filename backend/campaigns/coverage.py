"""Whether the consent ledger covers what a statement shows: its words, and its author's picture and voice."""

from collections.abc import Sequence
from datetime import datetime

import media.service
from backend.accounts import consent
from backend.accounts.consent_rules import ConsentPurpose
from backend.campaigns.rules import Audience
from backend.core.database import Connection
from backend.core.errors import ConsentRequired
from backend.core.ids import Id
from media.kinds import Medium
from media.movies.orders import Sound
from media.rules import USABLE, People
from media.views import AssetView

Asked = tuple[ConsentPurpose, Audience]
_PURPOSES = (ConsentPurpose.PUBLISH, ConsentPurpose.IDENTIFIABLE_MEDIA)


async def require_covered(
    conn: Connection, author_id: Id, audience: Audience, asset_ids: Sequence[Id], *, at_school: bool
) -> None:
    """Pass, or raise ConsentRequired with what is missing: to publish, or to be seen or heard in media.

    `at_school`: said as somebody of a class, which takes a consent that came by the school.
    """
    await consent.require(conn, author_id, audience, at_school=at_school)
    if await _tells_who(conn, asset_ids):
        await consent.require(conn, author_id, audience, ConsentPurpose.IDENTIFIABLE_MEDIA, at_school=at_school)


async def is_covered(
    conn: Connection, author_id: Id, audience: Audience, asset_ids: Sequence[Id], *, at_school: bool
) -> bool:
    """As `require_covered`, as an answer."""
    try:
        await require_covered(conn, author_id, audience, asset_ids, at_school=at_school)
    except ConsentRequired:
        return False
    return True


async def why_not_covered(
    conn: Connection, author_id: Id, now: datetime, *, at_school: bool
) -> dict[Asked, str | None]:
    """For every purpose and audience of a statement: why it may not be shown now, None when it may."""
    state = (await consent.effective(conn, [author_id], now, at_school=at_school)).get(author_id)
    if state is None:
        return {}
    return {(purpose, one): state.covers(one, purpose) for purpose in _PURPOSES for one in Audience}


async def _tells_who(conn: Connection, asset_ids: Sequence[Id]) -> bool:
    if not asset_ids:
        return False
    found = await media.service.assets_for(conn, asset_ids)
    return any(tells_who(asset) for asset in found.values())


def tells_who(asset: AssetView) -> bool:
    """Whether its author can be recognised in it: in a picture that they are on, or by their voice in a movie.

    Whoever speaks in a movie, its author is taken to be among them.
    """
    return asset.people is People.ONLY_ME or _is_heard(asset)


def _is_heard(asset: AssetView) -> bool:
    """Whether it is a movie with sound. While it waits to be made, also anew, the choice says so, not its files."""
    is_silent = asset.status in USABLE and any(file.has_sound is False for file in asset.renditions)
    return asset.medium is Medium.MOVIE and asset.sound is not Sound.REMOVED and not is_silent
