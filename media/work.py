"""What the worker does for this package: one registration for the composition root."""

import os
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from backend.core.database import Database
from backend.core.jobs import Registry
from media.config import Media
from media.folders import remove_left_folders
from media.processing.jobs import PROCESS, PROCESS_MOVIE, process_asset, resume_stuck
from media.processing.remaking import CLEAR, REMAKE, clear_forgotten, remake_asset
from media.processing.rendering import clear_replaced
from media.retention.ending import REMOVE, Contested, end_old, expire_uploads, remove_files, remove_late_originals
from media.retention.orphans import Keeper, remove_orphans
from media.retention.rounds import do_each
from media.serving.publication import PUBLISH, publish, sweep_copies
from media.uploads.parts import drop_parts


def _at_once() -> int:
    """How many pictures are made at once: one core stays with what people wait for, and two are enough for a class."""
    return 2 if (os.cpu_count() or 1) > 2 else 1


def register(
    registry: Registry, db: Database, media: Media, *, keepers: Mapping[str, Keeper], contested: Contested
) -> None:
    """Add the jobs and the periodic work of pictures.

    `keepers`: by prefix, who knows which names of the store another package needs. `contested`: who knows which
    hidden pictures an appeal may show again.
    """

    async def process(payload: dict[str, Any]) -> None:
        await process_asset(db, media, UUID(payload["asset_id"]))

    async def remake(payload: dict[str, Any]) -> None:
        await remake_asset(db, media, UUID(payload["asset_id"]))

    async def clear(payload: dict[str, Any]) -> None:
        await clear_replaced(db, media, UUID(payload["asset_id"]))

    async def remove(_payload: dict[str, Any]) -> None:
        await remove_files(db, media)

    async def follow(payload: dict[str, Any]) -> None:
        await publish(db, media, payload)

    async def sweep() -> None:
        await sweep_copies(db, media)

    async def expire() -> None:
        await do_each(
            resume_stuck(db),
            expire_uploads(db, media),
            remove_late_originals(db, media),
            drop_parts(db, media),
            clear_forgotten(db, media),
            remove_left_folders(),
        )

    async def end() -> None:
        await do_each(
            end_old(db, media, contested=contested),
            sweep_copies(db, media, everything=True),
            remove_orphans(db, media, keepers=keepers),
        )

    registry.job(PROCESS, process, concurrency=_at_once())
    registry.job(PROCESS_MOVIE, process, concurrency=1)  # it takes all cores that it can get
    registry.job(REMAKE, remake, concurrency=1)
    registry.job(CLEAR, clear, concurrency=1)
    registry.job(REMOVE, remove, concurrency=1)
    registry.job(PUBLISH, follow)
    registry.every("media.copies", "* * * * *", sweep)
    registry.every("media.expire", "*/10 * * * *", expire)
    registry.every("media.end_old", "40 2 * * *", end)
