"""Files that an older recipe made are made anew beside the old ones, then put in their place: no reader sees a gap."""

import logging
from datetime import timedelta

from backend.core.database import Database
from backend.core.errors import ValidationFailed
from backend.core.ids import Id
from backend.core.jobs import enqueue
from media import store
from media.blobs.protocol import BlobMissing
from media.blobs.refusals import Refusals
from media.config import Media
from media.images.sniff import ImageKind
from media.kinds import kind_of
from media.processing import remake_store
from media.processing.alone import DecoderDied
from media.processing.rendering import clear_replaced, remove_made, render
from media.rules import USABLE
from media.serving.publication import follow

log = logging.getLogger(__name__)

REMAKE = "media.remake"
CLEAR = "media.clear"
_BATCH = 100
# Longer than any address that was given out works, so that a page that is open shows its pictures to the end.
_GRACE = timedelta(minutes=5)


async def remake_asset(db: Database, media: Media, asset_id: Id) -> None:
    """Make the files of a picture, or of a movie's poster, anew if an older recipe made them.

    What cannot be made keeps the files it has.
    """
    async with db.reading() as conn:
        asset = next(iter(await store.list_assets(conn, [asset_id])), None)
        kind = kind_of(await store.content_type_of(conn, asset_id) or "")
    if asset is None or asset.status not in USABLE or kind is None:
        return
    try:
        made = await render(db, media, asset, kind if isinstance(kind, ImageKind) else None)
    except (ValidationFailed, DecoderDied, BlobMissing) as failed:
        log.warning("remake_failed", extra={"asset_id": str(asset_id), "reason": str(failed)})
        return
    async with db.transaction() as tx:
        current = (await store.lock_assets(tx, [asset_id])).get(asset_id)
        if await remake_store.swap(tx, asset_id, made, blurs=len(asset.blurred)):
            await store.insert_renditions(tx, asset_id, made)
            await follow(tx, [asset_id] if asset.is_public else [])
            await enqueue(tx, CLEAR, {"asset_id": str(asset_id)}, after=media.address_life + _GRACE)
            return
    await remove_made(media, current, asset_id, made)


async def count_outdated(db: Database) -> int:
    """How many pictures and posters an older recipe made."""
    async with db.reading() as conn:
        return await remake_store.count_outdated(conn)


async def enqueue_outdated(db: Database) -> int:
    """Put them all into the queue, a batch a transaction; how many."""
    total, last = 0, None
    while True:
        async with db.transaction() as tx:
            ids = await remake_store.list_outdated(tx, after=last, limit=_BATCH)
            for asset_id in ids:
                await enqueue(tx, REMAKE, {"asset_id": str(asset_id)}, key=f"{REMAKE}:{asset_id}")
        if not ids:
            return total
        total, last = total + len(ids), ids[-1]


async def clear_forgotten(db: Database, media: Media) -> int:
    """Remove replaced files whose job was lost; of how many pictures.

    Raises StoreUnavailable when all others are done.
    """
    refusals, count, last = Refusals(), 0, None
    async with db.reading() as conn:
        before = await conn.now() - timedelta(hours=1)
    while True:
        async with db.reading() as conn:
            ids = await remake_store.list_with_old(conn, replaced_before=before, after=last, limit=_BATCH)
        if not ids:
            break
        for asset_id in ids:
            with refusals.passed_over(asset_id):
                await clear_replaced(db, media, asset_id)
                count += 1
        last = ids[-1]
    refusals.tell()
    return count
