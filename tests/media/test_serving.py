"""Addresses over HTTP: who gets which bytes, with which headers, and how fast hiding takes them away."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar

from backend.core.clock import process_now, time_shifted
from backend.core.database import Database
from backend.core.errors import Closed
from backend.core.viewer import Viewer
from graphql_api.media.http import make_media_routes
from media.attaching import release, revoke
from media.blobs.protocol import StoreUnavailable
from media.config import Media
from media.formats import CONTENT_TYPES
from media.rules import Reach
from media.serving.addresses import addresses_of
from media.uploads.addresses import upload_address
from media.uploads.tickets import request_upload
from media.views import AssetView
from tests.media.conftest import PHOTO, MakeAsset, both_stores, in_pieces, promise, read
from tests.media.files import GPS_EXIF_MARK
from tests.media.movie import add_file, as_movie


@asynccontextmanager
async def served(db: Database, media: Media) -> AsyncIterator[httpx.AsyncClient]:
    app = Litestar(make_media_routes(db, media), openapi_config=None)
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url=media.public_url) as client:
        yield client


@pytest.fixture
def web(db: Database, media: Media, use: Callable[[Any], Any]) -> httpx.AsyncClient:
    client: httpx.AsyncClient = use(served(db, media))
    return client


def address(media: Media, asset: AssetView, reach: Reach = Reach.MEMBER, index: int = 0) -> str | None:
    addresses = addresses_of(media, asset, now=process_now(), reach=reach)
    return addresses[index] if addresses else None


async def test_public_file_is_served_with_safe_headers(
    web: httpx.AsyncClient, media: Media, make_asset: MakeAsset
) -> None:
    asset = await make_asset(shown=True, is_public=True)
    for index, file in enumerate(asset.renditions):
        url = address(media, asset, index=index)
        assert url is not None
        assert re.fullmatch(r"http://localhost:8000/media/p/[\w-]{22}/[0-9a-f]{64}\.(webp|jpeg)", url)
        answer = await web.get(url)
        assert (answer.status_code, len(answer.content)) == (200, file.size)
        assert GPS_EXIF_MARK.encode() not in answer.content
        assert answer.headers["content-type"] == f"image/{file.format}"
        assert answer.headers["cache-control"] == "public, max-age=60, must-revalidate"
        assert answer.headers["etag"] == f'"{file.sha256}"'
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.headers["content-disposition"] == "inline"


async def test_public_file_known_to_the_caller_is_not_sent_again(
    web: httpx.AsyncClient, media: Media, make_asset: MakeAsset
) -> None:
    asset = await make_asset(shown=True, is_public=True)
    url, tag = address(media, asset) or "", f'"{asset.renditions[0].sha256}"'
    for held, status in ((tag, 304), (f'"x", W/{tag}', 304), ("*", 304), ('"x"', 200), (tag.strip('"'), 200)):
        answer = await web.get(url, headers={"if-none-match": held})
        assert (answer.status_code, bool(answer.content)) == (status, status == 200)
        assert answer.headers["etag"] == tag


@both_stores
@pytest.mark.parametrize("is_public", [True, False])
@pytest.mark.parametrize("format_", ["mp4", "vtt"])
async def test_movie_and_captions_are_read_from_us_so_that_a_late_seek_works(
    web: httpx.AsyncClient, db: Database, media: Media, make_asset: MakeAsset, is_public: bool, format_: str
) -> None:
    asset, data = await make_asset(shown=True, is_public=is_public), bytes(range(256)) * 40
    name = await add_file(db, media, await as_movie(db, asset.id), data, format_=format_)
    url = f"{(address(media, asset) or '').rpartition('/')[0]}/{name}"
    begun = await web.get(url, headers={"range": "bytes=0-99", "origin": "https://anywhere.example"})
    assert (begun.status_code, begun.content, begun.headers.get("location")) == (206, data[:100], None)
    assert (begun.headers["content-type"], begun.headers["access-control-allow-origin"]) == (
        CONTENT_TYPES[format_],
        "*",
    )
    with time_shifted(timedelta(seconds=100)):  # a browser goes on where the first answer came from
        seek = await web.get(str(begun.url), headers={"range": "bytes=9000-", "if-range": begun.headers["etag"]})
    assert (seek.status_code, seek.content) == (206, data[9000:])
    assert seek.headers["content-range"] == f"bytes 9000-{len(data) - 1}/{len(data)}"
    async with db.transaction() as tx:
        await revoke(tx, [asset.id])
    assert (await web.get(url, headers={"range": "bytes=0-99"})).status_code == 404


async def test_head_gives_the_headers_alone(web: httpx.AsyncClient, media: Media, make_asset: MakeAsset) -> None:
    asset = await make_asset(shown=True, is_public=True)
    answer = await web.head(address(media, asset) or "")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(asset.renditions[0].size)
    assert answer.headers["content-type"] == "image/webp"


@pytest.mark.parametrize("is_public", [True, False])
async def test_revoked_file_is_gone_at_once_and_back_after_a_release(
    web: httpx.AsyncClient, db: Database, media: Media, make_asset: MakeAsset, is_public: bool
) -> None:
    asset = await make_asset(shown=True, is_public=is_public)
    url = address(media, asset) or ""
    assert (await web.get(url)).status_code == 200
    async with db.transaction() as tx:
        await revoke(tx, [asset.id])
    gone = await web.get(url, headers={"if-none-match": f'"{asset.renditions[0].sha256}"'})
    assert (gone.status_code, gone.headers["cache-control"], gone.content) == (404, "no-store", b"")
    assert (await web.head(url)).status_code == 404
    async with db.transaction() as tx:
        await release(tx, [asset.id], is_public=is_public)
    assert (await web.get(url)).status_code == 200


async def test_public_address_dies_when_the_picture_becomes_private(
    web: httpx.AsyncClient, db: Database, media: Media, make_asset: MakeAsset
) -> None:
    asset = await make_asset(shown=True, is_public=True)
    url = address(media, asset) or ""
    async with db.transaction() as tx:
        await release(tx, [asset.id], is_public=False)
    assert (await web.get(url)).status_code == 404
    assert "/media/s/" in (address(media, await read(db, asset.id)) or "")


@pytest.mark.parametrize(
    ("shown", "reach", "status"),
    [
        (None, Reach.MEMBER, None),
        (None, Reach.INSIDER, 200),
        (True, Reach.MEMBER, 200),
        (True, Reach.INSIDER, 200),
        (False, Reach.MEMBER, None),
        (False, Reach.INSIDER, 200),
    ],
)
async def test_signed_address_exists_and_works_by_state_and_reach(
    web: httpx.AsyncClient, media: Media, make_asset: MakeAsset, shown: bool | None, reach: Reach, status: int | None
) -> None:
    asset = await make_asset(shown=shown)
    url = address(media, asset, reach)
    if status is None:
        assert url is None
        return
    answer = await web.get(url or "")
    assert answer.status_code == status
    assert answer.headers["cache-control"] == "private, max-age=60, must-revalidate"


async def test_signed_address_of_a_member_does_not_open_a_hidden_picture(
    web: httpx.AsyncClient, db: Database, media: Media, make_asset: MakeAsset
) -> None:
    asset = await make_asset(shown=True)
    member, insider = address(media, asset) or "", address(media, asset, Reach.INSIDER) or ""
    assert member != insider
    async with db.transaction() as tx:
        await revoke(tx, [asset.id])
    assert (await web.get(member)).status_code == 404
    assert (await web.get(insider)).status_code == 200


async def test_signed_address_is_the_same_within_a_minute_and_ends(
    web: httpx.AsyncClient, media: Media, make_asset: MakeAsset
) -> None:
    asset = await make_asset(shown=True)
    noon = process_now().replace(second=1, microsecond=0)
    first = addresses_of(media, asset, now=noon)[0]
    assert first == addresses_of(media, asset, now=noon + timedelta(seconds=58))[0]
    assert first != addresses_of(media, asset, now=noon + timedelta(seconds=59))[0]
    assert first is not None
    assert (await web.get(first)).status_code == 200
    with time_shifted(timedelta(minutes=5, seconds=6)):
        assert (await web.get(first)).status_code == 404


async def test_signed_address_changed_in_any_character_is_not_found(
    web: httpx.AsyncClient, media: Media, make_asset: MakeAsset
) -> None:
    asset = await make_asset(shown=True)
    base, stamp, name = (address(media, asset, Reach.INSIDER) or "").rsplit("/", 2)
    for at in range(len(stamp)):
        forged = stamp[:at] + ("A" if stamp[at] != "A" else "B") + stamp[at + 1 :]
        assert (await web.get(f"{base}/{forged}/{name}")).status_code == 404
    for kind in ("webp", "jpeg"):
        assert (await web.get(f"{base}/{stamp}/{'0' * 64}.{kind}")).status_code == 404


async def test_store_that_cannot_sign_says_when_to_try_again(
    web: httpx.AsyncClient, media: Media, make_asset: MakeAsset, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = address(media, await make_asset(shown=True)) or ""

    async def away(*_: object, **__: object) -> str:
        raise StoreUnavailable("NoCredentials")

    with monkeypatch.context() as patch:
        patch.setattr(media.blobs, "signed_get", away)
        answer = await web.get(url)
    assert (answer.status_code, answer.content, answer.headers["cache-control"]) == (503, b"", "no-store")
    assert int(answer.headers["retry-after"]) > 0
    assert (await web.get(url)).status_code == 200


async def test_guessed_and_crooked_addresses_are_not_found(
    web: httpx.AsyncClient, media: Media, make_asset: MakeAsset, tmp_path: Path
) -> None:
    asset = await make_asset()
    (tmp_path / "secret.webp").write_bytes(b"secret")
    sha256 = asset.renditions[0].sha256
    for path in (
        f"/media/p/{asset.key}/{sha256}.webp",
        f"/media/p/{asset.id}/{sha256}.webp",
        f"/media/p/{'A' * 22}/{sha256}.webp",
        f"/media/p/{asset.key}/..%2f..%2f..%2fsecret.webp",
        "/media/p/..%2f..%2fsecret/secret.webp",
        f"/media/p/{asset.key}/{sha256}.html",
        f"/media/p/{asset.key}/{sha256}",
        f"/media/p/{asset.key}/%00.webp",
        f"/media/s/{'A' * 50}/{sha256}.webp",
        f"/media/s/%00/{sha256}.webp",
        "/media/s/é/é",
        f"/media/original/{asset.id.hex}",
    ):
        answer = await web.get(path)
        assert answer.status_code == 404, path
        assert b"secret" not in answer.content


async def test_put_stores_the_bytes(web: httpx.AsyncClient, db: Database, media: Media, viewer: Viewer) -> None:
    ticket = await request_upload(db, media, viewer, promise(PHOTO))
    assert ticket.destination.address == upload_address(media, ticket.upload_id)
    assert (await web.put(ticket.destination.address, content=in_pieces(PHOTO))).status_code == 201
    assert (await web.put(ticket.destination.address, content=PHOTO)).status_code == 201


async def test_put_refused_answers_with_a_problem(
    web: httpx.AsyncClient, db: Database, media: Media, viewer: Viewer
) -> None:
    ticket = await request_upload(db, media, viewer, promise(PHOTO))
    for content, status, code in (
        (PHOTO + b"x", 422, "upload_size_mismatch"),
        (b"x" * len(PHOTO), 422, "upload_hash_mismatch"),
    ):
        answer = await web.put(ticket.destination.address, content=content)
        assert (answer.status_code, answer.json()["code"], answer.json()["path"]) == (status, code, ["file"])
        assert answer.json()["message"]
    unknown = await web.put("/uploads/guess", content=PHOTO)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    with time_shifted(timedelta(hours=25)):
        late = await web.put(ticket.destination.address, content=PHOTO)
    assert (late.status_code, late.json()["code"]) == (410, Closed("upload_expired").code)


async def test_put_too_often_says_when_to_try_again(
    web: httpx.AsyncClient, db: Database, media: Media, viewer: Viewer
) -> None:
    ticket = await request_upload(db, media, viewer, promise(PHOTO))
    answers = [await web.put(ticket.destination.address, content=b"x" * len(PHOTO)) for _ in range(62)]
    assert answers[0].status_code == 422
    assert (answers[-1].status_code, answers[-1].json()["code"]) == (429, "rate_limited")
    assert int(answers[-1].headers["retry-after"]) > 0
