"""Files of an older recipe: made anew beside the old ones, swapped at once, and no reader sees a gap."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from click.testing import CliRunner

from backend.cli import main
from backend.core.clock import process_now
from backend.core.database import Database
from backend.core.viewer import Viewer
from media.attaching import revoke
from media.blobs.protocol import BlobMissing, original_name, rendition_name
from media.config import Media
from media.processing.remaking import count_outdated, enqueue_outdated, remake_asset
from media.processing.rendering import clear_replaced
from media.retention.ending import erase
from media.rules import AssetStatus
from media.serving.addresses import addresses_of, signed_for
from media.serving.files import find_public, find_signed
from media.views import AssetView
from tests.media.conftest import MakeAsset, read


async def outdate(db: Database, asset: AssetView) -> None:
    """Files as an older recipe would have made them: here, of another size."""
    async with db.transaction() as tx:
        await tx.execute("update asset set recipe = 1 where id = $1", asset.id)
        await tx.execute("delete from rendition where asset_id = $1 and width < 100", asset.id)
        await tx.execute("delete from pgqueuer")


async def public_files(db: Database, media: Media, asset: AssetView) -> int:
    """How many of these files a reader with the public address gets."""
    got = 0
    for file in asset.renditions:
        found = await find_public(db, key=asset.key, name=f"{file.sha256}.{file.format}")
        got += found is not None and len(await stored(media, asset, found.sha256, found.format)) == file.size
    return got


async def stored(media: Media, asset: AssetView, sha256: str, format_: str) -> bytes:
    return await media.blobs.read(rendition_name(asset.id, sha256, format_))


async def changed_original(media: Media, asset: AssetView, data: bytes) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield data

    await media.blobs.put(original_name(asset.id), pieces())


async def test_remake_replaces_the_files_of_a_public_picture_without_a_gap(
    db: Database, media: Media, make_asset: MakeAsset
) -> None:
    asset = await make_asset(shown=True, is_public=True)
    await outdate(db, asset)
    await changed_original(media, asset, b"no more what was sent")  # so that the largest file is the source
    before = await read(db, asset.id)
    assert await count_outdated(db) == 1
    await remake_asset(db, media, asset.id)
    after = await read(db, asset.id)
    assert after.status is AssetStatus.RELEASED
    assert len(after.renditions) > len(before.renditions)
    assert await count_outdated(db) == 0
    assert await public_files(db, media, before) == len(before.renditions)  # a page that was open goes on
    assert await public_files(db, media, after) == len(after.renditions)
    await clear_replaced(db, media, asset.id)
    gone = {file.sha256 for file in before.renditions} - {file.sha256 for file in after.renditions}
    assert gone
    for file in before.renditions:
        if file.sha256 in gone:
            with pytest.raises(BlobMissing):
                await media.blobs.read(rendition_name(asset.id, file.sha256, file.format))
    assert await public_files(db, media, after) == len(after.renditions)


async def test_remake_from_the_original_gives_what_it_gave(db: Database, media: Media, make_asset: MakeAsset) -> None:
    asset = await make_asset()
    await outdate(db, asset)
    await asyncio.gather(*(remake_asset(db, media, asset.id) for _ in range(2)))
    assert await read(db, asset.id) == asset
    await clear_replaced(db, media, asset.id)
    for file in asset.renditions:
        assert len(await media.blobs.read(rendition_name(asset.id, file.sha256, file.format))) == file.size


async def test_replaced_files_are_hidden_with_the_picture(db: Database, media: Media, make_asset: MakeAsset) -> None:
    asset = await make_asset(shown=True, is_public=True)
    await outdate(db, asset)
    await remake_asset(db, media, asset.id)
    async with db.transaction() as tx:
        await revoke(tx, [asset.id])
    assert await public_files(db, media, asset) == 0


async def test_remake_of_what_has_ended_or_is_up_to_date_does_nothing(
    db: Database, media: Media, viewer: Viewer, make_asset: MakeAsset
) -> None:
    asset = await make_asset()
    await remake_asset(db, media, asset.id)
    assert await read(db, asset.id) == asset
    await outdate(db, asset)
    async with db.transaction() as tx:
        await erase(tx, viewer.require_account())
    assert await count_outdated(db) == 0
    await remake_asset(db, media, asset.id)
    assert (await read(db, asset.id)).status is AssetStatus.PURGED


async def test_remake_that_cannot_be_made_keeps_the_files(db: Database, media: Media, make_asset: MakeAsset) -> None:
    asset = await make_asset()
    await outdate(db, asset)
    before = await read(db, asset.id)
    for name in (original_name(asset.id), *(rendition_name(asset.id, f.sha256, f.format) for f in before.renditions)):
        await media.blobs.delete(name)
    await remake_asset(db, media, asset.id)
    assert await read(db, asset.id) == before


async def test_all_are_put_into_the_queue_once(db: Database, make_asset: MakeAsset) -> None:
    for _ in range(3):
        await outdate(db, await make_asset())
    assert await enqueue_outdated(db) == 3
    assert await enqueue_outdated(db) == 3
    async with db.reading() as conn:
        assert await conn.fetch_value("select count(*) from pgqueuer where entrypoint = 'media.remake'") == 3


async def test_clearing_waits_until_addresses_have_run_out(db: Database, media: Media, make_asset: MakeAsset) -> None:
    asset = await make_asset(shown=True)
    await outdate(db, asset)
    await changed_original(media, asset, b"no more what was sent")  # so that other files come out
    given = [url.split("/")[-2:] for url in addresses_of(media, await read(db, asset.id), now=process_now())]
    await remake_asset(db, media, asset.id)
    current = {f"{file.sha256}.{file.format}" for file in (await read(db, asset.id)).renditions}
    assert not current.issuperset(name for _, name in given)
    async with db.reading() as conn:
        cleared_at = await conn.fetch_value("select execute_after from pgqueuer where entrypoint = 'media.clear'")
    for stamp, name in given:
        assert await find_signed(db, media, stamp=stamp, name=name, now=process_now()) is not None
        assert signed_for(media, stamp, now=cleared_at) is None


def test_command_shows_the_number_and_only_with_go_puts_them_into_the_queue(
    db: Database, database_url: str, runner: asyncio.Runner, make_asset: MakeAsset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)

    async def prepare() -> None:
        await outdate(db, await make_asset())

    async def count() -> int:
        async with db.reading() as conn:
            return int(await conn.fetch_value("select count(*) from pgqueuer where entrypoint = 'media.remake'"))

    runner.run(prepare())
    assert "1 pictures have files of an older recipe. Add --go" in CliRunner().invoke(main, ["media-remake"]).output
    assert runner.run(count()) == 0
    assert "1 pictures wait" in CliRunner().invoke(main, ["media-remake", "--go"]).output
    assert runner.run(count()) == 1
