"""Sending a picture through the whole application, as an app does; the job is done by its registered handler."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from backend.composition import make_registry, make_services
from backend.core.database import Database
from backend.settings import Settings
from tests.accounts.people import house
from tests.api.client import Api
from tests.media.files import GPS_EXIF_MARK, exif, picture, png_claiming, saved

FIXTURES = Path(__file__).parents[1] / "media" / "fixtures"
PHOTO = saved(picture(600, 400), "JPEG", exif=exif(6))


@pytest.fixture
def token(db: Database, settings: Settings, runner: Any) -> str:
    return str(runner.run(house(db, settings).sign_up("mina")).session.token)


@pytest.fixture
def stranger(db: Database, settings: Settings, runner: Any) -> str:
    return str(runner.run(house(db, settings).sign_up("other")).session.token)


def promised(data: bytes, content_type: str = "image/jpeg") -> dict[str, Any]:
    return {"contentType": content_type, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


async def work(db: Database, settings: Settings) -> None:
    """Do what waits in the queue for this package."""
    registry = make_registry(settings, db, make_services(settings))
    async with db.transaction() as tx:
        jobs = await tx.fetch("delete from pgqueuer where entrypoint = 'media.process' returning payload")
    for job in jobs:
        await registry.handlers["media.process"](json.loads(job["payload"]))


async def test_photo_from_ticket_to_clean_with_addresses_that_work(
    api: Api, db: Database, settings: Settings, token: str
) -> None:
    upload = await api.do("UploadRequest", as_=token, **promised(PHOTO), clientMutationKey="photo-one-1")
    assert (upload["asset"]["status"], upload["bytes"]) == ("REQUESTED", len(PHOTO))
    again = await api.do("UploadRequest", as_=token, **promised(PHOTO), clientMutationKey="photo-one-1")
    assert again == upload
    assert (await api.http.put(upload["url"], content=PHOTO)).status_code == 201
    asset = await api.do("UploadFinalize", as_=token, uploadId=upload["id"])
    assert (asset["id"], asset["status"], asset["renditions"]) == (upload["asset"]["id"], "SCANNING", [])
    await work(db, settings)
    described = await api.do("AssetDescribe", as_=token, assetId=asset["id"], altText="Et bilde", people="NONE")
    assert (described["altText"], described["people"], described["status"]) == ("Et bilde", "NONE", "CLEAN")
    clean = await api.run("Asset", as_=token, id=asset["id"])
    assert (clean["width"], clean["height"], clean["problem"]) == (400, 600, None)
    assert clean["placeholder"]
    for file in clean["renditions"]:
        answer = await api.http.get(file["url"])
        assert (answer.status_code, len(answer.content)) == (200, file["bytes"])
        assert answer.headers["content-type"] == file["contentType"]
        assert GPS_EXIF_MARK.encode() not in answer.content


async def test_picture_of_somebody_else_is_null_and_cannot_be_touched(
    api: Api, db: Database, settings: Settings, token: str, stranger: str
) -> None:
    upload = await api.do("UploadRequest", as_=token, **promised(PHOTO))
    asset_id = upload["asset"]["id"]
    assert (await api.http.put(upload["url"], content=PHOTO)).status_code == 201
    assert await api.run("Asset", as_=stranger, id=asset_id) is None
    for name, fields in (
        ("UploadFinalize", {"uploadId": upload["id"]}),
        ("AssetDescribe", {"assetId": asset_id, "altText": "mine"}),
        ("AssetDescribe", {"assetId": upload["id"], "altText": "mine"}),
        ("UploadFinalize", {"uploadId": asset_id}),
    ):
        assert await api.refuse(name, as_=stranger, **fields) == ("NotFound", "not_found")
    node = "query($id: ID!) { node(id: $id) { id } }"
    assert (await api.send(node, {"id": asset_id}, as_=stranger))["data"] == {"node": None}
    assert (await api.send(node, {"id": asset_id}))["data"] == {"node": None}
    assert (await api.send(node, {"id": asset_id}, as_=token))["data"] == {"node": {"id": asset_id}}
    mine = await api.run("Asset", as_=token, id=asset_id)
    assert (mine["status"], mine["altText"]) == ("UPLOADED", None)


async def test_nobody_signed_in_is_unauthenticated_everywhere(api: Api, token: str) -> None:
    upload = await api.do("UploadRequest", as_=token, **promised(PHOTO))
    for document, variables in (
        ("mutation($i: UploadRequestInput!) { uploadRequest(input: $i) { __typename } }", promised(PHOTO)),
        ("mutation($i: UploadFinalizeInput!) { uploadFinalize(input: $i) { __typename } }", {"uploadId": upload["id"]}),
        (
            "mutation($i: AssetDescribeInput!) { assetDescribe(input: $i) { __typename } }",
            {"assetId": upload["asset"]["id"], "altText": "x"},
        ),
    ):
        answer = await api.send(document, {"i": variables})
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_bomb_is_refused_with_words_now_and_later(api: Api, db: Database, settings: Settings, token: str) -> None:
    bomb = png_claiming(40_000, 40_000)
    upload = await api.do("UploadRequest", as_=token, **promised(bomb, "image/png"))
    await api.http.put(upload["url"], content=bomb)
    for _ in range(2):
        refused = await api.refuse("UploadFinalize", as_=token, uploadId=upload["id"])
        assert refused == ("ValidationProblem", "image_too_large")
    asset = await api.run("Asset", as_=token, id=upload["asset"]["id"])
    assert (asset["status"], asset["problem"]["code"]) == ("REJECTED", "image_too_large")


async def test_finalise_without_bytes_tells_the_state(api: Api, token: str) -> None:
    upload = await api.do("UploadRequest", as_=token, **promised(PHOTO))
    result = await api.run("UploadFinalize", as_=token, input={"uploadId": upload["id"]})
    assert (result["__typename"], result["code"]) == ("Conflict", "upload_not_received")
    assert result["currentState"] == "REQUESTED"


async def test_phone_photo_as_heic_is_blurred_before_it_is_handed_in(
    api: Api, db: Database, settings: Settings, token: str, stranger: str
) -> None:
    photo = (FIXTURES / "phone_iphone_gps.heic").read_bytes()
    upload = await api.do("UploadRequest", as_=token, **promised(photo, "image/heif"))
    assert (await api.http.put(upload["url"], content=photo)).status_code == 201
    asset = await api.do("UploadFinalize", as_=token, uploadId=upload["id"])
    await work(db, settings)
    clean = await api.run("Asset", as_=token, id=asset["id"])
    assert (clean["status"], clean["width"], clean["height"]) == ("CLEAN", 1008, 756)
    part = {"x": 0.25, "y": 0.4, "width": 0.3, "height": 0.3}
    given = {"assetId": asset["id"], "regions": [part]}
    assert await api.refuse("AssetBlur", as_=stranger, **given) == ("NotFound", "not_found")
    beyond = {**given, "regions": [{**part, "x": 0.9}]}
    assert await api.refuse("AssetBlur", as_=token, **beyond) == ("ValidationProblem", "blur_region_outside")
    for _ in range(2):
        blurred = await api.do("AssetBlur", as_=token, **given, clientMutationKey="blur-the-pug-once")
        assert (blurred["status"], blurred["renditions"], blurred["blurredRegions"]) == ("SCANNING", [], [part])
    for file in clean["renditions"]:
        assert (await api.http.get(file["url"])).status_code == 404
    await work(db, settings)
    again = await api.run("Asset", as_=token, id=asset["id"])
    assert (again["status"], len(again["renditions"])) == ("CLEAN", len(clean["renditions"]))
    for file in again["renditions"]:
        answer = await api.http.get(file["url"])
        assert (answer.status_code, b"Apple" in answer.content) == (200, False)
    for file in clean["renditions"]:
        assert (await api.http.get(file["url"])).status_code == 404
