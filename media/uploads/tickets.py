"""Asking to send a file: what is promised is kept, and nothing the client says is believed later."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.core import repeats
from backend.core.database import Connection, Database, Transaction
from backend.core.errors import Closed, Conflict, NotFound, RateLimited, ValidationFailed
from backend.core.ids import Id, new_id
from backend.core.viewer import Viewer
from media.blobs.protocol import BlobMissing, original_name, patience
from media.config import Media
from media.kinds import Kind, check_size, kind_of, medium_of
from media.movies.orders import Sound
from media.movies.sounding import sound_for
from media.rules import AssetStatus
from media.uploads import uploads_store as store
from media.uploads.addresses import whole_destination
from media.uploads.views import ArrivedPart, Ticket, UploadRow

EXPIRED = "upload_expired"
_SHA256 = re.compile(r"[0-9a-fA-F]{64}\Z")


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
    """A ticket for one file; the same one for a repeat.

    Raises ValidationFailed, NotAllowed, RateLimited; for a repeat Closed (upload_expired) when the ticket is over,
    Conflict (upload_finished) when it was aborted or its file deleted.
    """
    kind, digest = _checked(new, media)
    async with db.transaction() as tx:
        owner_id = viewer.require_active()
        upload_id = new_id()
        first = await repeats.first_result(tx, viewer, "uploadRequest", client_key, upload_id)
        if first is not None:
            upload = await _require_not_over(tx, await own_upload(tx, owner_id, first))
        else:
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
                part_bytes=media.part_bytes if new.size > media.part_bytes else None,
            )
            sound = sound_for(medium_of(kind), new.sound)
            await store.insert_upload(tx, upload, medium=medium_of(kind), sound=sound)
        now = await tx.now()
    return await _ticket(db, media, upload, now)


async def find_ticket(db: Database, media: Media, viewer: Viewer, upload_id: Id) -> Ticket | None:
    """The viewer's own ticket with the parts that have arrived; None when it is over or somebody else's."""
    owner_id = viewer.require_account()
    async with db.reading() as conn:
        viewer.require_unsealed()
        upload = await store.find_upload(conn, upload_id)
        now = await conn.now()
    if upload is None or upload.owner_id != owner_id or upload.is_over(now):
        return None
    return await _ticket(db, media, upload, now)


def _checked(new: NewUpload, media: Media) -> tuple[Kind, bytes]:
    """The kind and the digest of a promise that can be kept."""
    kind = kind_of(new.content_type)
    if kind is None:
        raise ValidationFailed("media_type_unknown", path=("content_type",))
    if new.size < 1:
        raise ValidationFailed("file_empty", path=("bytes",))
    check_size(kind, new.size, images=media.bounds, movies=media.movie_bounds, path=("bytes",))
    return kind, parsed_sha256(new.sha256)


def parsed_sha256(text: str) -> bytes:
    """The digest. Raises ValidationFailed (sha256_malformed)."""
    if _SHA256.match(text) is None:
        raise ValidationFailed("sha256_malformed", path=("sha256",))
    return bytes.fromhex(text)


async def _require_not_over(tx: Transaction, upload: UploadRow) -> UploadRow:
    """The same ticket if its picture is still there: finalised or not, a repeat gives the first answer again."""
    is_late = upload.is_open and upload.expires_at <= await tx.now()
    if is_late or (upload.status is AssetStatus.PURGED and upload.reason == EXPIRED):
        raise Closed(EXPIRED)
    if upload.status is AssetStatus.PURGED:
        raise Conflict("upload_finished", state=upload.status)
    return upload


async def _check_limits(tx: Transaction, media: Media, owner_id: Id, size: int) -> None:
    await store.lock_sender(tx, owner_id)
    open_tickets, sent = await store.count_sent(tx, owner_id, since=await tx.now() - timedelta(days=1))
    if open_tickets >= media.open_tickets:
        raise RateLimited("uploads_open", retry_after_seconds=600)
    if sent + size > media.bytes_a_day:
        raise RateLimited("uploads_daily", retry_after_seconds=3600)


async def _ticket(db: Database, media: Media, upload: UploadRow, now: datetime) -> Ticket:
    return Ticket(
        upload_id=upload.id,
        asset_id=upload.asset_id,
        destination=await whole_destination(media, upload, now=now),
        content_type=upload.content_type,
        size=upload.size,
        expires_at=upload.expires_at,
        part_bytes=upload.part_bytes,
        part_count=upload.part_count,
        parts=tuple(await _arrived(db, media, upload)),
    )


async def _arrived(db: Database, media: Media, upload: UploadRow) -> list[ArrivedPart]:
    if upload.part_bytes is None:
        return []
    if upload.multipart is not None:
        return await _arrived_there(media, upload, upload.multipart)
    async with db.reading() as conn:
        parts = await store.list_parts(conn, upload.id)
    return [ArrivedPart(part.number, part.size) for part in parts if part.received_at is not None]


async def _arrived_there(media: Media, upload: UploadRow, multipart: str) -> list[ArrivedPart]:
    """The parts that came to the bucket."""
    if media.direct is None:
        return []
    try:
        async with patience(media.store_patience):
            stored = await media.direct.parts(original_name(upload.asset_id), multipart)
    except BlobMissing:
        return []
    return [ArrivedPart(part.number, part.size) for part in stored if part.size == upload.part_size(part.number)]


async def own_upload(conn: Connection, owner_id: Id, upload_id: Id) -> UploadRow:
    """The ticket if it is this account's. Raises NotFound."""
    upload = await store.find_upload(conn, upload_id)
    if upload is None or upload.owner_id != owner_id:
        raise NotFound(path=("upload_id",), kind="Upload")
    return upload


async def require_open(conn: Connection, upload: UploadRow | None) -> UploadRow:
    """The same ticket if bytes may still come. Raises NotFound, Conflict (upload_finished), Closed (upload_expired)."""
    if upload is None:
        raise NotFound(kind="Upload")
    if not upload.is_open:
        raise Conflict("upload_finished", state=upload.status)
    if upload.expires_at <= await conn.now():
        raise Closed(EXPIRED)
    return upload
