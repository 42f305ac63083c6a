"""Parts of files: which bytes a header asks for, and that a reader gets exactly those and leaves no trace."""

import asyncio
import os
import socket
import threading
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar

from backend.core.clock import process_now
from backend.core.database import Database
from graphql_api.media import file_answers, http
from graphql_api.media.http import make_media_routes
from media.attaching import revoke
from media.blobs.protocol import rendition_name
from media.config import Media
from media.rules import Reach
from media.serving.addresses import addresses_of
from media.serving.ranges import OutsideFile, Span, asked_span
from media.views import AssetView
from tests.media.conftest import MakeAsset, in_pieces, read
from tests.media.test_serving import address, web

_ = web
TAG = '"abc"'


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (None, None),
        ("bytes=0-", (0, 100)),
        ("bytes=0-0", (0, 1)),
        ("bytes=10-19", (10, 20)),
        ("bytes=90-1000", (90, 100)),
        ("bytes=-10", (90, 100)),
        ("bytes=-1000", (0, 100)),
        ("BYTES = 5-6 ", (5, 7)),
        ("bytes=99-", (99, 100)),
        ("bytes=20-10", None),
        ("bytes=0-1,5-6", None),
        ("bytes=", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("bytes=٣-٤", None),
        ("bytes=1-2\n", None),
        ("lines=1-2", None),
        ("bytes=" + "9" * 400 + "-", None),
    ],
)
def test_asked_span_of_one_range_is_cut_to_the_file(asked: str | None, found: tuple[int, int] | None) -> None:
    span = asked_span(asked, size=100, tag=TAG)
    assert (None if span is None else (span.start, span.end)) == found


@pytest.mark.parametrize("asked", ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=999999999-"])
def test_asked_span_behind_the_end_is_outside(asked: str) -> None:
    with pytest.raises(OutsideFile):
        asked_span(asked, size=100, tag=TAG)


@pytest.mark.parametrize(
    ("if_range", "is_part"),
    [
        (TAG, True),
        (f" {TAG} ", True),
        ('"other"', False),
        (f"W/{TAG}", False),
        ("Sat, 28 Nov 2026 12:00:00 GMT", False),
    ],
)
def test_asked_span_with_if_range_holds_for_this_very_file_alone(if_range: str, is_part: bool) -> None:
    assert (asked_span("bytes=1-2", size=100, tag=TAG, if_range=if_range) is not None) is is_part


@given(st.text(max_size=30) | st.from_regex(r"bytes=\d{0,4}-\d{0,4}", fullmatch=True), st.integers(0, 5000))
def test_asked_span_is_never_outside_the_file(asked: str, size: int) -> None:
    try:
        span = asked_span(asked, size=size, tag=TAG)
    except OutsideFile:
        return
    assert span is None or (0 <= span.start < span.end <= size and span.length == span.end - span.start)


def test_content_range_counts_from_zero_to_the_last() -> None:
    assert Span(0, 500, 1234).content_range == "bytes 0-499/1234"


async def stored(media: Media, asset: AssetView) -> bytes:
    file = asset.renditions[0]
    return await media.blobs.read(rendition_name(asset.id, file.sha256, file.format))


@pytest.mark.parametrize("is_public", [True, False])
async def test_part_of_a_file_is_sent_as_asked(
    web: httpx.AsyncClient, media: Media, make_asset: MakeAsset, is_public: bool
) -> None:
    asset = await make_asset(shown=True, is_public=is_public)
    url, whole = address(media, asset) or "", await stored(media, asset)
    size, tag = len(whole), f'"{asset.renditions[0].sha256}"'
    for asked, expected in (("bytes=0-9", whole[:10]), ("bytes=7-", whole[7:]), ("bytes=-5", whole[-5:])):
        part = await web.get(url, headers={"range": asked})
        assert (part.status_code, part.content) == (206, expected)
        assert part.headers["content-length"] == str(len(expected))
        start = whole.index(expected)
        assert part.headers["content-range"] == f"bytes {start}-{start + len(expected) - 1}/{size}"
        assert (part.headers["etag"], part.headers["accept-ranges"]) == (tag, "bytes")
        assert part.headers["content-type"] == "image/webp"
        assert "max-age=60" in part.headers["cache-control"]
    for headers in ({"range": "bytes=0-1,3-4"}, {"range": "bytes=0-1", "if-range": '"old"'}, {}):
        full = await web.get(url, headers=headers)
        assert (full.status_code, full.content, full.headers["accept-ranges"]) == (200, whole, "bytes")
    same = await web.get(url, headers={"range": "bytes=0-1", "if-range": tag})
    assert (same.status_code, same.content) == (206, whole[:2])
    known = await web.get(url, headers={"range": "bytes=0-1", "if-none-match": tag})
    assert (known.status_code, known.content) == (304, b"")


async def test_part_behind_the_end_tells_the_size(web: httpx.AsyncClient, media: Media, make_asset: MakeAsset) -> None:
    asset = await make_asset(shown=True)
    size = asset.renditions[0].size
    answer = await web.get(address(media, asset) or "", headers={"range": f"bytes={size}-"})
    assert (answer.status_code, answer.content) == (416, b"")
    assert answer.headers["content-range"] == f"bytes */{size}"
    assert answer.headers["cache-control"] == "no-store"


async def test_head_ignores_a_range(web: httpx.AsyncClient, media: Media, make_asset: MakeAsset) -> None:
    asset = await make_asset(shown=True)
    answer = await web.head(address(media, asset) or "", headers={"range": "bytes=0-1"})
    assert (answer.status_code, answer.headers["content-length"]) == (200, str(asset.renditions[0].size))


async def test_page_of_any_origin_may_show_a_file_and_no_cookie_is_asked_for(
    web: httpx.AsyncClient, media: Media, make_asset: MakeAsset
) -> None:
    asset = await make_asset(shown=True)
    for url in (address(media, asset) or "", "/media/p/x/y"):
        answer = await web.get(url, headers={"origin": "https://anywhere.example"})
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers
        assert "content-range" in answer.headers["access-control-expose-headers"]


@pytest.fixture
def server(db: Database, media: Media, use: Callable[[object], object]) -> str:
    """The routes behind a real server on a real port; its address."""
    app = Litestar(make_media_routes(db, media), openapi_config=None)
    listening = socket.create_server(("127.0.0.1", 0))
    use(_Running(uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off")), listening))
    return f"127.0.0.1:{listening.getsockname()[1]}"


class _Running:
    def __init__(self, server: uvicorn.Server, listening: socket.socket) -> None:
        self._server, self._listening = server, listening

    async def __aenter__(self) -> None:
        self._task = asyncio.create_task(self._server.serve([self._listening]))
        await until(lambda: self._server.started)

    async def __aexit__(self, *_: object) -> None:
        self._server.should_exit = True
        await self._task


LARGE = 40_000_000
Large = Callable[[], Awaitable[tuple[AssetView, str]]]


@pytest.fixture
def large(db: Database, media: Media, make_asset: MakeAsset) -> Large:
    """A released picture whose largest file has the size of a movie, and the path of its address."""

    async def make() -> tuple[AssetView, str]:
        asset = await make_asset(shown=True)
        file = asset.renditions[0]
        await media.blobs.put(rendition_name(asset.id, file.sha256, file.format), in_pieces(b"x" * LARGE, 1_000_000))
        async with db.transaction() as tx:
            await tx.execute("update rendition set size = $2 where sha256 = $1", file.sha256, LARGE)
        path = (address(media, await read(db, asset.id), Reach.MEMBER) or "").removeprefix(media.public_url)
        return asset, path

    return make


def open_files(folder: Path) -> list[str]:
    links = [os.readlink(path) for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
    return [link for link in links if link.startswith(str(folder))]


async def until(true: Callable[[], bool], seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while True:
            if true():
                return
            await asyncio.sleep(0.01)


async def test_reader_who_hangs_up_or_stalls_costs_one_piece_and_leaves_nothing_open(
    server: str, large: Large, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, path = await large()
    sent = 0
    piece_by_piece = file_answers._while_shown

    async def counted(*args: object) -> object:
        nonlocal sent
        async for piece in piece_by_piece(*args):  # type: ignore[arg-type]
            sent += len(piece)
            yield piece

    monkeypatch.setattr(file_answers, "_while_shown", counted)
    host, _, port = server.partition(":")
    threads = threading.active_count()
    reader, writer = await asyncio.open_connection(host, int(port), limit=1000)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    await until(lambda: bool(open_files(tmp_path)))
    await asyncio.sleep(0.2)  # it reads no further, and nobody reads ahead for it
    assert sent < LARGE / 4
    writer.transport.abort()
    await until(lambda: not open_files(tmp_path))
    assert sent < LARGE / 4
    assert threading.active_count() <= threads + 2


async def test_reading_breaks_off_when_the_file_is_hidden_meanwhile(
    server: str, db: Database, large: Large, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_answers, "_LOOK_AGAIN_SECONDS", 0)
    asset, path = await large()
    async with httpx.AsyncClient() as client, client.stream("GET", f"http://{server}{path}") as answer:
        assert answer.status_code == 200
        async with db.transaction() as tx:
            await revoke(tx, [asset.id])
        with pytest.raises(httpx.RemoteProtocolError):
            await answer.aread()
    await until(lambda: not open_files(tmp_path))


async def test_slow_reader_may_go_on_after_the_address_has_run_out(
    server: str, media: Media, large: Large, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset, _ = await large()
    begun = process_now() - 2 * media.address_life
    path = addresses_of(media, asset, now=begun)[0].removeprefix(media.public_url)
    monkeypatch.setattr(file_answers, "_LOOK_AGAIN_SECONDS", 0)
    async with httpx.AsyncClient(timeout=20) as client:
        assert (await client.get(f"http://{server}{path}")).status_code == 404
        monkeypatch.setattr(http, "process_now", lambda: begun)  # it was asked for while the address still worked
        assert len((await client.get(f"http://{server}{path}")).content) == LARGE


async def test_large_file_is_read_whole_and_in_part_over_a_real_connection(server: str, large: Large) -> None:
    _, path = await large()
    async with httpx.AsyncClient(timeout=timedelta(seconds=20).total_seconds()) as client:
        assert len((await client.get(f"http://{server}{path}")).content) == LARGE
        part = await client.get(f"http://{server}{path}", headers={"range": f"bytes={LARGE - 3}-"})
        assert (part.status_code, part.content) == (206, b"xxx")
