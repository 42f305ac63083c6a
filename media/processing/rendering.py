"""From the best source there is to files in the store: the uploaded bytes, or else the largest file made of them."""

import contextlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from backend.core.database import Database
from backend.core.errors import ValidationFailed
from backend.core.ids import Id
from media.blobs.protocol import BlobMissing, original_name, rendition_name
from media.config import Media
from media.folders import work_folder
from media.images.sniff import ImageKind
from media.processing import remake_store
from media.processing.decoder import decode_image
from media.processing.orders import Decoded
from media.processing.originals import verified_original
from media.processing.remake_store import OldFile
from media.retention import retention_store
from media.retention.orphans import remove_left
from media.rules import WAITING
from media.serving.publication import follow
from media.store import list_assets, lock_assets
from media.views import AssetView, RenditionView

_KINDS = {"webp": ImageKind.WEBP, "jpeg": ImageKind.JPEG}


async def render(db: Database, media: Media, asset: AssetView, kind: ImageKind | None) -> Decoded:
    """Make the picture's files, with its parts blurred, and store them; nothing refers to them yet.

    `kind` is what was uploaded; None for a movie, whose poster is made of the largest picture of it.

    Raises ValidationFailed, DecoderDied, BlobMissing, StoreUnavailable.
    """
    async with db.reading() as conn:
        old = await remake_store.list_old(conn, [asset.id])
    async with work_folder() as folder:
        async with _source(db, media, asset, kind, old) as (source, found):
            made = await decode_image(
                source, folder, kind=found, limits=media.limits, bounds=media.bounds, regions=asset.blurred
            )
        for file in made.renditions:
            await media.blobs.put_file(rendition_name(asset.id, file.sha256, file.format), folder / file.file)
    return made


@asynccontextmanager
async def _source(
    db: Database, media: Media, asset: AssetView, kind: ImageKind | None, old: list[OldFile]
) -> AsyncIterator[tuple[Path, ImageKind]]:
    """The original if it is there and what was promised, else the largest file that was made of it.

    Raises what is wrong with the original when there is no file either.
    """
    async with AsyncExitStack() as stack:
        try:
            found = await _original(stack, db, media, asset, kind)
        except (BlobMissing, ValidationFailed):
            made = await _largest(stack, media, asset, old)
            if made is None:
                raise
            found = made
        yield found


async def _original(
    stack: AsyncExitStack, db: Database, media: Media, asset: AssetView, kind: ImageKind | None
) -> tuple[Path, ImageKind]:
    """Raises BlobMissing, also for a movie, of which no picture was uploaded, and ValidationFailed."""
    if kind is None:
        raise BlobMissing(asset.id)
    return await stack.enter_async_context(verified_original(db, media, asset.id)), kind


async def _largest(
    stack: AsyncExitStack, media: Media, asset: AssetView, old: list[OldFile]
) -> tuple[Path, ImageKind] | None:
    files: list[RenditionView | OldFile] = [*asset.renditions, *old]
    for file in files:
        if file.format in _KINDS:
            with contextlib.suppress(BlobMissing):
                name = rendition_name(asset.id, file.sha256, file.format)
                return await stack.enter_async_context(media.blobs.local(name)), _KINDS[file.format]
    return None


async def remove_made(media: Media, asset: AssetView | None, asset_id: Id, made: Decoded) -> None:
    """What was made is not wanted any more: nothing of it may stay but what the picture refers to."""
    kept = {file.sha256 for file in asset.renditions} if asset is not None else set()
    for file in made.renditions:
        if file.sha256 not in kept:
            await media.blobs.delete(rendition_name(asset_id, file.sha256, file.format))


async def clear_replaced(db: Database, media: Media, asset_id: Id) -> None:
    """Remove files that others have replaced, and what was uploaded of a picture with blurred parts.

    Nothing happens while new files are awaited: the old ones may be what they are made from. May be repeated.
    """
    async with db.reading() as conn:
        asset = next(iter(await list_assets(conn, [asset_id])), None)
        old = await remake_store.list_old(conn, [asset_id])
    if asset is None or asset.status in WAITING:
        return
    kept = {file.sha256 for file in asset.renditions}
    for file in old:
        if file.sha256 not in kept:
            await media.blobs.delete(rendition_name(asset_id, file.sha256, file.format))
    if asset.blurred:
        await media.blobs.delete(original_name(asset_id))
        await remove_left(db, media, asset_id)
    async with db.transaction() as tx:
        await lock_assets(tx, [asset_id])
        await remake_store.delete_old(tx, old)
        await follow(tx, [asset_id] if asset.is_public else [])
        if asset.blurred:
            await retention_store.mark_original_gone(tx, [asset_id])
