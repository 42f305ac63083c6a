"""The worker's part: from the uploaded bytes to the files that are served. May be killed anywhere and run again."""

import logging
from datetime import timedelta

from backend.core.database import Database, Transaction
from backend.core.errors import ValidationFailed
from backend.core.ids import Id
from backend.core.jobs import enqueue
from backend.notices import inbox
from media import store
from media.blobs.protocol import BlobMissing, StoreUnavailable, original_name, rendition_name
from media.config import Media
from media.folders import work_folder
from media.images.sniff import MAX_SIDE, ImageKind
from media.kinds import Medium, medium_of
from media.movies.wanted import Unwanted, make_movie_files
from media.processing.alone import DecoderDied
from media.processing.failures import FAILED, failure_code, is_own_limit
from media.processing.orders import Decoded
from media.processing.originals import verified_original
from media.processing.remaking import CLEAR
from media.processing.rendering import clear_replaced, remove_made, render
from media.retention.retention_store import delete_renditions, mark_original_gone
from media.rules import MAX_ATTEMPTS, AssetStatus
from media.views import AssetView, Attempt

log = logging.getLogger(__name__)

PROCESS = "media.process"
PROCESS_MOVIE = "media.process_movie"
_RETRY_AFTER = timedelta(seconds=15)
_STORE_RETRY_AFTER = timedelta(minutes=1)


def job_of(medium: Medium) -> str:
    """The queue in which it waits: a movie takes minutes, and a picture must not wait for it."""
    return PROCESS_MOVIE if medium is Medium.MOVIE else PROCESS


async def enqueue_making(tx: Transaction, asset_id: Id, medium: Medium) -> None:
    """Its files are to be made; what already waits for that is not doubled."""
    job = job_of(medium)
    await enqueue(tx, job, {"asset_id": str(asset_id)}, key=f"{job}:{asset_id}")


def refusal(media: Media, code: str | None, medium: Medium = Medium.IMAGE) -> ValidationFailed:
    """Why a picture or movie was refused, with every number that a message may name."""
    bounds = media.movie_bounds if medium is Medium.MOVIE else media.bounds
    return ValidationFailed(
        code or FAILED,
        path=("file",),
        megabytes=bounds.file_bytes // 1024**2,
        seconds=media.movie_bounds.seconds,
        megapixels=media.bounds.pixels // 1_000_000,
        pixels_a_side=MAX_SIDE,
    )


async def process_asset(db: Database, media: Media, asset_id: Id) -> None:
    """Make the files of a waiting picture or movie. The third time that decoder or worker die, it failed.

    A movie that needs more time or memory than it may have failed the first time.
    """
    async with db.transaction() as tx:
        attempt = await store.begin_attempt(tx, asset_id, most=MAX_ATTEMPTS)
        if attempt is None:
            await _fail_exhausted(tx, asset_id, FAILED)
            return
        asset = (await store.list_assets(tx, [asset_id]))[0]
    try:
        await _make(db, media, asset, attempt)
    except Unwanted:
        log.info("movie_unwanted", extra={"asset_id": str(asset_id)})
    except ValidationFailed as refused:
        await _reject(db, media, asset_id, refused.code)
    except StoreUnavailable as away:
        log.warning("store_away", extra={"asset_id": str(asset_id), "reason": away.reason})
        await _wait_for_store(db, asset_id, medium_of(attempt.kind))
    except (DecoderDied, BlobMissing) as died:
        log.warning("decoder_died", extra={"asset_id": str(asset_id), "reason": str(died)})
        ended, medium = died.reason if isinstance(died, DecoderDied) else "", medium_of(attempt.kind)
        # What a movie needs it needs again, and others would wait for minutes each time.
        most = 1 if medium is Medium.MOVIE and is_own_limit(ended) else MAX_ATTEMPTS
        await _try_again(db, asset_id, medium, failure_code(ended), most=most)


async def _make(db: Database, media: Media, asset: AssetView, attempt: Attempt) -> None:
    if isinstance(attempt.kind, ImageKind):
        await _make_picture(db, media, asset, attempt.kind)
    else:
        await _make_movie(db, media, asset, attempt)


async def _make_picture(db: Database, media: Media, asset: AssetView, kind: ImageKind) -> None:
    made = await render(db, media, asset, kind)
    async with db.transaction() as tx:
        is_done = await store.mark_clean(tx, asset.id, made, blurs=len(asset.blurred))
        if is_done and asset.blurred:
            await enqueue(tx, CLEAR, {"asset_id": str(asset.id)}, key=f"{CLEAR}:{asset.id}")
        if not is_done:  # erased, or marked for more blurring meanwhile
            await _remove_unwanted(tx, media, asset.id, made)
    if is_done and asset.blurred:
        await clear_replaced(db, media, asset.id)


async def _make_movie(db: Database, media: Media, asset: AssetView, attempt: Attempt) -> None:
    assert not isinstance(attempt.kind, ImageKind) and attempt.sound is not None  # noqa: S101, PT018 - says the table
    async with work_folder() as folder:
        async with verified_original(db, media, asset.id) as source:
            await _remove_former(db, media, asset)
            made = await make_movie_files(db, media, asset.id, source, folder, kind=attempt.kind, sound=attempt.sound)
        for file in made.renditions:
            await media.blobs.put_file(rendition_name(asset.id, file.sha256, file.format), folder / file.file)
    async with db.transaction() as tx:
        if not await store.mark_clean(tx, asset.id, made, sound=attempt.sound):  # erased, or to be made otherwise
            await _remove_unwanted(tx, media, asset.id, made)


async def _remove_unwanted(tx: Transaction, media: Media, asset_id: Id, made: Decoded) -> None:
    """Nobody waits for these files any more, and they may hold what was to go. The lock keeps the next attempt away.

    One that runs already may have stored the same files for itself: then what is left goes with the orphans.
    """
    current = (await store.lock_assets(tx, [asset_id])).get(asset_id)
    if current is None or current.status is not AssetStatus.PROCESSING:
        await remove_made(media, current, asset_id, made)


async def _remove_former(db: Database, media: Media, asset: AssetView) -> None:
    """What was made before another choice of sound goes first: nobody can read it any more, and it holds the voice."""
    for file in asset.renditions:
        await media.blobs.delete(rendition_name(asset.id, file.sha256, file.format))
    async with db.transaction() as tx:
        await delete_renditions(tx, [asset.id])


async def _reject(db: Database, media: Media, asset_id: Id, code: str) -> None:
    async with db.transaction() as tx:
        if await store.end_waiting(tx, asset_id, AssetStatus.REJECTED, code):
            await _tell(tx, asset_id)
    await media.blobs.delete(original_name(asset_id))
    async with db.transaction() as tx:
        await mark_original_gone(tx, [asset_id])


async def _try_again(db: Database, asset_id: Id, medium: Medium, reason: str, *, most: int) -> None:
    async with db.transaction() as tx:
        if not await _fail_exhausted(tx, asset_id, reason, most=most):
            await enqueue(tx, job_of(medium), {"asset_id": str(asset_id)}, after=_RETRY_AFTER)


async def _wait_for_store(db: Database, asset_id: Id, medium: Medium) -> None:
    """It is not the picture's fault: the attempt does not count."""
    async with db.transaction() as tx:
        if await store.return_attempt(tx, asset_id):
            await enqueue(tx, job_of(medium), {"asset_id": str(asset_id)}, after=_STORE_RETRY_AFTER)


async def _fail_exhausted(tx: Transaction, asset_id: Id, reason: str, *, most: int = MAX_ATTEMPTS) -> bool:
    failed = await store.fail_exhausted(tx, asset_id, most=most, reason=reason)
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
        for asset in stuck:
            await enqueue_making(tx, asset.id, asset.medium)
        return len(stuck)
