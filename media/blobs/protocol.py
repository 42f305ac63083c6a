"""Where the bytes are: what every store can do, and the names of what it keeps.

A private store: the database decides at each request who may read, so hiding is instant. A name is made of ids and
digests only and checked, so no name leads out of the store. Some stores also keep copies that everybody may read.
"""

import contextlib
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, NewType, Protocol, TypeVar

from backend.core.errors import RateLimited
from backend.core.ids import Id
from media.formats import EXTENSIONS

T = TypeVar("T")
BlobName = NewType("BlobName", str)
PublicName = NewType("PublicName", str)
_FILE = rf"[0-9a-f]{{64}}\.(?:{EXTENSIONS})"
_NAME = re.compile(rf"original/[0-9a-f]{{32}}|rendition/[0-9a-f]{{32}}/{_FILE}|part/[0-9a-f]{{32}}/[0-9]{{5}}")
_PUBLIC_NAME = re.compile(rf"[0-9A-Za-z_-]{{22}}/{_FILE}")
_RETRY_SECONDS = 30


class BlobMissing(Exception):
    """There is nothing under this name."""


class StoreUnavailable(RateLimited):
    """The store is slow, full, refuses or cannot be reached. Nothing was changed; `reason` is for the log."""

    default_code = "store_unavailable"

    def __init__(self, reason: str) -> None:
        super().__init__(retry_after_seconds=_RETRY_SECONDS)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """What a listing tells: the name, the size in bytes, when it was written (by the store's clock)."""

    name: str
    size: int
    modified: datetime


def original_name(asset_id: Id) -> BlobName:
    """Where the uploaded bytes of a picture are."""
    return BlobName(f"original/{asset_id.hex}")


def rendition_name(asset_id: Id, sha256: str, extension: str) -> BlobName:
    """Where a served file is; `sha256` in hex."""
    return BlobName(f"rendition/{asset_id.hex}/{sha256}.{extension}")


def part_name(upload_id: Id, number: int) -> BlobName:
    """Where one part of an upload waits for the others, in a store without multipart uploads."""
    return BlobName(f"part/{upload_id.hex}/{number:05}")


def public_name(key: str, sha256: str, extension: str) -> PublicName:
    """Where the copy for everybody is; `key` is the random key of the picture, `sha256` in hex."""
    return PublicName(f"{key}/{sha256}.{extension}")


class BlobStore(Protocol):
    """Bytes by name. Writing is all or nothing and replaces; deleting what is not there is fine.

    Whatever touches the store may raise StoreUnavailable.
    """

    async def put(self, name: BlobName, pieces: AsyncIterator[bytes]) -> None:
        """Store what the iterator gives; nothing at all when it raises. Durable on return."""
        ...

    async def put_file(self, name: BlobName, path: Path) -> None:
        """Store a copy of a local file. Durable on return."""
        ...

    async def read(self, name: BlobName) -> bytes:
        """All bytes. Raises BlobMissing."""
        ...

    async def size(self, name: BlobName) -> int:
        """The number of bytes. Raises BlobMissing."""
        ...

    def stream(self, name: BlobName, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
        """The bytes from `start` up to but not including `end`, in pieces. Raises BlobMissing at the first piece."""
        ...

    def local(self, name: BlobName) -> contextlib.AbstractAsyncContextManager[Path]:
        """A local file with the bytes, to be read only, for as long as the context is open. Raises BlobMissing."""
        ...

    async def look(self, name: BlobName, use: Callable[[IO[bytes], int], T]) -> T:
        """What `use` makes of the seekable file and its size, in a thread; only what it reads is fetched.

        Raises BlobMissing.
        """
        ...

    async def delete(self, name: BlobName) -> None:
        """Remove the bytes."""
        ...

    def pages(self, prefix: str = "") -> AsyncIterator[Sequence[StoredBlob]]:
        """Everything whose name begins so, some at a time. For commands that tidy up; no request may wait for it."""
        ...

    async def forget_unfinished(self, *, older_than_seconds: float, remove: bool = True) -> int:
        """Remove, or only count, what a killed process or an abandoned multipart upload left half written."""
        ...

    @property
    def has_public_copies(self) -> bool:
        """Whether the store serves what is public itself, from copies that `publish` makes."""
        ...

    async def signed_get(self, name: BlobName, *, life: timedelta, content_type: str) -> str | None:
        """An address at the store that reads the blob for a while; None: this store is read through the process."""
        ...

    async def publish(self, name: BlobName, copy: PublicName, *, content_type: str) -> None:
        """Make the copy that everybody may read; nothing without public copies. Raises BlobMissing."""
        ...

    async def unpublish(self, copy: PublicName) -> None:
        """Remove the copy that everybody could read."""
        ...

    def public_pages(self) -> AsyncIterator[Sequence[StoredBlob]]:
        """All public copies, some at a time, like `pages`."""
        ...


def require_name(name: BlobName) -> BlobName:
    """The same name. Raises BlobMissing when it is none that is made here, so that it leads nowhere else."""
    if _NAME.fullmatch(name) is None:
        raise BlobMissing(name)
    return name


def require_public_name(name: PublicName) -> PublicName:
    """The same name of a public copy. Raises BlobMissing when it is none that is made here."""
    if _PUBLIC_NAME.fullmatch(name) is None:
        raise BlobMissing(name)
    return name
