"""Nothing is readable without right, and no answer tells what there is: addresses guessed, old, forged and misused."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from backend.core.clock import process_now, time_shifted
from backend.core.database import Database
from backend.core.ids import Id, new_id
from backend.core.viewer import Viewer
from media import store
from media.attaching import release, revoke
from media.blobs.protocol import original_name
from media.config import Media
from media.retention.ending import erase, remove_files
from media.rules import Reach
from media.serving.addresses import addresses_of
from media.uploads.addresses import upload_token
from media.views import AssetView
from tests.media.conftest import MakeAsset
from tests.media.test_serving import web

_ = web
NOBODY = "Z" * 22
READERS: tuple[dict[str, str], ...] = (
    {},
    {"range": "bytes=0-1"},
    {"if-none-match": "*"},
    {"origin": "https://a.example"},
)


def signed(media: Media, asset: AssetView, reach: Reach = Reach.MEMBER) -> str:
    return addresses_of(media, asset, now=process_now(), reach=reach)[0]


def public(media: Media, asset: AssetView) -> str:
    file = asset.renditions[0]
    return f"{media.public_url}/media/p/{asset.key}/{file.sha256}.{file.format}"


async def hide(db: Database, _viewer: Viewer, asset_id: Id) -> None:
    async with db.transaction() as tx:
        await revoke(tx, [asset_id])


async def narrow(db: Database, _viewer: Viewer, asset_id: Id) -> None:
    async with db.transaction() as tx:
        await release(tx, [asset_id], is_public=False)


async def leave(db: Database, viewer: Viewer, _asset_id: Id) -> None:
    async with db.transaction() as tx:
        await erase(tx, viewer.require_account())


def as_told(answer: httpx.Response) -> tuple[Any, ...]:
    return answer.status_code, answer.content, sorted(answer.headers.items())


Change = Callable[[Database, Viewer, Id], Awaitable[None]]


@pytest.mark.parametrize("change", [hide, narrow, leave])
async def test_hidden_file_is_answered_like_one_that_never_was(
    web: httpx.AsyncClient,
    db: Database,
    media: Media,
    viewer: Viewer,
    make_asset: MakeAsset,
    change: Change,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asset = await make_asset(shown=True, is_public=True)
    url = public(media, asset)
    assert (await web.get(url)).status_code == 200
    await change(db, viewer, asset.id)
    asked: list[object] = []
    look_up = store.find_file

    async def counted(*args: Any, **kwargs: Any) -> Any:
        asked.append(kwargs)
        return await look_up(*args, **kwargs)

    monkeypatch.setattr(store, "find_file", counted)
    for headers in READERS:
        for method in ("GET", "HEAD"):
            asked.clear()
            hidden = await web.request(method, url, headers=headers)
            never = await web.request(method, url.replace(asset.key, NOBODY), headers=headers)
            assert hidden.status_code == 404
            assert as_told(hidden) == as_told(never)
            assert len(asked) == 2  # one question for either, so that time tells nothing


async def test_signed_address_that_is_over_forged_or_hidden_is_answered_like_one_that_never_was(
    web: httpx.AsyncClient, db: Database, media: Media, make_asset: MakeAsset
) -> None:
    asset = await make_asset(shown=True)
    url = signed(media, asset)
    stranger = url.replace(asset.renditions[0].sha256, "0" * 64)
    with time_shifted(timedelta(minutes=7)):
        over = await web.get(url)
    forged = await web.get(url[:-75] + ("A" if url[-75] != "A" else "B") + url[-74:])
    never = await web.get(stranger)
    await hide(db, Viewer(), asset.id)
    hidden = await web.get(url)
    assert never.status_code == 404
    assert as_told(hidden) == as_told(over) == as_told(forged) == as_told(never)


async def test_stamp_or_key_of_one_picture_opens_no_file_of_another(
    web: httpx.AsyncClient, media: Media, make_asset: MakeAsset
) -> None:
    mine, other = await make_asset(shown=True, is_public=True), await make_asset()
    member = await make_asset(shown=True)
    same_name = {file.sha256 for file in mine.renditions} & {file.sha256 for file in other.renditions}
    assert same_name  # the same photo: only the picture that it belongs to tells them apart
    for url in (public(media, mine).replace(mine.key, other.key), public(media, other)):
        assert (await web.get(url)).status_code == 404
    stamp = signed(media, member).rsplit("/", 2)[1]
    body = member.id.hex
    assert (await web.get(f"/media/s/{stamp}/{member.renditions[0].sha256}.webp")).status_code == 200
    for stranger in (stamp.swapcase(), stamp[:-1], stamp + "A", body, body + stamp[32:]):
        assert (await web.get(f"/media/s/{stranger}/{member.renditions[0].sha256}.webp")).status_code == 404


async def test_stamp_of_an_insider_opens_nothing_after_erasure(
    web: httpx.AsyncClient, db: Database, media: Media, viewer: Viewer, make_asset: MakeAsset
) -> None:
    asset = await make_asset()
    url = signed(media, asset, Reach.INSIDER)
    assert (await web.get(url)).status_code == 200
    await leave(db, viewer, asset.id)
    assert (await web.get(url)).status_code == 404
    await remove_files(db, media)
    assert (await web.get(url)).status_code == 404


async def test_file_that_was_made_anew_is_unreachable_in_its_old_form(
    web: httpx.AsyncClient, db: Database, media: Media, make_asset: MakeAsset
) -> None:
    """What was blurred afterwards: its bytes may still lie in the store for a while, but no address leads there."""
    asset = await make_asset(shown=True, is_public=True)
    old = public(media, asset)
    insider = old.replace(f"p/{asset.key}", f"s/{signed_stamp(media, asset)}")
    assert [(await web.get(url)).status_code for url in (old, insider)] == [200, 200]
    async with db.transaction() as tx:
        await tx.execute("update rendition set sha256 = $2 where sha256 = $1", asset.renditions[0].sha256, "1" * 64)
    assert [(await web.get(url)).status_code for url in (old, insider)] == [404, 404]


def signed_stamp(media: Media, asset: AssetView) -> str:
    return signed(media, replace(asset, is_public=False), Reach.INSIDER).rsplit("/", 2)[1]


async def test_original_is_behind_no_address(web: httpx.AsyncClient, media: Media, make_asset: MakeAsset) -> None:
    asset = await make_asset(shown=True, is_public=True)
    assert await media.blobs.size(original_name(asset.id)) > 0
    stamp, key, name = signed_stamp(media, asset), asset.key, asset.id.hex
    for path in (
        f"/media/s/{stamp}/original",
        f"/media/s/{stamp}/{name}",
        f"/media/s/{stamp}/{name}.jpeg",
        f"/media/s/{stamp}/..%2f..%2foriginal%2f{name}",
        f"/media/s/{stamp}/%2e%2e/{name}",
        f"/media/p/{key}/original%2f{name}",
        f"/media/p/original/{name}",
        f"/media//p/{key}//{name}",
        f"/media/p/{key}/",
        f"/original/{name}",
        f"/media/original/{name}",
        f"/uploads/{name}",
    ):
        assert (await web.get(path)).status_code in {404, 405}, path


async def test_ticket_and_stamp_are_no_good_for_each_other(
    web: httpx.AsyncClient, media: Media, make_asset: MakeAsset
) -> None:
    asset = await make_asset(shown=True)
    name, stamp = f"{asset.renditions[0].sha256}.webp", signed_stamp(media, asset)
    for token in (upload_token(media, asset.id), upload_token(media, new_id())):
        assert (await web.get(f"/media/s/{token}/{name}")).status_code == 404
    assert (await web.put(f"/uploads/{stamp}", content=b"x")).status_code == 404
    assert (await web.put(f"/uploads/{upload_token(media, asset.id)}", content=b"x")).status_code == 404


async def test_files_can_only_be_read(web: httpx.AsyncClient, media: Media, make_asset: MakeAsset) -> None:
    asset = await make_asset(shown=True, is_public=True)
    for method in ("PUT", "POST", "DELETE", "PATCH"):
        assert (await web.request(method, public(media, asset))).status_code == 405
    assert (await read_again(web, media, asset)) == 200


async def read_again(web: httpx.AsyncClient, media: Media, asset: AssetView) -> int:
    return (await web.get(public(media, asset))).status_code
