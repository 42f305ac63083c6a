"""Reading files through the whole application, as a player in a phone or a page of another origin does."""

import hashlib
from typing import Any

import httpx
import pytest

from backend.asgi import create_app
from backend.core.database import Database
from backend.settings import Settings
from tests.accounts.people import house
from tests.api.client import Api, started
from tests.api.test_media import PHOTO, promised, work
from tests.conftest import Use

APP = "https://app.example.org"


@pytest.fixture
def api(settings: Settings, use: Use) -> Api:
    """The application as a browser app of one origin may call it."""
    app = create_app(settings.model_copy(update={"allowed_origins": (APP,)}))
    use(started(app))
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    return Api(use(httpx.AsyncClient(transport=transport, base_url="http://localhost:8000")))


async def test_player_jumps_about_in_a_file_and_pages_of_any_origin_may_show_it(
    api: Api, db: Database, settings: Settings
) -> None:
    token = str((await house(db, settings).sign_up("mina")).session.token)
    upload = await api.do("UploadRequest", as_=token, **promised(PHOTO))
    await api.http.put(upload["url"], content=PHOTO)
    await api.do("UploadFinalize", as_=token, uploadId=upload["id"])
    await work(db, settings)
    file = (await api.run("Asset", as_=token, id=upload["asset"]["id"]))["renditions"][0]
    whole = await api.http.get(file["url"])
    assert whole.headers["accept-ranges"] == "bytes"
    tag: str = whole.headers["etag"]
    assert tag.strip('"') == hashlib.sha256(whole.content).hexdigest()
    for start, end in ((0, 1), (10, 20), (file["bytes"] - 5, file["bytes"])):
        part = await api.http.get(file["url"], headers={"range": f"bytes={start}-{end - 1}", "if-range": tag})
        assert (part.status_code, part.content) == (206, whole.content[start:end])
        assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{file['bytes']}"
    assert_readable_by((await _from(api, file, APP)).headers, APP)
    assert_readable_by((await _from(api, file, "https://anywhere.example")).headers, "*")


async def _from(api: Api, file: dict[str, Any], origin: str) -> httpx.Response:
    answer = await api.http.get(file["url"], headers={"origin": origin, "range": "bytes=0-1"})
    assert answer.status_code == 206
    return answer


def assert_readable_by(headers: httpx.Headers, origin: str) -> None:
    assert headers["access-control-allow-origin"] == origin
    assert "content-range" in headers["access-control-expose-headers"]
