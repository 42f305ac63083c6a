"""What a killed worker stored and never wrote down: gone with the picture, the blur, or the daily round."""

from collections.abc import Collection
from datetime import timedelta

import pytest

from backend.core.clock import time_shifted
from backend.core.database import Connection, Database
from backend.core.ids import Id, new_id
from backend.core.jobs import Registry
from backend.core.viewer import Viewer
from media.blobs.protocol import BlobName, StoreUnavailable, original_name, rendition_name, shared_name
from media.blurring import blur_asset
from media.config import Media
from media.images.regions import Region
from media.processing.jobs import process_asset
from media.retention.ending import end_old, erase, remove_files
from media.retention.orphans import remove_orphans
from media.rules import AssetStatus
from media.uploads.aborting import delete_asset
from media.uploads.finalising import finalise_upload
from media.work import register
from tests.media.appeals import uncontested
from tests.media.conftest import MakeAsset, both_stores, in_pieces, names_in, read, sent


class Killed(Exception):
    """The worker ends here."""


async def killed_before_the_row(
    db: Database, media: Media, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> tuple[Id, list[str]]:
    """A picture whose files are stored, and no row says so."""
    ticket = await sent(db, media, viewer)
    await finalise_upload(db, media, viewer, ticket.upload_id)

    async def killed(*_: object, **__: object) -> bool:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("media.store.mark_clean", killed)
        with pytest.raises(Killed):
            await process_asset(db, media, ticket.asset_id)
    left = await names_in(media, "rendition/")
    assert len(left) == 6
    return ticket.asset_id, left


@both_stores
async def test_files_of_a_killed_worker_go_with_the_erasure(
    db: Database, media: Media, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await killed_before_the_row(db, media, viewer, monkeypatch)
    async with db.transaction() as tx:
        await erase(tx, viewer.require_account())
    assert await remove_files(db, media) == 1
    assert await names_in(media) == []
    assert await remove_files(db, media) == 0


async def test_files_of_a_killed_worker_go_after_the_sender_deleted_the_picture(
    db: Database, media: Media, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset_id, left = await killed_before_the_row(db, media, viewer, monkeypatch)
    await delete_asset(db, media, viewer, asset_id)
    assert await names_in(media) == left  # nobody who waits for an answer waits for a look into the store
    assert await remove_files(db, media) == 1
    assert await names_in(media) == []


async def test_files_of_a_killed_worker_go_with_the_blur(
    db: Database, media: Media, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset_id, left = await killed_before_the_row(db, media, viewer, monkeypatch)
    await blur_asset(db, viewer, asset_id, [Region(0.25, 0.25, 0.5, 0.25)])
    await process_asset(db, media, asset_id)
    asset = await read(db, asset_id)
    assert asset.status is AssetStatus.CLEAN
    kept = {rendition_name(asset_id, file.sha256, file.format) for file in asset.renditions}
    assert set(await names_in(media)) == kept
    assert kept.isdisjoint(left)


async def test_daily_round_removes_what_nobody_needs_and_keeps_what_others_do(
    db: Database, media: Media, make_asset: MakeAsset
) -> None:
    await make_asset()
    ours = await names_in(media)
    needed, forgotten = (shared_name(new_id(), "0" * 64, "png") for _ in range(2))
    for name in (needed, forgotten, rendition_name(new_id(), "0" * 64, "webp")):
        await media.blobs.put(name, in_pieces(b"x"))

    async def keeper(_: Connection, names: Collection[str]) -> set[str]:
        return {str(needed)} & set(names)

    registry = Registry()
    register(registry, db, media, keepers={"shared/": keeper}, contested=uncontested)
    (daily,) = (one for one in registry.periodic if one.name == "media.end_old")
    await daily.run()
    assert len(await names_in(media)) == len(ours) + 3
    with time_shifted(timedelta(hours=27)):
        await daily.run()
    assert await names_in(media) == sorted([*ours, needed])


async def test_file_that_is_written_anew_while_orphans_are_removed_stays(db: Database, media: Media) -> None:
    name = rendition_name(new_id(), "0" * 64, "webp")
    await media.blobs.put(name, in_pieces(b"x"))

    async def slow_keeper(_: Connection, names: Collection[str]) -> set[str]:
        await media.blobs.put(name, in_pieces(b"x"))
        return set()

    with time_shifted(timedelta(hours=27)):
        await remove_orphans(db, media, keepers={"shared/": slow_keeper})
        assert await names_in(media) == [name]
        await remove_orphans(db, media, keepers={})
    assert await names_in(media) == []


async def test_one_file_that_cannot_be_removed_keeps_no_other(
    db: Database, media: Media, viewer: Viewer, make_asset: MakeAsset, monkeypatch: pytest.MonkeyPatch
) -> None:
    stubborn, other = await make_asset(), await make_asset()
    async with db.transaction() as tx:
        await erase(tx, viewer.require_account())
    delete = media.blobs.delete

    async def refusing(name: BlobName) -> None:
        if name == original_name(stubborn.id):
            raise StoreUnavailable("AccessDenied")
        await delete(name)

    with monkeypatch.context() as patch:
        patch.setattr(media.blobs, "delete", refusing)
        with pytest.raises(StoreUnavailable):
            await remove_files(db, media)
    assert await names_in(media, f"rendition/{other.id.hex}/") == []
    assert await names_in(media, "original/") == [original_name(stubborn.id)]
    assert await remove_files(db, media) == 1
    assert await names_in(media) == []


async def test_original_that_cannot_be_removed_keeps_no_hidden_picture(
    db: Database, media: Media, make_asset: MakeAsset, monkeypatch: pytest.MonkeyPatch
) -> None:
    stubborn, hidden = await make_asset(shown=True), await make_asset(shown=False)
    delete = media.blobs.delete

    async def refusing(name: BlobName) -> None:
        if name == original_name(stubborn.id):
            raise StoreUnavailable("AccessDenied")
        await delete(name)

    monkeypatch.setattr(media.blobs, "delete", refusing)
    with time_shifted(timedelta(days=187)), pytest.raises(StoreUnavailable):
        await end_old(db, media, contested=uncontested)
    assert (await read(db, hidden.id)).status is AssetStatus.PURGED
    assert await names_in(media, f"rendition/{hidden.id.hex}/") == []


async def test_round_goes_on_after_a_step_that_failed(
    db: Database, media: Media, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = await sent(db, media, viewer)
    await finalise_upload(db, media, viewer, ticket.upload_id)
    async with db.transaction() as tx:
        await tx.execute("delete from pgqueuer")
    registry = Registry()
    register(registry, db, media, keepers={}, contested=uncontested)
    (often,) = (one for one in registry.periodic if one.name == "media.expire")

    async def failing(*_: object) -> None:
        raise StoreUnavailable("AccessDenied")

    for name in ("resume_stuck", "expire_uploads", "drop_parts"):
        with monkeypatch.context() as patch, time_shifted(timedelta(minutes=11)):
            patch.setattr(f"media.work.{name}", failing)
            with pytest.raises(StoreUnavailable):
                await often.run()
    async with db.reading() as conn:
        assert await conn.fetch_value("select count(*) from pgqueuer where entrypoint = 'media.process'") == 1
