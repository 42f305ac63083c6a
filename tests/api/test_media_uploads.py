"""Sending over the API as a phone does, whole and in parts, on a folder and on a bucket: it follows what it is told."""

import asyncio
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import exifread
import httpx
import pytest

from backend.composition import make_registry, make_services
from backend.core.database import Database
from backend.settings import Settings
from media.blobs.s3_client import S3Place
from tests.accounts.people import house
from tests.api.client import Api
from tests.media.converted_movies import assert_bare
from tests.media.files import exif, picture, saved
from tests.media.test_metadata import MARKS, told

PHOTO = saved(picture(600, 400), "JPEG", exif=exif(6))
FIXTURES = Path(__file__).resolve().parents[1] / "media" / "fixtures"
PART = 4_000
PARTS = [PHOTO[at : at + PART] for at in range(0, len(PHOTO), PART)]


@pytest.fixture(params=["folder", "bucket"])
def settings(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    changed: dict[str, Any] = {"upload_part_bytes": PART}
    if request.param == "bucket":
        place: S3Place = request.getfixturevalue("s3_place")
        changed |= {
            "s3_bucket": place.bucket,
            "s3_public_bucket": place.public_bucket,
            "s3_endpoint": place.endpoint,
            "s3_region": place.region,
            "s3_path_style": True,
            "s3_access_key": place.access_key,
            "s3_secret_key": place.secret_key,
        }
    return settings.model_copy(update=changed)


@pytest.fixture
def token(db: Database, settings: Settings, runner: asyncio.Runner) -> str:
    return str(runner.run(house(db, settings).sign_up("mina")).session.token)


@pytest.fixture
def stranger(db: Database, settings: Settings, runner: asyncio.Runner) -> str:
    return str(runner.run(house(db, settings).sign_up("other")).session.token)


def promised(data: bytes) -> dict[str, Any]:
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


async def follow(api: Api, told: dict[str, Any], data: bytes) -> int:
    """Do the request that the answer describes, at us or straight at the bucket; its status."""
    headers = {header["name"]: header["value"] for header in told["headers"]}
    if told["url"].startswith(str(api.http.base_url).rstrip("/")):
        return (await api.http.request(told["method"], told["url"], content=data, headers=headers)).status_code
    async with httpx.AsyncClient() as http:
        return (await http.request(told["method"], told["url"], content=data, headers=headers)).status_code


async def served(api: Api, url: str) -> bytes:
    """What a phone gets from an address of ours, which may lead it to the bucket."""
    answer = await api.http.get(url, follow_redirects=False)
    if answer.status_code == 302:
        async with httpx.AsyncClient() as http:
            answer = await http.get(answer.headers["location"])
    assert answer.status_code == 200
    return answer.content


async def work(db: Database, settings: Settings) -> None:
    """Do what waits in the queue for this package."""
    registry = make_registry(settings, db, make_services(settings))
    async with db.transaction() as tx:
        jobs = await tx.fetch(
            "delete from pgqueuer where entrypoint like 'media.process%' returning entrypoint, payload"
        )
    for job in jobs:
        await registry.handlers[job["entrypoint"]](json.loads(job["payload"]))


async def send_part(api: Api, token: str, upload_id: str, number: int) -> None:
    data = PARTS[number - 1]
    part = await api.do("UploadPart", as_=token, uploadId=upload_id, number=number, **promised(data))
    assert (part["uploadId"], part["number"], part["bytes"]) == (upload_id, number, len(data))
    assert await follow(api, part, data) < 300


async def test_photo_sent_whole_becomes_clean_files(api: Api, db: Database, settings: Settings, token: str) -> None:
    upload = await api.do("UploadRequest", as_=token, contentType="image/jpeg", **promised(PHOTO))
    assert await follow(api, upload, PHOTO) < 300
    asset = await api.do("UploadFinalize", as_=token, uploadId=upload["id"])
    assert asset["status"] == "SCANNING"
    assert await api.run("Upload", as_=token, id=upload["id"]) is None
    await work(db, settings)
    clean = await api.run("Asset", as_=token, id=asset["id"])
    assert (clean["status"], clean["width"], clean["height"]) == ("CLEAN", 400, 600)


@pytest.mark.parametrize(
    ("name", "content_type", "sides"),
    [
        ("phone_lumia_gps_rotated.jpg", "image/jpeg", (720, 1278)),
        ("phone_iphone_gps.heic", "image/heic", (1008, 756)),
        ("phone_rotated_gps.mov", "video/quicktime", (240, 320)),
    ],
)
async def test_what_phones_send_is_served_upright_and_tells_nothing(
    api: Api, db: Database, settings: Settings, token: str, tmp_path: Path,
    name: str, content_type: str, sides: tuple[int, int],
) -> None:  # fmt: skip
    data = (FIXTURES / name).read_bytes()
    upload = await api.do("UploadRequest", as_=token, contentType=content_type, **promised(data))
    assert await follow(api, upload, data) < 300
    await api.do("UploadFinalize", as_=token, uploadId=upload["id"])
    await work(db, settings)
    asset = await api.run("Asset", as_=token, id=upload["asset"]["id"])
    assert (asset["status"], asset["width"], asset["height"]) == ("CLEAN", *sides)
    assert {file["contentType"] for file in asset["renditions"]} == {"image/webp", "image/jpeg"}
    for file in asset["renditions"]:
        path = tmp_path / "served"
        path.write_bytes(await served(api, file["url"]))
        assert exifread.process_file(io.BytesIO(path.read_bytes()), details=True) == {}
        assert told(path) == set()
        assert not any(mark in path.read_bytes() for mark in MARKS)
    assert (asset["movie"] is not None) is (content_type == "video/quicktime")
    if asset["movie"]:
        assert (asset["movie"]["width"], asset["movie"]["height"]) == sides
        assert_bare(await served(api, asset["movie"]["url"]))


async def test_photo_sent_in_parts_resumes_after_another_start(
    api: Api, db: Database, settings: Settings, token: str, stranger: str
) -> None:
    asked = {"contentType": "image/jpeg", **promised(PHOTO), "clientMutationKey": "parts-one-1"}
    upload = await api.do("UploadRequest", as_=token, **asked)
    assert (upload["partBytes"], upload["partCount"], upload["parts"]) == (PART, len(PARTS), [])
    await send_part(api, token, upload["id"], 2)
    refused = await api.refuse("UploadFinalize", as_=token, uploadId=upload["id"])
    assert refused == ("Conflict", "upload_parts_missing")
    resumed = await api.run("Upload", as_=token, id=upload["id"])
    assert resumed["parts"] == [{"number": 2, "bytes": PART}]
    assert await api.run("Upload", as_=stranger, id=upload["id"]) is None
    missing = set(range(1, resumed["partCount"] + 1)) - {part["number"] for part in resumed["parts"]}
    await asyncio.gather(*(send_part(api, token, upload["id"], number) for number in missing))
    asset = await api.do("UploadFinalize", as_=token, uploadId=upload["id"])
    await work(db, settings)
    assert (await api.run("Asset", as_=token, id=asset["id"]))["status"] == "CLEAN"


async def test_other_bytes_than_promised_do_not_arrive(api: Api, token: str) -> None:
    upload = await api.do("UploadRequest", as_=token, contentType="image/jpeg", **promised(PHOTO))
    for data in (PHOTO[:-1], PHOTO + b"x", PHOTO[:-1] + b"x", b""):
        assert await follow(api, upload, data) in (400, 403, 422)
    refused = await api.refuse("UploadFinalize", as_=token, uploadId=upload["id"])
    assert refused == ("Conflict", "upload_not_received")
    assert await follow(api, upload, PHOTO) < 300
    assert (await api.do("UploadFinalize", as_=token, uploadId=upload["id"]))["status"] == "SCANNING"


async def test_aborted_upload_and_deleted_picture_are_gone(api: Api, token: str, stranger: str) -> None:
    upload = await api.do("UploadRequest", as_=token, contentType="image/jpeg", **promised(PHOTO))
    kept = await api.do("UploadRequest", as_=token, contentType="image/jpeg", **promised(PHOTO))
    await send_part(api, token, upload["id"], 1)
    for name, fields in (
        ("UploadAbort", {"uploadId": upload["id"]}),
        ("AssetDelete", {"assetId": upload["asset"]["id"]}),
        ("UploadPart", {"uploadId": upload["id"], "number": 1, **promised(PARTS[0])}),
    ):
        assert await api.refuse(name, as_=stranger, **fields) == ("NotFound", "not_found")
    for _ in range(2):
        assert (await api.do("UploadAbort", as_=token, uploadId=upload["id"]))["uploadId"] == upload["id"]
    assert await api.run("Upload", as_=token, id=upload["id"]) is None
    assert await api.run("Asset", as_=token, id=upload["asset"]["id"]) is None
    refused = await api.refuse("UploadFinalize", as_=token, uploadId=upload["id"])
    assert refused == ("Conflict", "upload_finished")
    keyed = {"contentType": "image/jpeg", **promised(PHOTO), "clientMutationKey": "aborted-one-1"}
    other = await api.do("UploadRequest", as_=token, **keyed)
    await api.do("UploadAbort", as_=token, uploadId=other["id"])
    assert await api.refuse("UploadRequest", as_=token, **keyed) == ("Conflict", "upload_finished")
    assert await follow(api, kept, PHOTO) < 300
    asset = await api.do("UploadFinalize", as_=token, uploadId=kept["id"])
    for _ in range(2):
        assert (await api.do("AssetDelete", as_=token, assetId=asset["id"]))["assetId"] == asset["id"]
    assert await api.run("Asset", as_=token, id=asset["id"]) is None
