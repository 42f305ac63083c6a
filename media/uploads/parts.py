"""Sending a large file in parts: in any order, again, several at once, and after another start of the app."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from weakref import WeakValueDictionary

from backend.core.database import Database
from backend.core.errors import Conflict, ValidationFailed
from backend.core.ids import Id
from backend.core.viewer import Viewer
from media.blobs.direct import DirectStore, StoredPart
from media.blobs.protocol import BlobMissing, StoreUnavailable, original_name, part_name, patience
from media.blobs.refusals import Refusals
from media.config import Media
from media.rules import AssetStatus
from media.uploads import uploads_store as store
from media.uploads.addresses import part_destination
from media.uploads.receiving import as_promised
from media.uploads.tickets import own_upload, parsed_sha256, require_open
from media.uploads.views import LeftParts, PartRow, PartTicket, UploadRow

TIDYING_SECONDS = 1
_BATCH = 200
# One join of an upload at a time in this process, however often it is finalised: each writes the whole file.
_joining: WeakValueDictionary[Id, asyncio.Lock] = WeakValueDictionary()


async def request_part(
    db: Database, media: Media, viewer: Viewer, upload_id: Id, number: int, *, size: int, sha256: str
) -> PartTicket:
    """Where to PUT one part. May be repeated; with another SHA-256 the part has to come anew.

    Raises NotFound, NotAllowed, Closed, Conflict (upload_finished), ValidationFailed (upload_not_in_parts,
    part_unknown, part_size_wrong, sha256_malformed).
    """
    async with db.transaction() as tx:
        owner_id = viewer.require_active()
        upload = await require_open(tx, await own_upload(tx, owner_id, upload_id))
    part = PartRow(number, _checked_size(upload, number, size), parsed_sha256(sha256))
    begun = await _begin(media, upload)
    try:
        async with db.transaction() as tx:
            upload = await require_open(tx, await store.lock_upload(tx, upload_id))
            if begun is not None and upload.multipart is None:
                await store.set_multipart(tx, upload_id, begun)
            await store.put_part(tx, upload_id, part)
            upload, now = await own_upload(tx, owner_id, upload_id), await tx.now()
    finally:
        if begun is not None and upload.multipart != begun:
            await _drop_unused(media, upload, begun)
    return PartTicket(upload_id, number, part.size, await part_destination(media, upload, part, now=now))


def _checked_size(upload: UploadRow, number: int, size: int) -> int:
    if upload.part_count is None:
        raise ValidationFailed("upload_not_in_parts", path=("upload_id",))
    wanted = upload.part_size(number)
    if wanted is None:
        raise ValidationFailed("part_unknown", path=("number",), count=upload.part_count)
    if size != wanted:
        raise ValidationFailed("part_size_wrong", path=("bytes",), number=number, size=wanted)
    return wanted


async def _begin(media: Media, upload: UploadRow) -> str | None:
    if media.direct is None or upload.multipart is not None:
        return None
    async with patience(media.store_patience):
        return await media.direct.begin(original_name(upload.asset_id), upload.content_type)


async def _drop_unused(media: Media, upload: UploadRow, begun: str) -> None:
    """Another request was first, or the ticket is over: dropped now, or by the sweep of what nobody finished."""
    if media.direct is not None:
        with contextlib.suppress(StoreUnavailable):
            async with patience(TIDYING_SECONDS):
                await media.direct.drop(original_name(upload.asset_id), begun)


async def join_parts(db: Database, media: Media, upload: UploadRow) -> None:
    """Make the whole file of the parts, if it was sent in parts. May be cut off anywhere and repeated.

    Raises Conflict (upload_parts_missing), ValidationFailed (upload_hash_mismatch) where the whole is not as promised.
    """
    async with db.reading() as conn:
        parts = await store.list_parts(conn, upload.id)
    if not parts or upload.status is AssetStatus.UPLOADED:
        return
    if len(parts) != upload.part_count:
        raise _missing(upload)
    if media.direct is not None and upload.multipart is not None:
        await _join_there(media.direct, upload, upload.multipart, parts)
        return
    if not all(part.received_at for part in parts):
        raise _missing(upload)
    lock = _joining.setdefault(upload.id, asyncio.Lock())
    async with lock:
        await _join_here(db, media, upload, parts)


async def _join_here(db: Database, media: Media, upload: UploadRow, parts: Sequence[PartRow]) -> None:
    async with db.reading() as conn:
        current = await store.find_upload(conn, upload.id)
    if current is None or current.status is not AssetStatus.REQUESTED:  # joined while this request waited
        return
    try:
        whole = as_promised(_joined(media, upload, parts), size=upload.size, sha256=upload.sha256)
        await media.blobs.put(original_name(upload.asset_id), whole)
    except BlobMissing as error:
        raise _missing(upload) from error
    async with db.transaction() as tx:
        if (current := await store.lock_upload(tx, upload.id)) is not None:
            await store.mark_received(tx, current)


async def _join_there(direct: DirectStore, upload: UploadRow, multipart: str, parts: Sequence[PartRow]) -> None:
    name = original_name(upload.asset_id)
    try:
        stored = {part.number: part for part in await direct.parts(name, multipart)}
        if not all(_is_there(stored.get(part.number), part) for part in parts):
            raise _missing(upload)
        await direct.join(name, multipart, [stored[part.number] for part in parts])
    except BlobMissing:
        return  # joined by another request or an earlier one that was cut off: whoever looks at the whole will see


def _is_there(stored: StoredPart | None, part: PartRow) -> bool:
    return stored is not None and stored.size == part.size and stored.sha256 in (None, part.sha256)


def _missing(upload: UploadRow) -> Conflict:
    return Conflict("upload_parts_missing", state=upload.status)


async def _joined(media: Media, upload: UploadRow, parts: Iterable[PartRow]) -> AsyncIterator[bytes]:
    for part in parts:
        async for piece in media.blobs.stream(part_name(upload.id, part.number)):
            yield piece


async def drop_parts(db: Database, media: Media, asset_ids: Collection[Id] | None = None) -> None:
    """Remove the stored parts of uploads of these pictures, or of all that are finalised: nobody needs them now.

    Raises StoreUnavailable when all others are done.
    """
    refusals, last = Refusals(), None
    while True:
        async with db.reading() as conn:
            left = await store.list_left_parts(conn, asset_ids, after=last, limit=_BATCH)
        if not left:
            break
        gone = []
        for upload in left:
            with refusals.passed_over(upload.upload_id):
                await _drop(media, upload)
                gone.append(upload.upload_id)
        async with db.transaction() as tx:
            await store.forget_parts(tx, gone)
        last = left[-1].upload_id
    refusals.tell()


async def _drop(media: Media, upload: LeftParts) -> None:
    if media.direct is not None and upload.multipart is not None:
        await media.direct.drop(original_name(upload.asset_id), upload.multipart)
        return
    for number in upload.numbers:
        await media.blobs.delete(part_name(upload.upload_id, number))
