"""Captions of one's own movie: set, replaced and removed until it is handed in, also while it is still processed.

Every version has a file of its own (a random mark is in it), so removing one never removes another's. A file is stored
before its row and removed after it: whoever dies in between leaves a file too many, never an address without a file.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass

from backend.core import audit
from backend.core.database import Connection, Database, Transaction
from backend.core.errors import Conflict, DomainError, NotFound, ValidationFailed
from backend.core.ids import Id, random_id
from backend.core.text import direction_of, language_tag
from backend.core.viewer import Viewer
from media import store
from media.blobs.protocol import rendition_name
from media.captions import captions_store
from media.captions.captions_store import FORMAT, CaptionText, NewCaption
from media.captions.cues import read_cues, words_in, words_of, write_cues
from media.config import Media
from media.kinds import Medium
from media.rules import may_describe
from media.views import AssetView, is_own

MAX_LANGUAGES = 8


@dataclass(frozen=True, slots=True)
class _File:
    """A new version: the row, and the bytes of its file."""

    row: NewCaption
    content: bytes


async def set_caption(
    db: Database, media: Media, viewer: Viewer, asset_id: Id, *, language: str, text: str
) -> AssetView:
    """The movie with these captions, a WebVTT file, in place of any in the same language.

    Raises NotFound, NotAllowed, Conflict (asset_fixed, sealed_after_reset), RateLimited (the store is away),
    ValidationFailed: language_unknown, captions_not_a_movie, captions_languages, and those of `read_cues`.
    """
    owner_id = viewer.require_active()
    language = language_tag(language, path=("language",))
    async with db.transaction() as tx:  # before any work, and before anything is stored
        movie_ms = _length(media, await _lock_own(tx, owner_id, asset_id))
    file = await asyncio.to_thread(_made, language, text, movie_ms=movie_ms)
    name = rendition_name(asset_id, file.row.sha256, FORMAT)
    await media.blobs.put(name, _whole(file.content))
    try:
        async with db.transaction() as tx:
            asset = await _lock_own(tx, owner_id, asset_id)
            languages = {one.language for one in asset.captions} | {language}
            if len(languages) > MAX_LANGUAGES:
                raise ValidationFailed("captions_languages", path=("language",), max=MAX_LANGUAGES)
            replaced = await captions_store.save(tx, asset_id, file.row)
            await audit.record(tx, owner_id, "author:asset:captioned", ("asset", asset_id))
            changed = (await store.list_assets(tx, [asset_id]))[0]
    except DomainError:  # certainly not kept; after any other failure it may be, and what is left over is swept later
        await media.blobs.delete(name)
        raise
    await _delete(media, asset_id, replaced)
    return changed


async def remove_caption(db: Database, media: Media, viewer: Viewer, asset_id: Id, *, language: str) -> AssetView:
    """The movie without captions in this language; harmless where there are none.

    Raises NotFound, NotAllowed, Conflict (asset_fixed, sealed_after_reset), ValidationFailed (language_unknown,
    captions_not_a_movie).
    """
    language = language_tag(language, path=("language",))
    async with db.transaction() as tx:
        owner_id = viewer.require_active()
        await _lock_own(tx, owner_id, asset_id)
        removed = await captions_store.remove(tx, asset_id, language)
        if removed is not None:
            await audit.record(tx, owner_id, "author:asset:uncaptioned", ("asset", asset_id))
        changed = (await store.list_assets(tx, [asset_id]))[0]
    await _delete(media, asset_id, removed)
    return changed


async def captions_of(conn: Connection, asset_ids: Collection[Id]) -> list[CaptionText]:
    """The captions of these movies as WebVTT files; who may read them, the caller decides."""
    return await captions_store.list_texts(conn, asset_ids) if asset_ids else []


def spoken(caption: CaptionText) -> str:
    """The words alone, as a reviewer's machine looks at them."""
    return words_in(caption.text)


async def _lock_own(tx: Transaction, owner_id: Id, asset_id: Id) -> AssetView:
    asset = (await store.lock_assets(tx, [asset_id])).get(asset_id)
    if asset is None or not is_own(asset, owner_id):
        raise NotFound(path=("asset_id",), kind="Asset")
    if asset.medium is not Medium.MOVIE:
        raise ValidationFailed("captions_not_a_movie", path=("asset_id",))
    if not may_describe(asset.status, is_fixed=asset.is_fixed):
        raise Conflict("asset_fixed", state=asset.status)
    return asset


def _length(media: Media, asset: AssetView) -> int:
    """Milliseconds that the movie runs for; as long as it is not made yet, as many as any may."""
    known = [file.seconds for file in asset.renditions if file.seconds is not None]
    return round(max(known, default=media.movie_bounds.seconds) * 1000)


def _made(language: str, text: str, *, movie_ms: int) -> _File:
    cues = read_cues(text, movie_ms=movie_ms)
    canonical = write_cues(cues)
    content = f"{canonical}\nNOTE {random_id().hex}\n".encode()
    sha256 = hashlib.sha256(content).hexdigest()
    return _File(NewCaption(language, direction_of(words_of(cues)), canonical, sha256, len(content)), content)


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def _delete(media: Media, asset_id: Id, sha256: str | None) -> None:
    if sha256 is not None:
        await media.blobs.delete(rendition_name(asset_id, sha256, FORMAT))
