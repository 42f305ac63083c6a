"""Fifty photos of a class: sent beforehand, then handed to a worker process as it runs in production."""

import hashlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

from backend.core.database import Database
from backend.core.ids import Id
from backend.core.viewer import Viewer
from backend.settings import Settings
from media.config import Media
from media.uploads.finalising import finalise_upload
from media.uploads.receiving import receive_bytes
from media.uploads.tickets import NewUpload, request_upload

COUNT = 50
_PIECE = 256 * 1024

Sent = list[tuple[Viewer, Id]]


@contextmanager
def worker(folder: Path, settings: Settings) -> Iterator[None]:
    """`stemme worker` on that database, ended afterwards."""
    environ = {**os.environ, "DATABASE_URL": settings.database_url, "STEMME_DEV_FOLDER": str(settings.dev_folder)}
    with (folder / "worker.log").open("w") as log:
        process = subprocess.Popen([sys.executable, "-m", "backend.cli", "worker"], env=environ, stderr=log)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


async def send(settings: Settings, data: bytes) -> Sent:
    """The photo from each of fifty accounts: all bytes are there, and nobody has said so yet."""
    promised = NewUpload("image/jpeg", len(data), hashlib.sha256(data).hexdigest())
    media, sent = Media.of(settings), []
    db = await Database.open(settings.database_url, size=2)
    try:
        async with db.reading() as conn:
            rows = await conn.fetch("select id, handle from account order by handle limit $1", COUNT)
        for row in rows:
            viewer = Viewer(account_id=row["id"], handle=row["handle"])
            ticket = await request_upload(db, media, viewer, promised)
            await receive_bytes(db, media, ticket.destination.address.rpartition("/")[2], _pieces(data))
            sent.append((viewer, ticket.upload_id))
    finally:
        await db.close()
    return sent


async def hand_over(settings: Settings, sent: Sent) -> None:
    """All say that they are done: fifty jobs."""
    db = await Database.open(settings.database_url, size=2)
    try:
        for viewer, upload_id in sent:
            await finalise_upload(db, Media.of(settings), viewer, upload_id)
    finally:
        await db.close()


async def count(settings: Settings, *statuses: str) -> int:
    """How many files of all are in one of these states."""
    db = await Database.open(settings.database_url, size=1)
    try:
        async with db.reading() as conn:
            found: int = await conn.fetch_value("select count(*) from asset where status = any($1)", list(statuses))
            return found
    finally:
        await db.close()


async def _pieces(data: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(data), _PIECE):
        yield data[at : at + _PIECE]
