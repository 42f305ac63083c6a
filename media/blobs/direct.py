"""What a store can do that takes bytes from the sender itself, so that they never pass through the web process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from media.blobs.protocol import BlobName


@dataclass(frozen=True, slots=True)
class Promise:
    """What the sender said that it will send: the store refuses anything else."""

    size: int
    sha256: bytes
    content_type: str | None = None


@dataclass(frozen=True, slots=True)
class DirectPut:
    """A PUT straight into the store: its address, and the headers it must carry besides Content-Length."""

    address: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StoredPart:
    """A part that the store holds: `tag` is the store's own mark of it, `sha256` its digest if the store keeps it."""

    number: int
    size: int
    tag: str
    sha256: bytes | None


class DirectStore(Protocol):
    """Signed addresses for whole files and for parts. Everything may raise StoreUnavailable."""

    async def address(self, name: BlobName, promise: Promise, *, life: timedelta) -> DirectPut:
        """Where the whole file may be PUT for a while."""
        ...

    async def checksum(self, name: BlobName) -> bytes | None:
        """The SHA-256 of the whole file, if the store keeps it. Raises BlobMissing."""
        ...

    async def begin(self, name: BlobName, content_type: str) -> str:
        """Begin an upload in parts; the id that the calls below take."""
        ...

    async def part_address(
        self, name: BlobName, multipart: str, number: int, promise: Promise, *, life: timedelta
    ) -> DirectPut:
        """Where one part may be PUT for a while."""
        ...

    async def parts(self, name: BlobName, multipart: str) -> Sequence[StoredPart]:
        """The parts that have arrived. Raises BlobMissing when they were joined or dropped."""
        ...

    async def join(self, name: BlobName, multipart: str, parts: Sequence[StoredPart]) -> None:
        """Make the file of its parts, in their order. Raises BlobMissing when they were joined or dropped."""
        ...

    async def drop(self, name: BlobName, multipart: str) -> None:
        """Forget the parts; none come after that. Dropping twice, or what was joined, is fine."""
        ...
