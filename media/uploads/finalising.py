"""The sender's word that all is sent: the file is looked at, not decoded, and refused or handed to the workers."""

import contextlib
from typing import IO

from backend.core import audit
from backend.core.database import Database, Transaction
from backend.core.errors import Closed, Conflict, RateLimited, ValidationFailed
from backend.core.ids import Id
from backend.core.viewer import Viewer
from media.blobs.protocol import BlobMissing, StoreUnavailable, original_name, patience
from media.config import Media
from media.kinds import Kind, Medium, is_as_promised, kind_of, medium_of, sniff
from media.processing.jobs import enqueue_making, refusal
from media.retention.retention_store import mark_original_gone
from media.rules import AssetStatus
from media.store import list_assets
from media.uploads import uploads_store as store
from media.uploads.parts import TIDYING_SECONDS, drop_parts, join_parts
from media.uploads.receiving import wrong_size
from media.uploads.tickets import own_upload
from media.uploads.views import UploadRow
from media.views import AssetView

_WAITING_SECONDS = 60


async def finalise_upload(db: Database, media: Media, viewer: Viewer, upload_id: Id) -> AssetView:
    """The sender is done: look at the file, refuse it or hand it to the workers. A repeat gives the same answer.

    Raises NotFound, NotAllowed, Closed, RateLimited (store_unavailable, uploads_waiting: nothing was changed), Conflict
    (upload_not_received, upload_parts_missing, upload_finished: it was aborted), ValidationFailed: why it is refused
    for good.
    """
    async with db.transaction() as tx:
        owner_id = viewer.require_active()
        upload = await own_upload(tx, owner_id, upload_id)
        expired = upload.expires_at <= await tx.now()
    if upload.is_open:
        if expired:
            raise Closed("upload_expired")
        try:
            async with patience(media.store_patience):
                kind, reason = await _inspect(db, media, upload)
        except Conflict:
            async with db.reading() as conn:
                upload = await own_upload(conn, owner_id, upload_id)
            if upload.is_open:
                raise
            # Else its bytes went because another request ended it meanwhile, and that is the answer.
        else:
            upload = await _finalise(db, media, owner_id, upload_id, kind=kind, reason=reason)
            await _tidy(db, media, upload)
    if upload.status is AssetStatus.REJECTED:
        raise refusal(media, upload.reason, _medium(upload))
    if upload.status is AssetStatus.PURGED:
        raise Conflict("upload_finished", state=upload.status)
    async with db.reading() as conn:
        return (await list_assets(conn, [upload.asset_id]))[0]


async def _inspect(db: Database, media: Media, upload: UploadRow) -> tuple[Kind | None, str | None]:
    """What the stored file is, or the code of why it is refused."""
    name = original_name(upload.asset_id)
    try:
        await join_parts(db, media, upload)
        if not await _has_checksum(media, upload):
            return None, "upload_hash_mismatch"
        return await media.blobs.look(name, lambda file, size: _look(media, upload, file, size)), None
    except BlobMissing as error:
        raise Conflict("upload_not_received", state=AssetStatus.REQUESTED) from error
    except ValidationFailed as refused:
        return None, refused.code


async def _has_checksum(media: Media, upload: UploadRow) -> bool:
    """Whether the bucket's own checksum is the promised one, or it has none of the whole file, as for one of parts."""
    if media.direct is None or upload.multipart is not None:
        return True
    return await media.direct.checksum(original_name(upload.asset_id)) in (None, upload.sha256)


def _look(media: Media, upload: UploadRow, file: IO[bytes], size: int) -> Kind:
    """Only the headers are read. The SHA-256 was checked on the way in, and the worker checks it of what it decodes."""
    if size != upload.size:
        raise wrong_size(upload.size)
    kind = sniff(file, size=size, images=media.bounds, movies=media.movie_bounds)  # type: ignore[arg-type]
    if not is_as_promised(kind, kind_of(upload.content_type)):
        raise ValidationFailed("media_type_mismatch", path=("file",))
    return kind


async def _finalise(
    db: Database, media: Media, owner_id: Id, upload_id: Id, *, kind: Kind | None, reason: str | None
) -> UploadRow:
    """Write the verdict if nobody has yet; the ticket as it is now."""
    async with db.transaction() as tx:
        await store.lock_sender(tx, owner_id)
        upload = await store.lock_upload(tx, upload_id)
        if upload is not None and upload.is_open:
            if reason is None:
                await _check_waiting(tx, media, owner_id, _medium(upload))
            await store.mark_finalised(tx, upload, kind=kind, reason=reason)
            verb = "rejected" if reason else "finalised"
            await audit.record(tx, owner_id, f"author:asset:{verb}", ("asset", upload.asset_id), reason=reason)
            if reason is None:
                await enqueue_making(tx, upload.asset_id, _medium(upload))
        return await own_upload(tx, owner_id, upload_id)


async def _check_waiting(tx: Transaction, media: Media, owner_id: Id, medium: Medium) -> None:
    most = media.waiting_movies if medium is Medium.MOVIE else media.waiting_pictures
    if await store.count_waiting(tx, owner_id, medium) >= most:
        raise RateLimited("uploads_waiting", retry_after_seconds=_WAITING_SECONDS)


def _medium(upload: UploadRow) -> Medium:
    kind = kind_of(upload.content_type)
    return Medium.IMAGE if kind is None else medium_of(kind)


async def _tidy(db: Database, media: Media, upload: UploadRow) -> None:
    """What is stored and not needed goes now, or with the next sweep when the store cannot be reached."""
    with contextlib.suppress(StoreUnavailable):
        async with patience(TIDYING_SECONDS):
            await drop_parts(db, media, [upload.asset_id])
            if upload.status in (AssetStatus.REJECTED, AssetStatus.PURGED):
                await media.blobs.delete(original_name(upload.asset_id))
            if upload.status is AssetStatus.REJECTED:  # the files of what has ended are looked for until all have gone
                async with db.transaction() as tx:
                    await mark_original_gone(tx, [upload.asset_id])
