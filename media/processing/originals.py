"""The uploaded bytes for whoever decodes them, always verified first: old addresses of a bucket may still be in use."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from backend.core.database import Database
from backend.core.errors import ValidationFailed
from backend.core.ids import Id
from media import store
from media.blobs.protocol import original_name
from media.config import Media


@asynccontextmanager
async def verified_original(db: Database, media: Media, asset_id: Id) -> AsyncIterator[Path]:
    """A local file, to be read only, that is what its sender promised and what was looked at when it was finalised.

    Raises BlobMissing, ValidationFailed (upload_hash_mismatch).
    """
    async with db.reading() as conn:
        promised = await store.find_promise(conn, asset_id)
    async with media.blobs.local(original_name(asset_id)) as path:
        if promised is not None and await asyncio.to_thread(_measured, path) != promised:
            raise ValidationFailed("upload_hash_mismatch", path=("file",))
        yield path


def _measured(path: Path) -> tuple[int, bytes]:
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").digest()
