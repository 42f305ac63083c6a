"""A movie for tests that need none of its frames: an asset of that medium."""

from backend.core.database import Database
from backend.core.ids import Id
from media.movies.orders import Sound


async def as_movie(db: Database, asset_id: Id, *, sound: Sound = Sound.KEPT, seconds: float | None = None) -> Id:
    """The same asset, a movie from now on, which is known to run for `seconds` if they are given."""
    async with db.transaction() as tx:
        await tx.execute(
            "update asset set medium = 'MOVIE', kind = 'video/mp4', sound = $2 where id = $1", asset_id, sound
        )
        await tx.execute("update rendition set seconds = $2 where asset_id = $1", asset_id, seconds)
    return asset_id
