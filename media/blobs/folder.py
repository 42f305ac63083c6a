"""The store in a folder of this machine, or one that all machines share."""

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

from media.blobs.protocol import BlobMissing, BlobName, require_name

_PIECE_BYTES = 1_000_000


class FolderStore:
    """A folder of this machine, or one that all machines share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()

    async def put(self, name: BlobName, pieces: AsyncIterator[bytes]) -> None:
        """See BlobStore."""
        target = self._path(name)
        file = await asyncio.to_thread(self._begin)
        try:
            held = bytearray()
            async for piece in pieces:
                held += piece
                if len(held) >= _PIECE_BYTES:
                    await asyncio.to_thread(file.write, bytes(held))
                    held.clear()
            await asyncio.to_thread(_finish, file, bytes(held), target)
        except BaseException:
            await asyncio.shield(asyncio.to_thread(_abandon, file))
            raise

    async def put_file(self, name: BlobName, path: Path) -> None:
        """See BlobStore."""
        await asyncio.to_thread(self._copy, path, self._path(name))

    async def read(self, name: BlobName) -> bytes:
        """See BlobStore."""
        try:
            return await asyncio.to_thread(self._path(name).read_bytes)
        except FileNotFoundError as error:
            raise BlobMissing(name) from error

    @asynccontextmanager
    async def local(self, name: BlobName) -> AsyncIterator[Path]:
        """See BlobStore."""
        path = self._path(name)
        if not await asyncio.to_thread(path.is_file):
            raise BlobMissing(name)
        yield path

    async def delete(self, name: BlobName) -> None:
        """See BlobStore."""
        await asyncio.to_thread(self._path(name).unlink, True)

    async def forget_unfinished(self, *, older_than_seconds: float) -> int:
        """See BlobStore."""
        return await asyncio.to_thread(self._sweep, older_than_seconds)

    def _path(self, name: BlobName) -> Path:
        return self._folder / require_name(name)

    def _begin(self) -> IO[bytes]:
        unfinished = self._folder / "unfinished"
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

    def _sweep(self, older_than_seconds: float) -> int:
        unfinished, removed = self._folder / "unfinished", 0
        if not unfinished.is_dir():
            return 0
        with tempfile.TemporaryFile(dir=unfinished) as clock:  # the file system's own time, shared by all machines
            now = os.fstat(clock.fileno()).st_mtime
        for path in unfinished.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if now - path.stat().st_mtime > older_than_seconds:
                    path.unlink()
                    removed += 1
        return removed


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
