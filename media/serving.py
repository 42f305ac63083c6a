"""Which file an address means at this moment: the state in the database decides each time, so hiding is instant."""

import re
from dataclasses import dataclass

from backend.core.clock import process_now
from backend.core.database import Connection, Database
from backend.core.ids import Id
from media.addresses import signed_for
from media.blobs import rendition_name
from media.config import Media
from media.rules import AssetStatus, may_show, may_show_public


@dataclass(frozen=True, slots=True)
class ServedFile:
    """A file that may be sent now: SHA-256 in hex (also its ETag), format (webp, jpeg), size in bytes."""

    asset_id: Id
    sha256: str
    format: str
    size: int
    status: AssetStatus
    is_public: bool


# Whatever else stands in an address never reaches the database.
_KEY = re.compile(r"[0-9A-Za-z_-]{22}\Z")
_NAME = re.compile(r"([0-9a-f]{64})\.(webp|jpeg)\Z")

_FILE = """
select a.id as asset_id, r.sha256, r.format, r.size, a.status, a.is_public
  from asset a join rendition r on r.asset_id = a.id
 where r.sha256 = $2 and r.format = $3
"""


async def find_public(db: Database, *, key: str, name: str) -> ServedFile | None:
    """The file behind a public address; None when there is none, or none any more."""
    if not (_KEY.match(key) and (parts := _NAME.match(name))):
        return None
    async with db.reading() as conn:
        file = await _find(conn, "a.key = $1", key, parts)
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
        file = await _find(conn, "a.id = $1", permit.asset_id, parts)
    return file if file is not None and may_show(file.status, permit.reach) else None


async def _find(conn: Connection, where: str, which: object, parts: re.Match[str]) -> ServedFile | None:
    return await conn.fetch_one_as(ServedFile, f"{_FILE} and {where}", which, parts[1], parts[2])


async def read_file(media: Media, file: ServedFile) -> bytes:
    """Its bytes. Raises BlobMissing."""
    return await media.blobs.read(rendition_name(file.asset_id, file.sha256, file.format))
