"""A movie for tests that need none of its frames: an asset of that medium, and served files of any bytes."""

import hashlib
from collections.abc import AsyncIterator

from backend.core.database import Database
from backend.core.ids import Id, new_id
from media.blobs.protocol import rendition_name
from media.config import Media
from media.movies.orders import Sound


async def as_movie(
    db: Database,
    asset_id: Id,
    *,
    sound: Sound = Sound.KEPT,
    seconds: float | None = None,
    has_sound: bool | None = None,
) -> Id:
    """The same asset, a movie from now on; its files know how long it runs and if it is heard, where given."""
    async with db.transaction() as tx:
        await tx.execute(
            "update asset set medium = 'MOVIE', kind = 'video/mp4', sound = $2 where id = $1", asset_id, sound
        )
        await tx.execute(
            "update rendition set seconds = $2, has_sound = $3 where asset_id = $1", asset_id, seconds, has_sound
        )
    return asset_id


async def add_file(db: Database, media: Media, asset_id: Id, data: bytes, *, format_: str = "mp4") -> str:
    """Give it one more served file; its name in an address."""
    sha256 = hashlib.sha256(data).hexdigest()

    async def whole() -> AsyncIterator[bytes]:
        yield data

    await media.blobs.put(rendition_name(asset_id, sha256, format_), whole())
    async with db.transaction() as tx:
        await tx.execute(
            "insert into rendition (id, asset_id, format, width, height, size, sha256)"
            " values ($1, $2, $3, 1, 1, $4, $5)",
            new_id(), asset_id, format_, len(data), sha256,
        )  # fmt: skip
    return f"{sha256}.{format_}"
