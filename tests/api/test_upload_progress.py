"""Following an upload over a real WebSocket: to its end, for its owner alone; polling tells the same."""

import asyncio
import json
from typing import Any

import pytest

from backend.asgi import create_app
from backend.composition import make_registry, make_services
from backend.core.database import Database
from backend.settings import Settings
from media.movies import wanted
from tests.accounts.people import house
from tests.api.client import Api
from tests.api.sockets import serving, signed_in
from tests.api.test_media import PHOTO, promised
from tests.conftest import Use
from tests.media.movies import movie, only_sound

MOVIE = movie(size=(640, 360), seconds=4.0)


@pytest.fixture
def token(db: Database, settings: Settings, runner: asyncio.Runner) -> str:
    return str(runner.run(house(db, settings).sign_up("mina")).session.token)


@pytest.fixture
def stranger(db: Database, settings: Settings, runner: asyncio.Runner) -> str:
    return str(runner.run(house(db, settings).sign_up("other")).session.token)


@pytest.fixture
def address(settings: Settings, use: Use, monkeypatch: pytest.MonkeyPatch) -> str:
    """The whole application on a port, looking often."""
    monkeypatch.setattr(wanted, "_LOOK_SECONDS", 0.02)
    address: str = use(serving(create_app(settings, live_seconds=0.02)))
    return address


async def work(db: Database, settings: Settings) -> None:
    """Do what waits in the queue for this package."""
    registry = make_registry(settings, db, make_services(settings))
    async with db.transaction() as tx:
        jobs = await tx.fetch(
            "delete from pgqueuer where entrypoint like 'media.process%' returning entrypoint, payload"
        )
    for job in jobs:
        await registry.handlers[job["entrypoint"]](json.loads(job["payload"]))


async def uploaded(api: Api, token: str, data: bytes, content_type: str, **more: Any) -> Any:
    upload = await api.do("UploadRequest", as_=token, **promised(data, content_type), **more)
    assert (await api.http.put(upload["url"], content=data)).status_code == 201
    return await api.do("UploadFinalize", as_=token, uploadId=upload["id"])


async def until_completed(client: Any) -> list[Any]:
    seen = []
    while (message := await client.hear())["type"] == "next":
        seen.append(message["payload"]["data"]["uploadProgress"]["asset"])
    assert message == {"type": "complete", "id": "1"}
    return seen


async def test_movie_is_followed_until_it_can_be_played(
    api: Api, db: Database, settings: Settings, address: str, token: str
) -> None:
    asset = await uploaded(api, token, MOVIE, "video/mp4", sound="REMOVED")
    assert (asset["medium"], asset["sound"], asset["movie"]) == ("MOVIE", "REMOVED", None)
    async with signed_in(address, token) as client:
        await client.subscribe("UploadProgress", assetId=asset["id"])
        first = (await client.next())["asset"]
        assert (first["status"], first["progressPercent"]) == ("SCANNING", None)
        _, seen = await asyncio.gather(work(db, settings), until_completed(client))
        percents = [one["progressPercent"] for one in seen if one["status"] == "PROCESSING"]
        assert percents == sorted(percents)
        assert any(percents)
        polled = await api.run("Asset", as_=token, id=asset["id"])
        for one in (seen[-1], polled):
            assert (one["status"], one["progressPercent"], one["problem"]) == ("CLEAN", None, None)
            played = one["movie"]
            assert (played["contentType"], played["width"], played["height"], played["hasSound"]) == (
                "video/mp4", 640, 360, False,
            )  # fmt: skip
            assert played["durationSeconds"] == pytest.approx(4.0, abs=0.1)
            assert {file["contentType"] for file in one["renditions"]} == {"image/webp", "image/jpeg"}
        await client.subscribe("UploadProgress", assetId=asset["id"])  # who comes later gets the same, and the end
        assert (await client.next())["asset"]["status"] == "CLEAN"
        await client.completed()


async def test_refusal_and_picture_end_too(
    api: Api, db: Database, settings: Settings, address: str, token: str
) -> None:
    async with signed_in(address, token) as client:
        for data, kind, status, problem in (
            (only_sound(), "video/mp4", "REJECTED", "movie_without_video"),
            (PHOTO, "image/jpeg", "CLEAN", None),
        ):
            asset = await uploaded(api, token, data, kind)
            await client.subscribe("UploadProgress", assetId=asset["id"])
            _, seen = await asyncio.gather(work(db, settings), until_completed(client))
            assert seen[-1]["status"] == status
            assert (seen[-1]["problem"] or {}).get("code") == problem


async def test_upload_of_somebody_else_is_not_followed(api: Api, address: str, token: str, stranger: str) -> None:
    asset = await uploaded(api, token, PHOTO, "image/jpeg")
    async with signed_in(address, stranger) as client:
        for unseen in (asset["id"], "x"):
            await client.subscribe("UploadProgress", assetId=unseen)
            assert await client.refused() == ["NOT_FOUND"]
