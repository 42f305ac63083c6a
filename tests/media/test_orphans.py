"""Orphans on both stores: shown first, removed on request, and nothing that anybody works with."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from backend.cli import main
from backend.core.clock import time_shifted
from backend.core.database import Database
from backend.core.ids import Id, new_id
from backend.core.viewer import Viewer
from media.attaching import release, revoke
from media.blobs.folder import FolderStore
from media.blobs.protocol import (
    BlobMissing,
    BlobName,
    StoredBlob,
    StoreUnavailable,
    original_name,
    part_name,
    public_name,
    rendition_name,
)
from media.blobs.s3 import S3Store
from media.blobs.s3_client import S3Place
from media.config import Media
from media.processing.jobs import process_asset
from media.retention.orphans import Orphan, OrphanKind, find_orphans, forget_unfinished, remove_orphans
from media.rules import AssetStatus
from media.serving.publication import align_copies
from media.uploads.finalising import finalise_upload
from media.uploads.tickets import request_upload
from tests.media.conftest import PHOTO, deliver, in_pieces, names_in, promise, read, sent

OLD = timedelta(hours=27)


@pytest.fixture(params=["folder", "s3"])
def media(request: pytest.FixtureRequest, tmp_path: Path) -> Media:
    secret = b"only-the-tests-know-this-secret-0123456789"
    if request.param == "folder":
        return Media(blobs=FolderStore(tmp_path / "media"), secret=secret)
    place: S3Place = request.getfixturevalue("s3_place")
    return Media(blobs=S3Store(place), secret=secret, copies_url="https://cdn.example")


async def found(db: Database, media: Media, *, remove: bool = False) -> list[tuple[OrphanKind, str]]:
    return sorted([(one.kind, one.name) async for one in find_orphans(db, media, remove=remove)])


async def test_old_blobs_without_a_row_are_shown_then_removed_and_all_else_stays(
    db: Database, media: Media, viewer: Viewer
) -> None:
    ticket = await sent(db, media, viewer)
    await finalise_upload(db, media, viewer, ticket.upload_id)
    await process_asset(db, media, ticket.asset_id)
    waiting = await sent(db, media, viewer)
    asset = await read(db, ticket.asset_id)
    strays = [
        original_name(new_id()),
        rendition_name(asset.id, "0" * 64, "webp"),
        rendition_name(new_id(), asset.renditions[0].sha256, "webp"),
        part_name(ticket.upload_id, 1),
        part_name(new_id(), 1),
    ]
    for name in strays:
        await media.blobs.put(name, in_pieces(b"stray"))
    assert await found(db, media) == []
    with time_shifted(OLD):
        expected = sorted((OrphanKind.BLOB, str(name)) for name in strays)
        assert await found(db, media) == expected
        assert await media.blobs.read(strays[0]) == b"stray"
        assert await found(db, media, remove=True) == expected
        assert await found(db, media) == []
    assert await media.blobs.read(original_name(waiting.asset_id)) == PHOTO
    for file in asset.renditions:
        assert len(await media.blobs.read(rendition_name(asset.id, file.sha256, file.format))) == file.size


async def test_lost_files_are_told_and_their_rows_stay(db: Database, media: Media, viewer: Viewer) -> None:
    ticket = await sent(db, media, viewer)
    await finalise_upload(db, media, viewer, ticket.upload_id)
    await process_asset(db, media, ticket.asset_id)
    asset = await read(db, ticket.asset_id)
    file = asset.renditions[1]
    lost = sorted([original_name(asset.id), rendition_name(asset.id, file.sha256, file.format)])
    for name in lost:
        await media.blobs.delete(name)
    assert await found(db, media, remove=True) == [(OrphanKind.LOST, name) for name in lost]
    assert await read(db, asset.id) == asset


async def test_upload_that_runs_during_the_look_is_not_touched(db: Database, media: Media, viewer: Viewer) -> None:
    """All that it does lies between the listing of the store and the question to the database."""
    stray, begun = original_name(new_id()), await request_upload(db, media, viewer, promise(PHOTO))
    await media.blobs.put(stray, in_pieces(b"stray"))
    blobs, pages = media.blobs, media.blobs.pages

    async def meanwhile(prefix: str = "") -> AsyncIterator[Sequence[StoredBlob]]:
        if not prefix:  # before each removal the store is asked for that name once more
            await deliver(db, media, begun, PHOTO)
        async for page in pages(prefix):
            if not prefix:
                await finalise_upload(db, media, viewer, begun.upload_id)
                await process_asset(db, media, begun.asset_id)
            yield page

    blobs.pages = meanwhile  # type: ignore[method-assign]
    # As if the clock of the store were a day behind: even what has just come is old.
    with time_shifted(OLD - timedelta(hours=4)):
        shifted = Media(blobs=blobs, secret=media.secret, ticket_life=timedelta(0))
        assert await found(db, shifted, remove=True) == [(OrphanKind.BLOB, stray)]
    asset = await read(db, begun.asset_id)
    assert asset.status is AssetStatus.CLEAN
    assert await media.blobs.read(original_name(asset.id)) == PHOTO
    with pytest.raises(BlobMissing):
        await media.blobs.read(stray)


async def test_file_that_a_worker_has_just_made_is_needed_before_it_has_a_row(
    db: Database, media: Media, viewer: Viewer
) -> None:
    ticket = await sent(db, media, viewer)
    await finalise_upload(db, media, viewer, ticket.upload_id)
    made = rendition_name(ticket.asset_id, "1" * 64, "webp")
    await media.blobs.put(made, in_pieces(b"made"))
    with time_shifted(OLD):
        assert await found(db, media, remove=True) == []
    assert await media.blobs.read(made) == b"made"


async def is_locked(db: Database, asset_id: Id) -> bool:
    async with db.transaction() as tx:
        return not await tx.fetch("select id from asset where id = $1 for update skip locked", asset_id)


async def test_removal_that_is_refused_waits_for_the_others_before_the_picture_is_free(
    db: Database, media: Media, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset_id, delete, locked = (await sent(db, media, viewer)).asset_id, media.blobs.delete, []
    refused, slow = rendition_name(asset_id, "0" * 64, "webp"), rendition_name(asset_id, "1" * 64, "webp")
    for name in (refused, slow):
        await media.blobs.put(name, in_pieces(b"stray"))

    async def remove(name: BlobName) -> None:
        if name == refused:
            raise StoreUnavailable("AccessDenied")
        await asyncio.sleep(0.3)
        locked.append(await is_locked(db, asset_id))
        await delete(name)

    monkeypatch.setattr(media.blobs, "delete", remove)
    with time_shifted(OLD), pytest.raises(StoreUnavailable):
        await remove_orphans(db, media, keepers={})
    assert locked == [True]
    assert await names_in(media, "rendition/") == [refused]


async def test_mere_look_waits_for_nobody_who_works_on_a_picture(db: Database, media: Media, viewer: Viewer) -> None:
    stray = rendition_name((ticket := await sent(db, media, viewer)).asset_id, "0" * 64, "webp")
    await media.blobs.put(stray, in_pieces(b"stray"))
    async with db.transaction() as tx:
        await tx.fetch("select id from asset where id = $1 for update", ticket.asset_id)
        async with asyncio.timeout(10):
            with time_shifted(OLD):
                assert await found(db, media) == [(OrphanKind.BLOB, stray)]


async def test_files_of_another_package_are_left_alone_unless_it_says_which_it_needs(
    db: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "media"
    for name in ("shared/kept", "shared/stray", "lost+found/x"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    media = Media(blobs=FolderStore(folder), secret=b"")

    async def keeper(_conn: object, names: object) -> list[str]:
        assert set(names) == {"shared/kept", "shared/stray"}  # type: ignore[call-overload]
        return ["shared/kept"]

    async def look(**keepers: object) -> list[Orphan]:
        return [one async for one in find_orphans(db, media, remove=False, keepers=keepers)]  # type: ignore[arg-type]

    with time_shifted(OLD):
        assert {one.kind for one in await look()} == {OrphanKind.UNKNOWN}
        kinds = {one.name: one.kind for one in await look(shared=keeper)}
        assert kinds == {"shared/stray": OrphanKind.BLOB, "lost+found/x": OrphanKind.UNKNOWN}


@pytest.mark.parametrize("media", ["s3"], indirect=True)
async def test_copies_that_nobody_may_read_are_removed_at_any_age(db: Database, media: Media, viewer: Viewer) -> None:
    ticket = await sent(db, media, viewer)
    await finalise_upload(db, media, viewer, ticket.upload_id)
    await process_asset(db, media, ticket.asset_id)
    async with db.transaction() as tx:
        await release(tx, [ticket.asset_id], is_public=True)
    await align_copies(db, media, ticket.asset_id)
    asset = await read(db, ticket.asset_id)
    first = asset.renditions[0]
    source = rendition_name(asset.id, first.sha256, first.format)
    strays = sorted([public_name("A" * 22, first.sha256, "webp"), public_name(asset.key, "0" * 64, "webp")])
    for name in strays:
        await media.blobs.publish(source, name, content_type="image/webp")
    expected = [(OrphanKind.COPY, str(name)) for name in strays]
    assert await found(db, media) == expected
    assert await found(db, media, remove=True) == expected
    assert await found(db, media) == []
    left = [blob.name async for page in media.blobs.public_pages() for blob in page]
    assert len(left) == len(asset.renditions)
    async with db.transaction() as tx:
        await revoke(tx, [asset.id])
        await tx.execute("delete from public_copy")  # as if a backup of the database had been put back
    assert len(await found(db, media, remove=True)) == len(left)
    assert await found(db, media) == []


@pytest.mark.parametrize("media", ["folder"], indirect=True)
async def test_unfinished_files_are_counted_before_they_are_removed(media: Media, tmp_path: Path) -> None:
    await media.blobs.put(original_name(new_id()), in_pieces(b"x"))
    left = tmp_path / "media" / "unfinished" / "left"
    left.write_bytes(b"half")
    young = Media(blobs=media.blobs, secret=b"", ticket_life=timedelta(hours=-3))
    assert await forget_unfinished(media, remove=True) == 0
    assert await forget_unfinished(young, remove=False) == 1
    assert left.exists()
    assert await forget_unfinished(young, remove=True) == 1
    assert not left.exists()


def test_command_shows_first_and_removes_on_request(
    db: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    folder = tmp_path / "media"
    stray = folder / BlobName(original_name(new_id()))
    stray.parent.mkdir(parents=True)
    stray.write_bytes(secrets.token_bytes(7))
    os.utime(stray, (0, 0))
    for name, value in (
        ("DATABASE_URL", database_url),
        ("STEMME_SECRET", "a-secret-that-only-the-tests-know-0123456789"),
        ("STEMME_DEV_FOLDER", str(tmp_path)),
    ):
        monkeypatch.setenv(name, value)
    shown = CliRunner().invoke(main, ["media-orphans"])
    assert (shown.exit_code, stray.exists()) == (0, True)
    assert stray.name in shown.output
    assert "1 would be removed with --remove" in shown.output
    done = CliRunner().invoke(main, ["media-orphans", "--remove"])
    assert (done.exit_code, stray.exists()) == (0, False)
    assert "1 removed" in done.output
    assert "0 removed" in CliRunner().invoke(main, ["media-orphans", "--remove"]).output
