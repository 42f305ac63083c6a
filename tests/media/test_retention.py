"""What ends by itself or by erasure, when, and that its files are really gone."""

from datetime import timedelta
from functools import partial

import pytest

from backend.core.clock import time_shifted
from backend.core.database import Database
from backend.core.viewer import Viewer
from media.attaching import give_back, refuse, release, require_clean, revoke
from media.config import Media
from media.processing.jobs import process_asset
from media.retention.ending import end_old, erase, expire_uploads, export, remove_files
from media.rules import AssetStatus
from media.uploads.finalising import finalise_upload
from media.uploads.tickets import request_upload
from tests.media.appeals import uncontested
from tests.media.conftest import PHOTO, MakeAsset, both_stores, names_in, promise, read, sent

pytestmark = both_stores


async def stored(media: Media) -> list[str]:
    return await names_in(media, "rendition/")


async def originals(media: Media) -> list[str]:
    return [name.removeprefix("original/") for name in await names_in(media, "original/")]


async def test_abandoned_uploads_end_after_a_day_and_others_stay(db: Database, media: Media, viewer: Viewer) -> None:
    asked, received = await request_upload(db, media, viewer, promise(PHOTO)), await sent(db, media, viewer)
    finished = await sent(db, media, viewer)
    await finalise_upload(db, media, viewer, finished.upload_id)
    with time_shifted(timedelta(hours=23)):
        assert await expire_uploads(db, media) == 0
    with time_shifted(timedelta(hours=25)):
        assert await expire_uploads(db, media) == 2
        assert await expire_uploads(db, media) == 0
    for ticket in (asked, received):
        asset = await read(db, ticket.asset_id)
        assert (asset.status, asset.reason) == (AssetStatus.PURGED, "upload_expired")
    assert await originals(media) == [finished.asset_id.hex]
    with time_shifted(timedelta(days=31)):
        await expire_uploads(db, media)
    async with db.reading() as conn:
        assert await conn.fetch_value("select count(*) from upload") == 1


@pytest.mark.parametrize(("shown", "days_kept"), [(None, 30), (True, 30), (False, 186)])
async def test_originals_go_when_nobody_needs_them(
    db: Database, media: Media, make_asset: MakeAsset, shown: bool | None, days_kept: int
) -> None:
    asset = await make_asset(shown=shown)
    files = await stored(media)
    with time_shifted(timedelta(days=days_kept - 1)):
        await end_old(db, media, contested=uncontested)
    assert await originals(media) == [asset.id.hex]
    with time_shifted(timedelta(days=days_kept + 1)):
        await end_old(db, media, contested=uncontested)
    assert await originals(media) == []
    assert await stored(media) == ([] if shown is False else files)
    assert (await read(db, asset.id)).status is (AssetStatus.PURGED if shown is False else asset.status)


async def test_original_of_what_was_handed_in_and_never_shown_outlives_the_time_to_appeal(
    db: Database, media: Media, viewer: Viewer, make_asset: MakeAsset
) -> None:
    asset = await make_asset()
    async with db.transaction() as tx:
        await require_clean(tx, viewer.require_account(), [asset.id])
    with time_shifted(timedelta(days=300)):  # it lay there for long
        await end_old(db, media, contested=uncontested)
        async with db.transaction() as tx:
            await refuse(tx, [asset.id])
    for days, kept in ((31, True), (185, True), (187, False)):
        with time_shifted(timedelta(days=300 + days)):
            await end_old(db, media, contested=uncontested)
        assert (await originals(media) == [asset.id.hex]) is kept
    assert (await read(db, asset.id)).status is AssetStatus.CLEAN


async def test_original_stays_while_a_picture_that_was_refused_once_is_handed_in_again(
    db: Database, media: Media, viewer: Viewer, make_asset: MakeAsset
) -> None:
    asset = await make_asset()
    async with db.transaction() as tx:
        await refuse(tx, [asset.id])
        await give_back(tx, [asset.id])
    with time_shifted(timedelta(days=180)):
        async with db.transaction() as tx:
            await require_clean(tx, viewer.require_account(), [asset.id])
    with time_shifted(timedelta(days=400)):
        await end_old(db, media, contested=uncontested)
        assert await originals(media) == [asset.id.hex]
        async with db.transaction() as tx:
            await release(tx, [asset.id], is_public=False)
    for days, kept in ((429, True), (431, False)):
        with time_shifted(timedelta(days=days)):
            await end_old(db, media, contested=uncontested)
        assert (await originals(media) == [asset.id.hex]) is kept


async def test_original_stays_thirty_days_after_the_last_decision_and_while_hiding_can_be_appealed(
    db: Database, media: Media, make_asset: MakeAsset
) -> None:
    asset = await make_asset(shown=True)
    for day, change in ((20, revoke), (40, partial(release, is_public=False))):
        with time_shifted(timedelta(days=day)):
            async with db.transaction() as tx:
                await change(tx, [asset.id])
    for days, kept in ((71, True), (20 + 185, True), (20 + 187, False)):
        with time_shifted(timedelta(days=days)):
            await end_old(db, media, contested=uncontested)
        assert (await originals(media) == [asset.id.hex]) is kept
    assert (await read(db, asset.id)).status is AssetStatus.RELEASED


async def test_hidden_picture_that_was_restored_is_kept(db: Database, media: Media, make_asset: MakeAsset) -> None:
    asset = await make_asset(shown=True)
    with time_shifted(timedelta(days=187)):
        async with db.transaction() as tx:
            await revoke(tx, [asset.id])
        await end_old(db, media, contested=uncontested)
        assert (await read(db, asset.id)).status is AssetStatus.REVOKED


async def test_erase_ends_all_but_what_is_kept(
    db: Database, media: Media, viewer: Viewer, make_asset: MakeAsset
) -> None:
    kept, gone, hidden = await make_asset(shown=True), await make_asset(shown=True), await make_asset(shown=False)
    waiting = await sent(db, media, viewer)
    async with db.transaction() as tx:
        await erase(tx, viewer.require_account(), keep=[kept.id])
    for asset_id in (gone.id, hidden.id, waiting.asset_id):
        asset = await read(db, asset_id)
        assert (asset.status, asset.owner_id, asset.alt_text) == (AssetStatus.PURGED, None, None)
    async with db.reading() as conn:
        told = "original_size, original_sha256, placeholder, percent, alt_text, people"
        assert await conn.fetch_value(f"select count(*) from asset where num_nonnulls({told}) > 0") == 1
    left = await read(db, kept.id)
    assert (left.status, left.owner_id, left.alt_text) == (AssetStatus.RELEASED, None, "A gradient")
    async with db.reading() as conn:
        assert await conn.fetch_value("select count(*) from pgqueuer where entrypoint = 'media.remove'") == 1
    await remove_files(db, media)
    assert await originals(media) == [kept.id.hex]
    assert {name.split("/")[1] for name in await stored(media)} == {kept.id.hex}
    await process_asset(db, media, waiting.asset_id)
    assert (await read(db, waiting.asset_id)).status is AssetStatus.PURGED


async def test_export_tells_all_that_is_kept(
    db: Database, media: Media, viewer: Viewer, other: Viewer, make_asset: MakeAsset
) -> None:
    asset = await make_asset()
    async with db.reading() as conn:
        (mine,) = await export(conn, viewer.require_account())
        assert await export(conn, other.require_account()) == []
    assert (mine["id"], mine["alt_text"], mine["people"]) == (str(asset.id), "A gradient", "NONE")
    assert len(mine["files"]) == 6  # type: ignore[arg-type]
