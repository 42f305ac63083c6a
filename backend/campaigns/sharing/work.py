"""What the worker does for what is shared: one registration for the composition root."""

from typing import Any
from uuid import UUID

from backend.campaigns.sharing.attempts import JOBS
from backend.campaigns.sharing.bundling import make_bundle
from backend.campaigns.sharing.drawing import draw_card, remove
from backend.campaigns.sharing.ending import REMOVE
from backend.campaigns.sharing.rules import Shared
from backend.campaigns.sharing.takedowns import remind, tell_overdue
from backend.campaigns.store import shared_files
from backend.campaigns.store import takedowns as store
from backend.core.database import Database
from backend.core.jobs import Registry
from media.config import Media

_BATCH = 100


def register(registry: Registry, db: Database, media: Media) -> None:
    """Add the jobs and the periodic work."""

    async def draw(payload: dict[str, Any]) -> None:
        await draw_card(db, media, UUID(payload["id"]))

    async def bundle(payload: dict[str, Any]) -> None:
        await make_bundle(db, media, UUID(payload["id"]))

    async def clear(_payload: dict[str, Any]) -> None:
        await remove_gone(db, media)

    async def watch() -> None:
        await remind(db)
        await tell_overdue(db)

    async def expire() -> None:
        async with db.transaction() as tx:
            await store.expire_exports(tx)
        await remove_gone(db, media)

    registry.job(JOBS[Shared.CARD], draw, concurrency=2)
    registry.job(JOBS[Shared.BUNDLE], bundle, concurrency=1)
    registry.job(REMOVE, clear, concurrency=1)
    registry.every("campaigns.takedowns", "*/10 * * * *", watch)
    registry.every("campaigns.expire_exports", "*/10 * * * *", expire)


async def remove_gone(db: Database, media: Media) -> int:
    """Remove the files of cards and bundles that have gone; how many. Rows go last, so a kill repeats it."""
    removed = 0
    while True:
        async with db.reading() as conn:
            files = await shared_files.list_gone_files(conn, limit=_BATCH)
        if not files:
            return removed
        await remove(media, files)
        async with db.transaction() as tx:
            await shared_files.delete_files(tx, [file.id for file in files])
        removed += len(files)
