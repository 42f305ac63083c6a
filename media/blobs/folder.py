"""The store in a folder of this machine, or one that all machines share."""

import asyncio
import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import IO, ParamSpec, TypeVar

from media.blobs.protocol import (
    BlobMissing,
    BlobName,
    PublicName,
    StoredBlob,
    StoreUnavailable,
    require_name,
)

P = ParamSpec("P")
T = TypeVar("T")
_PIECE_BYTES = 1_000_000
_READ_BYTES = 256 * 1024
_PAGE = 1000
_NOTHING: tuple[Sequence[StoredBlob], ...] = ()
_UNFINISHED = "unfinished"


class FolderStore:
    """A folder of this machine, or one that all machines share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()

    async def put(self, name: BlobName, pieces: AsyncIterator[bytes]) -> None:
        """See BlobStore."""
        target = self._path(name)
        beginning = asyncio.ensure_future(_on_disk(self._begin))
        try:
            file = await asyncio.shield(beginning)
        except asyncio.CancelledError:  # the thread makes the file all the same
            await asyncio.to_thread(_abandon, await beginning)
            raise
        try:
            held = bytearray()
            async for piece in pieces:
                held += piece
                if len(held) >= _PIECE_BYTES:
                    await _on_disk(file.write, bytes(held))
                    held.clear()
            await _on_disk(_finish, file, bytes(held), target)
        except BaseException:
            await asyncio.shield(asyncio.to_thread(_abandon, file))
            raise

    async def put_file(self, name: BlobName, path: Path) -> None:
        """See BlobStore."""
        await _on_disk(self._copy, path, self._path(name))

    async def read(self, name: BlobName) -> bytes:
        """See BlobStore."""
        with _missing(name):
            return await _on_disk(self._path(name).read_bytes)

    async def size(self, name: BlobName) -> int:
        """See BlobStore."""
        with _missing(name):
            return (await _on_disk(self._path(name).stat)).st_size

    async def stream(self, name: BlobName, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
        """See BlobStore."""
        with _missing(name):
            file = await _on_disk(self._path(name).open, "rb")
        try:
            await _on_disk(file.seek, start)
            left = await _on_disk(_length, file) - start if end is None else end - start
            while left > 0 and (piece := await _on_disk(file.read, min(_READ_BYTES, left))):
                left -= len(piece)
                yield piece
        finally:
            file.close()

    async def look(self, name: BlobName, use: Callable[[IO[bytes], int], T]) -> T:
        """See BlobStore."""
        with _missing(name):
            file = await _on_disk(self._path(name).open, "rb")
        with file:
            return await asyncio.to_thread(lambda: use(file, _length(file)))

    @asynccontextmanager
    async def local(self, name: BlobName) -> AsyncIterator[Path]:
        """See BlobStore."""
        path = self._path(name)
        if not await asyncio.to_thread(path.is_file):
            raise BlobMissing(name)
        yield path

    async def delete(self, name: BlobName) -> None:
        """See BlobStore."""
        await _on_disk(self._path(name).unlink, True)

    async def pages(self, prefix: str = "") -> AsyncIterator[Sequence[StoredBlob]]:
        """See BlobStore."""
        found = self._walk(prefix)
        while page := await _on_disk(lambda: list(islice(found, _PAGE))):
            yield page

    async def forget_unfinished(self, *, older_than_seconds: float, remove: bool = True) -> int:
        """See BlobStore."""
        return await _on_disk(self._sweep, older_than_seconds, remove)

    @property
    def has_public_copies(self) -> bool:
        """Never: what is public is read through the web process."""
        return False

    async def signed_get(self, name: BlobName, *, life: timedelta, content_type: str) -> str | None:
        """None: a folder has no addresses of its own."""
        return None

    async def publish(self, name: BlobName, copy: PublicName, *, content_type: str) -> None:
        """Nothing: the web process serves what is public."""

    async def unpublish(self, copy: PublicName) -> None:
        """Nothing: there are no copies."""

    async def public_pages(self) -> AsyncIterator[Sequence[StoredBlob]]:
        """Nothing: there are no copies."""
        for page in _NOTHING:
            yield page

    def _path(self, name: BlobName) -> Path:
        return self._folder / require_name(name)

    def _begin(self) -> IO[bytes]:
        unfinished = self._folder / _UNFINISHED
        unfinished.mkdir(mode=0o700, parents=True, exist_ok=True)
        return tempfile.NamedTemporaryFile(dir=unfinished, delete=False)

    def _copy(self, source: Path, target: Path) -> None:
        file = self._begin()
        try:
            with source.open("rb") as given:
                shutil.copyfileobj(given, file)
            _finish(file, b"", target)
        except BaseException:
            _abandon(file)
            raise

    def _walk(self, prefix: str) -> Iterator[StoredBlob]:
        for folder, _, files in os.walk(self._folder / prefix.rpartition("/")[0]):
            inside = Path(folder).relative_to(self._folder)
            for file in files:
                name = (inside / file).as_posix()
                if name.startswith(prefix) and not name.startswith(f"{_UNFINISHED}/"):
                    with contextlib.suppress(FileNotFoundError):
                        found = (self._folder / name).stat()
                        yield StoredBlob(name, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))

    def _sweep(self, older_than_seconds: float, remove: bool) -> int:
        unfinished, found = self._folder / _UNFINISHED, 0
        if not unfinished.is_dir():
            return 0
        with tempfile.TemporaryFile(dir=unfinished) as clock:  # the file system's own time, shared by all machines
            now = os.fstat(clock.fileno()).st_mtime
        for path in unfinished.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if now - path.stat().st_mtime > older_than_seconds:
                    found += 1
                    if remove:
                        path.unlink()
        return found


async def _on_disk(do: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do it in a thread. A disk that is full, broken or gone is the store's trouble, not the sender's."""
    try:
        return await asyncio.to_thread(do, *args, **kwargs)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StoreUnavailable(errno.errorcode.get(error.errno or 0, "unknown")) from error


def _length(file: IO[bytes]) -> int:
    return os.fstat(file.fileno()).st_size


@contextlib.contextmanager
def _missing(name: BlobName) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise BlobMissing(name) from error


def _finish(file: IO[bytes], rest: bytes, target: Path) -> None:
    """On the disk first, then under its name, then the name on the disk: after a power cut it is whole or absent."""
    with file:
        file.write(rest)
        file.flush()
        os.fsync(file.fileno())
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    Path(file.name).replace(target)
    for folder in (target.parent, target.parent.parent):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _abandon(file: IO[bytes]) -> None:
    file.close()
    Path(file.name).unlink(missing_ok=True)
