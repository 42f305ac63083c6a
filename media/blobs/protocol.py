"""Where the bytes are: what every store can do, and the names of what it keeps.

One private store: the database decides at each request what is public, so hiding is instant. A name is made of ids and
digests only and checked, so no name leads out of the store.
"""

import contextlib
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NewType, Protocol

from backend.core.ids import Id

BlobName = NewType("BlobName", str)
_NAME = re.compile(r"original/[0-9a-f]{32}|rendition/[0-9a-f]{32}/[0-9a-f]{64}\.(?:webp|jpeg)")


class BlobMissing(Exception):
    """There is nothing under this name."""


def original_name(asset_id: Id) -> BlobName:
    """Where the uploaded bytes of a picture are."""
    return BlobName(f"original/{asset_id.hex}")


def rendition_name(asset_id: Id, sha256: str, extension: str) -> BlobName:
    """Where a served file is; `sha256` in hex."""
    return BlobName(f"rendition/{asset_id.hex}/{sha256}.{extension}")


class BlobStore(Protocol):
    """Bytes by name. Writing is all or nothing and replaces; deleting what is not there is fine."""

    async def put(self, name: BlobName, pieces: AsyncIterator[bytes]) -> None:
        """Store what the iterator gives; nothing at all when it raises. Durable on return."""
        ...

    async def put_file(self, name: BlobName, path: Path) -> None:
        """Store a copy of a local file. Durable on return."""
        ...

    async def read(self, name: BlobName) -> bytes:
        """All bytes. Raises BlobMissing."""
        ...

    def local(self, name: BlobName) -> contextlib.AbstractAsyncContextManager[Path]:
        """A local file with the bytes, to be read only, for as long as the context is open. Raises BlobMissing."""
        ...

    async def delete(self, name: BlobName) -> None:
        """Remove the bytes."""
        ...

    async def forget_unfinished(self, *, older_than_seconds: float) -> int:
        """Remove what a killed process left half written; the number of files."""
        ...


def require_name(name: BlobName) -> BlobName:
    """The same name. Raises BlobMissing when it is none that is made here, so that it leads nowhere else."""
    if _NAME.fullmatch(name) is None:
        raise BlobMissing(name)
    return name
