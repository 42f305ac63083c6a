"""What no row speaks for, and rows whose bytes are lost: found for the operator, and removed when they say so.

Safe while the house is running: a row is written before its bytes come and ends before they go, so only what is older
than any upload can be is looked at, and each removal looks again while nobody can begin to work on the picture.
"""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import islice
from uuid import UUID

from backend.core.database import Connection, Database
from backend.core.ids import Id
from media.blobs.protocol import (
    BlobMissing,
    BlobName,
    PublicName,
    StoredBlob,
    original_name,
    rendition_name,
    require_name,
)
from media.blobs.refusals import Refusals
from media.config import Media
from media.retention import orphan_store as store
from media.retention.orphan_store import FileRow
from media.serving.publication import align_copies

log = logging.getLogger(__name__)

_NAME = re.compile(r"(original|rendition|part)/([0-9a-f]{32})(?:/([0-9a-f]+).*)?")
_COPY = re.compile(r"([0-9A-Za-z_-]{22})/([0-9a-f]{64})\.(\w+)")
_MARGIN = timedelta(hours=2)
_AT_ONCE = 20
_PAGE = 200

# Names that another package keeps under a prefix of its own: which of them are needed. Unknown prefixes are left alone.
Keeper = Callable[[Connection, Collection[str]], Awaitable[Collection[str]]]


class OrphanKind(StrEnum):
    """What was found."""

    BLOB = "no row"
    COPY = "public without right"
    LOST = "bytes lost"
    UNKNOWN = "not ours, left alone"


@dataclass(frozen=True, slots=True)
class Orphan:
    """One thing that is not as it should be: its name in the store, its size in bytes if it is there."""

    kind: OrphanKind
    name: str
    size: int = 0


def safe_age(media: Media) -> timedelta:
    """Older than anything that an upload or a worker may be busy with."""
    return media.ticket_life + _MARGIN


async def find_blobs(
    db: Database, media: Media, *, remove: bool, keepers: Mapping[str, Keeper] | None = None
) -> AsyncIterator[Orphan]:
    """Old blobs that no row speaks for, and those under names that nobody knows; the former are removed if asked."""
    async with db.reading() as conn:
        before = await conn.now() - safe_age(media)
    refusals = Refusals()
    async for page in media.blobs.pages():
        old = iter([blob for blob in page if blob.modified < before])
        while some := list(islice(old, _AT_ONCE)):
            found: list[Orphan] = []
            with refusals.passed_over(some[0].name):
                found = await _orphans(db, media, some, remove=remove, keepers=keepers or {})
            for orphan in found:
                yield orphan
    refusals.tell()


async def remove_orphans(db: Database, media: Media, *, keepers: Mapping[str, Keeper]) -> int:
    """The daily round: what killed processes stored and never wrote down, pictures and cards alike; how many blobs."""
    removed = 0
    async for orphan in find_blobs(db, media, remove=True, keepers=keepers):
        removed += orphan.kind is OrphanKind.BLOB
    if removed:
        log.warning("orphans_removed", extra={"count": removed})
    return removed


async def _orphans(
    db: Database, media: Media, blobs: list[StoredBlob], *, remove: bool, keepers: Mapping[str, Keeper]
) -> list[Orphan]:
    if not remove:
        async with db.snapshot() as conn:  # whoever only looks keeps nobody waiting
            return await _found(conn, blobs, keepers)
    async with db.transaction() as tx:
        await store.lock_assets(tx, _ids(blobs))
        found = await _found(tx, blobs, keepers)
        gone = {orphan.name for orphan in found if orphan.kind is OrphanKind.BLOB}
        await _remove_all(media, [blob for blob in blobs if blob.name in gone])
    return found


async def _found(conn: Connection, blobs: list[StoredBlob], keepers: Mapping[str, Keeper]) -> list[Orphan]:
    names = {blob.name for blob in blobs}
    needed = await _needed(conn, names, _ids(blobs))
    for prefix, keeper in keepers.items():
        needed |= set(await keeper(conn, [name for name in names if name.startswith(prefix)]))
    return [Orphan(_kind(blob.name, keepers), blob.name, blob.size) for blob in blobs if blob.name not in needed]


def _ids(blobs: list[StoredBlob]) -> set[Id]:
    """The rows that the names are about."""
    return {UUID(parts[2]) for blob in blobs if (parts := _parsed(blob.name))}


async def _remove_all(media: Media, blobs: list[StoredBlob]) -> None:
    """All of them, also when one is refused: none may still be on its way when the locks go. Raises the first."""
    ends = await asyncio.gather(*(_remove(media, blob) for blob in blobs), return_exceptions=True)
    for end in ends:
        if isinstance(end, BaseException):
            raise end


async def _remove(media: Media, blob: StoredBlob) -> None:
    """Unless it was written anew since it was listed: what is made again may come out the same, and have no row yet."""
    async for page in media.blobs.pages(blob.name):
        if blob in page:
            await media.blobs.delete(BlobName(blob.name))


async def remove_left(db: Database, media: Media, asset_id: Id) -> None:
    """Remove the files of one picture that no row names, stored by a worker that was killed, up to its last change.

    For the worker, once a picture has ended or was blurred. Nothing goes while its files are being made, and nothing
    that is younger than its last change: files of a new recipe may be on their way.
    """
    async with db.reading() as conn:
        before = await store.last_change(conn, asset_id)
    async for page in media.blobs.pages(f"rendition/{asset_id.hex}/"):
        if left := [blob for blob in page if before is None or blob.modified <= before]:
            await _orphans(db, media, left, remove=True, keepers={})


def _kind(name: str, keepers: Mapping[str, Keeper]) -> OrphanKind:
    known = _parsed(name) or any(name.startswith(prefix) for prefix in keepers)
    return OrphanKind.BLOB if known else OrphanKind.UNKNOWN


def _parsed(name: str) -> re.Match[str] | None:
    """What a name of ours is about: the kind, the row's id, the digest."""
    try:
        return _NAME.fullmatch(require_name(BlobName(name)))
    except BlobMissing:
        return None


async def _needed(conn: Connection, names: Collection[str], ids: Collection[Id]) -> set[str]:
    """Those of the names that a row speaks for, or that a worker is busy with."""
    originals, parts = await store.originals_needed(conn, ids), await store.parts_needed(conn, ids)
    renditions, worked_on = await store.renditions_needed(conn, ids), await store.list_worked_on(conn, ids)
    needed = set()
    for name in names:
        if (found := _parsed(name)) is None:
            continue
        what, row_id = found[1], UUID(found[2])
        match what:
            case "original":
                is_needed = row_id in originals
            case "part":
                is_needed = row_id in parts
            case _:
                is_needed = (row_id, found[3]) in renditions or row_id in worked_on
        if is_needed:
            needed.add(name)
    return needed


async def find_copies(db: Database, media: Media, *, remove: bool) -> AsyncIterator[Orphan]:
    """Public copies of what not everybody may read, of any age; removed if asked."""
    async for page in media.blobs.public_pages():
        found = [(blob, _COPY.fullmatch(blob.name)) for blob in page]
        async with db.reading() as conn:
            rightful = await store.copies_rightful(conn, {match[1] for _, match in found if match})
        for blob, match in found:
            if match is None:
                yield Orphan(OrphanKind.UNKNOWN, blob.name, blob.size)
            elif (match[1], match[2]) not in rightful:
                if remove:
                    await _take_away(db, media, PublicName(blob.name), match)
                yield Orphan(OrphanKind.COPY, blob.name, blob.size)


async def _take_away(db: Database, media: Media, name: PublicName, parts: re.Match[str]) -> None:
    """By the same way as after hiding, which notices when the picture is shown again at this moment."""
    async with db.transaction() as tx:
        asset_id = await store.note_copy(tx, parts[1], parts[2], parts[3])
    if asset_id is None:
        await media.blobs.unpublish(name)
    else:
        await align_copies(db, media, asset_id)


async def find_lost(db: Database, media: Media) -> AsyncIterator[Orphan]:
    """Files that rows speak for and that are not there. Nothing removes those rows: the bytes may be in a backup."""
    last: Id | None = None
    while True:
        async with db.reading() as conn:
            ids = await store.list_with_files(conn, after=last, limit=_PAGE)
            files = iter(await store.list_files(conn, ids))
        while some := list(islice(files, _AT_ONCE)):
            for name in await _lost(db, media, some):
                yield Orphan(OrphanKind.LOST, name)
        if not ids:
            return
        last = ids[-1]


async def _lost(db: Database, media: Media, files: list[FileRow]) -> list[BlobName]:
    there = await asyncio.gather(*(_is_there(media, _blob(file)) for file in files))
    absent = [file for file, is_there in zip(files, there, strict=True) if not is_there]
    if not absent:
        return []
    async with db.reading() as conn:  # what was removed in this second is not lost
        still = set(await store.list_files(conn, {file.asset_id for file in absent}))
    return [_blob(file) for file in absent if file in still]


async def _is_there(media: Media, name: BlobName) -> bool:
    try:
        await media.blobs.size(name)
    except BlobMissing:
        return False
    return True


def _blob(file: FileRow) -> BlobName:
    if file.sha256 is None or file.format is None:
        return original_name(file.asset_id)
    return rendition_name(file.asset_id, file.sha256, file.format)


async def forget_unfinished(media: Media, *, remove: bool) -> int:
    """Transfers that were begun long ago and never finished; how many."""
    return await media.blobs.forget_unfinished(older_than_seconds=safe_age(media).total_seconds(), remove=remove)


async def find_orphans(
    db: Database, media: Media, *, remove: bool, keepers: Mapping[str, Keeper] | None = None
) -> AsyncIterator[Orphan]:
    """Everything that is not as it should be, as it is found; removed on the way if asked, but for what is lost."""
    async for orphan in find_blobs(db, media, remove=remove, keepers=keepers):
        yield orphan
    async for orphan in find_copies(db, media, remove=remove):
        yield orphan
    async for orphan in find_lost(db, media):
        yield orphan
