"""Sending a picture: a ticket, the bytes, and the word that they are complete. Nothing the client says is believed."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from backend.core import audit, repeats
from backend.core.database import Database, Transaction
from backend.core.errors import Closed, Conflict, NotFound, RateLimited, ValidationFailed
from backend.core.ids import Id, new_id
from backend.core.ratelimit import Limit, take
from backend.core.viewer import Viewer
from media import store
from media.blobs.protocol import BlobMissing, original_name
from media.config import Media
from media.kinds import Kind, Medium, check_file_size, kind_of, medium_of, sniff
from media.movies.orders import Sound
from media.movies.sounding import sound_for
from media.processing.jobs import enqueue_making, refusal
from media.rules import OPEN, AssetStatus
from media.serving.addresses import upload_address, upload_of
from media.views import AssetView, Ticket, UploadRow

_SHA256 = re.compile(r"[0-9a-fA-F]{64}\Z")
_TRANSFERS = Limit("upload_bytes", burst=60, per_seconds=3600)


@dataclass(frozen=True, slots=True)
class NewUpload:
    """What the sender promises: media type, size in bytes, SHA-256 in hex; and of a movie whether its sound stays."""

    content_type: str
    size: int
    sha256: str
    sound: Sound | None = None


async def request_upload(
    db: Database, media: Media, viewer: Viewer, new: NewUpload, *, client_key: str | None = None
) -> Ticket:
    """A ticket for one picture; the same one for a repeat. Raises ValidationFailed, NotAllowed, RateLimited."""
    kind, digest = _checked(new, media)
    async with db.transaction() as tx:
        owner_id = viewer.require_active()
        upload_id = new_id()
        first = await repeats.first_result(tx, viewer, "uploadRequest", client_key, upload_id)
        if first is not None:
            return _ticket(media, await _own_upload(tx, owner_id, first))
        await _check_limits(tx, media, owner_id, new.size)
        upload = UploadRow(
            id=upload_id,
            asset_id=new_id(),
            owner_id=owner_id,
            status=AssetStatus.REQUESTED,
            reason=None,
            content_type=new.content_type,
            size=new.size,
            sha256=digest,
            expires_at=await tx.now() + media.ticket_life,
        )
        sound = sound_for(medium_of(kind), new.sound)
        await store.insert_upload(tx, upload, owner_id=owner_id, medium=medium_of(kind), sound=sound)
    return _ticket(media, upload)


def _checked(new: NewUpload, media: Media) -> tuple[Kind, bytes]:
    """The kind and the digest of a promise that can be kept."""
    kind = kind_of(new.content_type)
    if kind is None:
        raise ValidationFailed("media_type_unknown", path=("content_type",))
    if new.size < 1:
        raise ValidationFailed("file_empty", path=("bytes",))
    check_file_size(kind, new.size, images=media.bounds, movies=media.movie_bounds, path=("bytes",))
    if _SHA256.match(new.sha256) is None:
        raise ValidationFailed("sha256_malformed", path=("sha256",))
    return kind, bytes.fromhex(new.sha256)


async def _check_limits(tx: Transaction, media: Media, owner_id: Id, size: int) -> None:
    await store.lock_sender(tx, owner_id)
    open_tickets, sent = await store.count_sent(tx, owner_id, since=await tx.now() - timedelta(days=1))
    if open_tickets >= media.open_tickets:
        raise RateLimited("uploads_open", retry_after_seconds=600)
    if sent + size > media.bytes_a_day:
        raise RateLimited("uploads_daily", retry_after_seconds=3600)


def _ticket(media: Media, upload: UploadRow) -> Ticket:
    return Ticket(
        upload_id=upload.id,
        asset_id=upload.asset_id,
        address=upload_address(media, upload.id),
        content_type=upload.content_type,
        size=upload.size,
        expires_at=upload.expires_at,
    )


async def receive_bytes(
    db: Database, media: Media, token: str, pieces: AsyncIterator[bytes], *, announced: int | None = None
) -> None:
    """Store the bytes that belong to the ticket; may be repeated until it is finalised.

    `announced` is the Content-Length, if any. Nothing is stored when it raises NotFound, Closed, Conflict,
    ValidationFailed (upload_size_mismatch, upload_hash_mismatch), RateLimited or TimeoutError.
    """
    upload_id = upload_of(media, token)
    if upload_id is None:
        raise NotFound(kind="Upload")
    async with db.transaction() as tx:
        upload = await _open_upload(tx, upload_id)
    if announced is not None and announced != upload.size:
        raise _wrong_size(upload)
    await take(db, _TRANSFERS, str(upload.owner_id), secret=media.secret)
    name = original_name(upload.asset_id)
    async with asyncio.timeout(media.transfer_time.total_seconds()):
        await media.blobs.put(name, _as_promised(pieces, upload))
    async with db.transaction() as tx:
        current = await store.lock_upload(tx, upload_id)
        received = current is not None and await store.mark_received(tx, current)
    if current is None or current.status in (AssetStatus.PURGED, AssetStatus.REJECTED):
        await media.blobs.delete(name)
    if not received:
        raise NotFound(kind="Upload") if current is None else Conflict("upload_finished", state=current.status)


async def _open_upload(tx: Transaction, upload_id: Id) -> UploadRow:
    upload = await store.find_upload(tx, upload_id)
    if upload is None:
        raise NotFound(kind="Upload")
    if upload.status not in OPEN:
        raise Conflict("upload_finished", state=upload.status)
    if upload.expires_at <= await tx.now():
        raise Closed("upload_expired")
    return upload


def _wrong_size(upload: UploadRow) -> ValidationFailed:
    return ValidationFailed("upload_size_mismatch", path=("file",), size=upload.size)


async def _as_promised(pieces: AsyncIterator[bytes], upload: UploadRow) -> AsyncIterator[bytes]:
    """The same pieces; raises as soon as they cannot be what the ticket promised."""
    digest, size = hashlib.sha256(), 0
    async for piece in pieces:
        size += len(piece)
        if size > upload.size:
            raise _wrong_size(upload)
        digest.update(piece)
        yield piece
    if size != upload.size:
        raise _wrong_size(upload)
    if digest.digest() != upload.sha256:
        raise ValidationFailed("upload_hash_mismatch", path=("file",))


async def finalise_upload(db: Database, media: Media, viewer: Viewer, upload_id: Id) -> AssetView:
    """The sender is done: look at the file, refuse it or hand it to the workers. A repeat gives the same answer.

    Raises NotFound, NotAllowed, Closed, Conflict (upload_not_received), ValidationFailed: why it is refused for good.
    """
    async with db.transaction() as tx:
        owner_id = viewer.require_active()
        upload = await _own_upload(tx, owner_id, upload_id)
        expired = upload.expires_at <= await tx.now()
    if upload.status is AssetStatus.UPLOADED:
        if expired:
            raise Closed("upload_expired")
        kind, reason = await _inspect(media, upload)
        upload = await _finalise(db, owner_id, upload_id, kind=kind, reason=reason)
    if upload.status is AssetStatus.REQUESTED:
        raise Conflict("upload_not_received", state=upload.status)
    if upload.status is AssetStatus.REJECTED:
        await media.blobs.delete(original_name(upload.asset_id))
        raise refusal(media, upload.reason, _medium(upload))
    async with db.reading() as conn:
        return (await store.list_assets(conn, [upload.asset_id]))[0]


async def _finalise(db: Database, owner_id: Id, upload_id: Id, *, kind: Kind | None, reason: str | None) -> UploadRow:
    """Write the verdict if nobody has yet; the ticket as it is now."""
    async with db.transaction() as tx:
        upload = await store.lock_upload(tx, upload_id)
        if upload is not None and upload.status is AssetStatus.UPLOADED:
            await store.mark_finalised(tx, upload, kind=kind, reason=reason)
            verb = "rejected" if reason else "finalised"
            await audit.record(tx, owner_id, f"author:asset:{verb}", ("asset", upload.asset_id), reason=reason)
            if reason is None:
                await enqueue_making(tx, upload.asset_id, _medium(upload))
        return await _own_upload(tx, owner_id, upload_id)


def _medium(upload: UploadRow) -> Medium:
    kind = kind_of(upload.content_type)
    return Medium.IMAGE if kind is None else medium_of(kind)


async def _own_upload(tx: Transaction, owner_id: Id, upload_id: Id) -> UploadRow:
    upload = await store.find_upload(tx, upload_id)
    if upload is None or upload.owner_id != owner_id:
        raise NotFound(path=("upload_id",), kind="Upload")
    return upload


async def _inspect(media: Media, upload: UploadRow) -> tuple[Kind | None, str | None]:
    """What the stored file is, or the code of why it is refused."""
    try:
        async with media.blobs.local(original_name(upload.asset_id)) as path:
            return await asyncio.to_thread(_look, media, upload, path), None
    except BlobMissing as error:
        raise Conflict("upload_not_received", state=AssetStatus.REQUESTED) from error
    except ValidationFailed as refused:
        return None, refused.code


def _look(media: Media, upload: UploadRow, path: Path) -> Kind:
    size = path.stat().st_size
    with path.open("rb") as file:
        if size != upload.size:
            raise _wrong_size(upload)
        if hashlib.file_digest(file, "sha256").digest() != upload.sha256:
            raise ValidationFailed("upload_hash_mismatch", path=("file",))
        kind = sniff(file, size=size, images=media.bounds, movies=media.movie_bounds)
    if kind.value != upload.content_type:
        raise ValidationFailed("media_type_mismatch", path=("file",))
    return kind
