"""Folders of this machine for files that are being worked on: gone when the work ends, or swept when it was killed."""

import asyncio
import os
import shutil
import stat
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from backend.core.clock import process_now

_PREFIX = "stemme-media-"


@asynccontextmanager
async def work_folder() -> AsyncIterator[Path]:
    """An empty folder that nobody else reads, removed afterwards with all that is in it."""
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix=_PREFIX))
    try:
        yield folder
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, True)


async def remove_left_folders(*, older_than: timedelta = timedelta(hours=1)) -> int:
    """Remove what a killed worker left half made on this machine; how many folders."""
    return await asyncio.to_thread(_sweep, (process_now() - older_than).timestamp())


def _sweep(touched_before: float) -> int:
    left = [path for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*") if _is_left(path, touched_before)]
    for path in left:
        shutil.rmtree(path, ignore_errors=True)
    return len(left)


def _is_left(path: Path, touched_before: float) -> bool:
    try:
        found = path.stat(follow_symlinks=False)
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and found.st_mtime < touched_before
