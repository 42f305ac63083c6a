"""A movie in both stores: played in pieces, taken back while it is made, and a worker that is killed outright."""

import asyncio
import os
import signal
import sys
from dataclasses import replace

import httpx
import pytest

from backend.core.clock import process_now
from backend.core.database import Database
from backend.core.errors import Conflict
from backend.core.viewer import Viewer
from backend.settings import Settings
from media.blobs.protocol import original_name, rendition_name
from media.config import Media
from media.movies import wanted
from media.processing.jobs import process_asset
from media.rules import AssetStatus, Reach
from media.serving.addresses import addresses_of
from media.uploads.aborting import abort_upload, delete_asset
from media.uploads.finalising import finalise_upload
from media.uploads.tickets import request_upload
from media.uploads.views import Ticket
from tests.media.conftest import both_stores, deliver, names_in, promise, read
from tests.media.converted_movies import assert_bare
from tests.media.movies import as_a_phone_makes_it, long_movie
from tests.media.test_decoder import children
from tests.media.test_movie_processing import begun, mp4_of
from tests.media.test_serving import web

_ = web
PHONE = as_a_phone_makes_it()
_WORKER = """
import asyncio, sys, uuid
from backend.core.database import Database
from backend.settings import Settings
from media.config import Media
from media.movies import wanted
from media.processing.jobs import process_asset

async def main():
    wanted._LOOK_SECONDS = 0.05
    settings = Settings.load({"DATABASE_URL": sys.argv[1], "STEMME_DEV_FOLDER": sys.argv[2]})
    db = await Database.open(settings.database_url, size=2)
    await process_asset(db, Media.of(settings), uuid.UUID(sys.argv[3]))

asyncio.run(main())
"""


async def finalised(db: Database, media: Media, viewer: Viewer, data: bytes, content_type: str) -> Ticket:
    ticket = await request_upload(db, media, viewer, promise(data, content_type))
    await deliver(db, media, ticket, data)
    await finalise_upload(db, media, viewer, ticket.upload_id)
    return ticket


async def piece(web: httpx.AsyncClient, url: str, asked: str) -> httpx.Response:
    """As a player does it: it follows to the store, with the same header."""
    answer = await web.get(url, headers={"range": asked})
    if not answer.is_redirect:
        return answer
    async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(verify=False)) as http:
        return await http.get(answer.headers["location"], headers={"range": asked})


@both_stores
async def test_movie_is_played_in_pieces_that_are_the_file(
    db: Database, media: Media, viewer: Viewer, web: httpx.AsyncClient
) -> None:
    # Phones call the same file now MP4, now QuickTime.
    ticket = await finalised(db, media, viewer, PHONE, "video/mp4")
    await process_asset(db, media, ticket.asset_id)
    asset = await read(db, ticket.asset_id)
    assert asset.status is AssetStatus.CLEAN
    file, index = mp4_of(asset), [one.format for one in asset.renditions].index("mp4")
    url = addresses_of(media, asset, now=process_now(), reach=Reach.INSIDER)[index]
    pieces, at, step = [], 0, file.size // 3 + 1
    while at < file.size:
        answer = await piece(web, url, f"bytes={at}-{at + step - 1}")
        end = min(at + step, file.size)
        assert answer.status_code == 206
        assert answer.headers["content-range"] == f"bytes {at}-{end - 1}/{file.size}"
        assert answer.headers["content-type"] == "video/mp4"
        pieces.append(answer.content)
        at = end
    assert b"".join(pieces) == await media.blobs.read(rendition_name(asset.id, file.sha256, "mp4"))
    assert_bare(b"".join(pieces))
    assert (await piece(web, url, f"bytes={file.size}-")).status_code == 416


@both_stores
async def test_movie_deleted_while_it_is_made_ends_at_once_and_leaves_nothing(
    db: Database, media: Media, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wanted, "_LOOK_SECONDS", 0.05)
    before = children()
    ticket = await finalised(db, media, viewer, long_movie(), "video/mp4")
    working = asyncio.create_task(process_asset(db, media, ticket.asset_id))
    await begun(db, ticket.asset_id)
    with pytest.raises(Conflict):  # the upload itself is over: what it became is deleted
        await abort_upload(db, media, viewer, ticket.upload_id)
    await delete_asset(db, media, viewer, ticket.asset_id)
    await asyncio.wait_for(working, 20)
    assert children() == before
    assert (await read(db, ticket.asset_id)).status is AssetStatus.PURGED
    assert await names_in(media) == []


async def test_worker_killed_outright_leaves_no_child_and_the_next_one_makes_the_movie(
    db: Database, settings: Settings, viewer: Viewer
) -> None:
    media = replace(Media.of(settings), bytes_a_day=10**9)
    ticket = await finalised(db, media, viewer, long_movie(), "video/mp4")
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _WORKER, settings.database_url, str(settings.dev_folder), str(ticket.asset_id)
    )
    await begun(db, ticket.asset_id)
    [converting] = _children_of(worker.pid)
    worker.kill()
    await worker.wait()
    async with asyncio.timeout(20):
        while _is_alive(converting):  # noqa: ASYNC110 - another process ends
            await asyncio.sleep(0.02)
    assert (await read(db, ticket.asset_id)).status is AssetStatus.PROCESSING
    await media.blobs.read(original_name(ticket.asset_id))
    await process_asset(db, media, ticket.asset_id)  # the queue hands the job of a silent worker to another
    assert (asset := await read(db, ticket.asset_id)).status is AssetStatus.CLEAN
    assert mp4_of(asset).seconds == pytest.approx(10.0, abs=0.1)


def _children_of(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(one) for one in file.read().split()]


def _is_alive(pid: int) -> bool:
    """A process without a parent that waits for it may stay as a zombie, which does nothing."""
    try:
        os.kill(pid, signal.SIG_DFL)
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
