"""The worker's part: from the uploaded bytes to the files that are served. May be killed anywhere and run again."""

import asyncio
import logging
import os
import shutil
import stat
import tempfile
from datetime import timedelta
from pathlib import Path

from backend.core.clock import process_now
from backend.core.database import Database, Transaction
from backend.core.errors import ValidationFailed
from backend.core.ids import Id
from backend.core.jobs import enqueue
from backend.notices import inbox
from media import store
from media.blobs.protocol import BlobMissing, StoreUnavailable, original_name
from media.config import Media
from media.images.sniff import MAX_SIDE, ImageKind
from media.processing.decoder import DecoderDied
from media.processing.failures import FAILED, failure_code
from media.processing.remaking import CLEAR
from media.processing.rendering import FOLDER, clear_replaced, remove_made, render
from media.rules import MAX_ATTEMPTS, AssetStatus
from media.views import AssetView

log = logging.getLogger(__name__)

PROCESS = "media.process"
_RETRY_AFTER = timedelta(seconds=15)
_STORE_RETRY_AFTER = timedelta(minutes=1)


def refusal(media: Media, code: str | None) -> ValidationFailed:
    """Why a picture was refused, with every number that a message may name."""
    return ValidationFailed(
        code or FAILED,
        path=("file",),
        megabytes=media.bounds.file_bytes // 1024**2,
        megapixels=media.bounds.pixels // 1_000_000,
        pixels_a_side=MAX_SIDE,
    )


async def process_asset(db: Database, media: Media, asset_id: Id) -> None:
    """Make the renditions of a waiting picture. The third time that decoder or worker die over it, it has failed."""
    async with db.transaction() as tx:
        kind = await store.begin_attempt(tx, asset_id, most=MAX_ATTEMPTS)
        if not isinstance(kind, ImageKind):
            await _fail_exhausted(tx, asset_id, FAILED)
            return
        asset = (await store.list_assets(tx, [asset_id]))[0]
    try:
        await _make(db, media, asset, kind)
    except ValidationFailed as refused:
        await _reject(db, media, asset_id, refused.code)
    except StoreUnavailable as away:
        log.warning("store_away", extra={"asset_id": str(asset_id), "reason": away.reason})
        await _wait_for_store(db, asset_id)
    except (DecoderDied, BlobMissing) as died:
        log.warning("decoder_died", extra={"asset_id": str(asset_id), "reason": str(died)})
        await _try_again(db, asset_id, failure_code(died.reason) if isinstance(died, DecoderDied) else FAILED)


async def remove_left_folders(*, older_than: timedelta = timedelta(hours=1)) -> int:
    """Remove what a killed worker left half decoded on this machine; how many folders."""
    return await asyncio.to_thread(_sweep, (process_now() - older_than).timestamp())


def _sweep(touched_before: float) -> int:
    left = [path for path in Path(tempfile.gettempdir()).glob(f"{FOLDER}*") if _is_left(path, touched_before)]
    for path in left:
        shutil.rmtree(path, ignore_errors=True)
    return len(left)


def _is_left(path: Path, touched_before: float) -> bool:
    try:
        found = path.stat(follow_symlinks=False)
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and found.st_mtime < touched_before


async def _make(db: Database, media: Media, asset: AssetView, kind: ImageKind) -> None:
    made = await render(db, media, asset, kind)
    async with db.transaction() as tx:
        is_done = await store.mark_clean(tx, asset.id, made, blurs=len(asset.blurred))
        if is_done and asset.blurred:
            await enqueue(tx, CLEAR, {"asset_id": str(asset.id)}, key=f"{CLEAR}:{asset.id}")
        current = (await store.lock_assets(tx, [asset.id])).get(asset.id)
    if is_done and asset.blurred:
        await clear_replaced(db, media, asset.id)
    elif not is_done and (
        current is None or current.status is AssetStatus.PURGED or len(current.blurred) != len(asset.blurred)
    ):
        await remove_made(media, current, asset.id, made)  # erased or marked for more blurring meanwhile


async def _reject(db: Database, media: Media, asset_id: Id, code: str) -> None:
    async with db.transaction() as tx:
        if await store.end_waiting(tx, asset_id, AssetStatus.REJECTED, code):
            await _tell(tx, asset_id)
    await media.blobs.delete(original_name(asset_id))


async def _try_again(db: Database, asset_id: Id, reason: str) -> None:
    async with db.transaction() as tx:
        if not await _fail_exhausted(tx, asset_id, reason):
            await enqueue(tx, PROCESS, {"asset_id": str(asset_id)}, after=_RETRY_AFTER)


async def _wait_for_store(db: Database, asset_id: Id) -> None:
    """It is not the picture's fault: the attempt does not count."""
    async with db.transaction() as tx:
        if await store.return_attempt(tx, asset_id):
            await enqueue(tx, PROCESS, {"asset_id": str(asset_id)}, after=_STORE_RETRY_AFTER)


async def _fail_exhausted(tx: Transaction, asset_id: Id, reason: str) -> bool:
    failed = await store.fail_exhausted(tx, asset_id, most=MAX_ATTEMPTS, reason=reason)
    if failed:
        await _tell(tx, asset_id)
    return failed


async def _tell(tx: Transaction, asset_id: Id) -> None:
    """Whoever sent it may have put the phone away long ago, and would wait for it."""
    for asset in await store.list_assets(tx, [asset_id]):
        if asset.owner_id is not None:
            await inbox.tell(tx, asset.owner_id, "media_unusable", subject=("asset", asset_id))


async def resume_stuck(db: Database) -> int:
    """Put pictures back into the queue that have waited too long, should a job ever be lost; how many."""
    async with db.transaction() as tx:
        stuck = await store.list_stuck(tx, untouched_for=timedelta(minutes=10), limit=100)
        for asset_id in stuck:
            await enqueue(tx, PROCESS, {"asset_id": str(asset_id)}, key=f"{PROCESS}:{asset_id}")
        return len(stuck)
