"""Bytes that come to us: the whole file, or one part of it. Read no further than what was promised."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from backend.core.database import Connection, Database
from backend.core.errors import Conflict, NotFound, ValidationFailed
from backend.core.ratelimit import Limit, take
from media.blobs.protocol import BlobName, original_name, part_name
from media.config import Media
from media.rules import AssetStatus
from media.uploads import uploads_store as store
from media.uploads.addresses import upload_of
from media.uploads.tickets import require_open
from media.uploads.views import PartRow, UploadRow

_TRANSFERS = Limit("upload_bytes", burst=60, per_seconds=3600)
_PART_TRANSFERS = Limit("upload_part_bytes", burst=400, per_seconds=3600)
_running: dict[BlobName, asyncio.Timeout] = {}
_GONE = (AssetStatus.PURGED, AssetStatus.REJECTED)


async def receive_bytes(
    db: Database, media: Media, token: str, pieces: AsyncIterator[bytes], *, announced: int | None = None
) -> None:
    """Store the bytes that belong to the address; may be repeated until the upload is finalised.

    What is promised is paid for before it comes, so that what all processes hold of one sender at once is bounded.
    `announced` is the Content-Length, if any. Nothing is stored when it raises NotFound, Closed, Conflict,
    ValidationFailed (upload_size_mismatch, upload_hash_mismatch), RateLimited or TimeoutError.
    """
    what = upload_of(media, token)
    if what is None:
        raise NotFound(kind="Upload")
    upload_id, number = what
    async with db.reading() as conn:
        upload = await require_open(conn, await store.find_upload(conn, upload_id))
        part = await _part(conn, upload, number) if number else None
    wanted = part or PartRow(0, upload.size, upload.sha256)
    if announced is not None and announced != wanted.size:
        raise wrong_size(wanted.size)
    who = str(upload.owner_id)
    await take(db, _TRANSFERS if part is None else _PART_TRANSFERS, who, secret=media.secret)
    await take(db, _bytes_an_hour(media), who, secret=media.secret, cost=wanted.size)
    name = original_name(upload.asset_id) if part is None else part_name(upload.id, part.number)
    async with _alone(name, media.transfer_time.total_seconds()):
        await media.blobs.put(name, as_promised(pieces, size=wanted.size, sha256=wanted.sha256))
    await _mark(db, media, upload, part, name)


def _bytes_an_hour(media: Media) -> Limit:
    """Each hour as much as the tickets of a day: enough to send everything again on a bad network."""
    return Limit("upload_sizes", burst=media.bytes_a_day, per_seconds=3600)


@asynccontextmanager
async def _alone(name: BlobName, seconds: float) -> AsyncIterator[None]:
    """One transfer to a name at a time in this process: a newer one ends the older, whose connection the phone lost."""
    async with asyncio.timeout(seconds) as limit:
        older = _running.get(name)
        if older is not None and not older.expired():
            older.reschedule(asyncio.get_running_loop().time())
        _running[name] = limit
        try:
            yield
        finally:
            if _running.get(name) is limit:
                del _running[name]


async def _part(conn: Connection, upload: UploadRow, number: int) -> PartRow:
    part = await store.find_part(conn, upload.id, number)
    if part is None:
        raise NotFound(kind="Upload")
    return part


async def _mark(db: Database, media: Media, upload: UploadRow, part: PartRow | None, name: BlobName) -> None:
    """The bytes are stored; if the upload ended meanwhile, or they were removed for good, they go again."""
    async with db.transaction() as tx:
        current = await store.lock_upload(tx, upload.id)
        is_open = current is not None and current.is_open
        if current is not None and is_open:
            if part is None:
                await store.mark_received(tx, current)
            else:
                await store.mark_part_received(tx, current.id, part)
    is_gone = current is None or current.status in _GONE or current.is_original_gone
    if not is_open and (part is not None or is_gone):
        await media.blobs.delete(name)
    if not is_open:
        raise NotFound(kind="Upload") if current is None else Conflict("upload_finished", state=current.status)


def wrong_size(size: int) -> ValidationFailed:
    """The refusal of a file or part that has not the promised size."""
    return ValidationFailed("upload_size_mismatch", path=("file",), size=size)


async def as_promised(pieces: AsyncIterator[bytes], *, size: int, sha256: bytes) -> AsyncIterator[bytes]:
    """The same pieces; raises as soon as they cannot be what was promised."""
    digest, come = hashlib.sha256(), 0
    async for piece in pieces:
        come += len(piece)
        if come > size:
            raise wrong_size(size)
        digest.update(piece)
        yield piece
    if come != size:
        raise wrong_size(size)
    if digest.digest() != sha256:
        raise ValidationFailed("upload_hash_mismatch", path=("file",))
