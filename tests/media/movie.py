"""A movie for tests that need none of its frames: an asset of that medium."""

from backend.core.database import Database
from backend.core.ids import Id


async def as_movie(db: Database, asset_id: Id) -> Id:
    """The same asset, a movie from now on."""
    async with db.transaction() as tx:
        became = "medium = 'MOVIE', kind = 'video/mp4', sound = 'KEPT'"
        await tx.execute(f"update asset set {became} where id = $1", asset_id)
    return asset_id
