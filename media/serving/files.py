"""Which file an address means at this moment: the state in the database decides each time, so hiding is instant."""

import re

from backend.core.clock import process_now
from backend.core.database import Database
from media import store
from media.blobs.protocol import rendition_name
from media.config import Media
from media.rules import may_show, may_show_public
from media.serving.addresses import signed_for
from media.views import ServedFile

# Whatever else stands in an address never reaches the database.
_KEY = re.compile(r"[0-9A-Za-z_-]{22}\Z")
_NAME = re.compile(r"([0-9a-f]{64})\.(webp|jpeg)\Z")


async def find_public(db: Database, *, key: str, name: str) -> ServedFile | None:
    """The file behind a public address; None when there is none, or none any more."""
    if not (_KEY.match(key) and (parts := _NAME.match(name))):
        return None
    async with db.reading() as conn:
        file = await store.find_file(conn, sha256=parts[1], format_=parts[2], key=key)
    return file if file is not None and may_show_public(file.status, is_public=file.is_public) else None


async def find_signed(db: Database, media: Media, *, stamp: str, name: str) -> ServedFile | None:
    """The file behind a signed address; None when the address is forged or over, or the picture is hidden from it."""
    parts = _NAME.match(name)
    if parts is None:
        return None
    permit = signed_for(media, stamp, now=process_now())
    if permit is None:
        return None
    async with db.reading() as conn:
        file = await store.find_file(conn, sha256=parts[1], format_=parts[2], asset_id=permit.asset_id)
    return file if file is not None and may_show(file.status, permit.reach) else None


async def read_file(media: Media, file: ServedFile) -> bytes:
    """Its bytes. Raises BlobMissing."""
    return await media.blobs.read(rendition_name(file.asset_id, file.sha256, file.format))
