"""The worker's part: what becomes of a finalised upload, also when decoder or worker die over it."""

import asyncio
import os
import signal
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from backend.core.clock import time_shifted
from backend.core.database import Database
from backend.core.errors import ValidationFailed
from backend.core.ids import Id
from backend.core.jobs import Registry
from backend.core.locale import LOCALES
from backend.core.viewer import Viewer
from graphql_api.messages import message
from media.blobs.protocol import BlobMissing, StoreUnavailable, original_name, rendition_name
from media.config import Media
from media.folders import remove_left_folders
from media.processing import alone
from media.processing.failures import failure_code
from media.processing.jobs import process_asset, resume_stuck
from media.processing.orders import PICTURE_LIMITS
from media.retention.ending import erase, remove_files
from media.rules import AssetStatus
from media.uploads.finalising import finalise_upload
from media.work import register
from tests.media.appeals import uncontested
from tests.media.conftest import PHOTO, read, sent
from tests.media.files import picture, png_claiming, saved
from tests.media.test_decoder import children, cut_off
from tests.media.test_images import assert_bare

# Too little memory even to load the library: the decoder dies whatever the picture.
DEADLY = replace(PICTURE_LIMITS, memory_mb=30)
Finalised = Callable[..., Awaitable[Id]]


@pytest.fixture
def finalised(db: Database, media: Media, viewer: Viewer) -> Finalised:
    async def make(data: bytes = PHOTO, content_type: str = "image/jpeg") -> Id:
        ticket = await sent(db, media, viewer, data, content_type)
        await finalise_upload(db, media, viewer, ticket.upload_id)
        return ticket.asset_id

    return make


async def attempts(db: Database, asset_id: Id) -> int:
    async with db.reading() as conn:
        return int(await conn.fetch_value("select attempts from asset where id = $1", asset_id))


async def test_process_photo_makes_bare_upright_files(db: Database, media: Media, finalised: Finalised) -> None:
    asset_id = await finalised()
    await process_asset(db, media, asset_id)
    asset = await read(db, asset_id)
    assert (asset.status, asset.width, asset.height) == (AssetStatus.CLEAN, 400, 600)
    assert [(file.width, file.format) for file in asset.renditions] == [
        (width, name) for width in (400, 307, 43) for name in ("webp", "jpeg")
    ]
    for file in asset.renditions:
        data = await media.blobs.read(rendition_name(asset_id, file.sha256, file.format))
        assert len(data) == file.size
        assert_bare(data, file.format)


async def test_process_twice_and_at_once_is_once(db: Database, media: Media, finalised: Finalised) -> None:
    asset_id = await finalised()
    await asyncio.gather(*(process_asset(db, media, asset_id) for _ in range(3)))
    first = await read(db, asset_id)
    await process_asset(db, media, asset_id)
    assert first.status is AssetStatus.CLEAN
    assert len(first.renditions) == 6
    assert await read(db, asset_id) == first


async def test_process_file_that_only_decoding_finds_broken_is_rejected(
    db: Database, media: Media, viewer: Viewer, finalised: Finalised
) -> None:
    for data, content_type in ((png_claiming(3_000, 3_000), "image/png"), (PHOTO[: len(PHOTO) // 2], "image/jpeg")):
        asset_id = await finalised(data, content_type)
        await process_asset(db, media, asset_id)
        asset = await read(db, asset_id)
        assert (asset.status, asset.reason, asset.renditions) == (AssetStatus.REJECTED, "image_damaged", ())
        assert (await told(db))[-1] == (viewer.account_id, "media_unusable", "asset", asset_id)
        with pytest.raises(BlobMissing):
            await media.blobs.read(original_name(asset_id))


async def told(db: Database) -> list[tuple[object, ...]]:
    async with db.reading() as conn:
        return [tuple(row) for row in await conn.fetch("select account_id, kind, subject_kind, subject_id from notice")]


async def test_process_with_a_dying_decoder_is_tried_three_times_then_failed(
    db: Database, media: Media, viewer: Viewer, finalised: Finalised
) -> None:
    asset_id, deadly = await finalised(), replace(media, limits=DEADLY)
    for attempt in (1, 2):
        await process_asset(db, deadly, asset_id)
        assert (await read(db, asset_id)).status is AssetStatus.PROCESSING
        assert await attempts(db, asset_id) == attempt
    await process_asset(db, deadly, asset_id)
    assert ((asset := await read(db, asset_id)).status, asset.reason) == (AssetStatus.FAILED, "media_failed")
    assert await told(db) == [(viewer.account_id, "media_unusable", "asset", asset_id)]
    async with db.reading() as conn:
        assert await conn.fetch_value("select count(*) from pgqueuer where entrypoint = 'media.process'") == 3
    await process_asset(db, media, asset_id)
    assert (await read(db, asset_id)).status is AssetStatus.FAILED


async def test_process_that_takes_too_long_three_times_says_so(
    db: Database, media: Media, finalised: Finalised, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alone, "_GRACE_SECONDS", 0)
    hasty = replace(media, limits=replace(PICTURE_LIMITS, wall_seconds=1))
    asset_id, before = await finalised(), children()
    for _ in range(3):
        # The decoder is stopped as soon as it is there, so that it is late on any machine.
        making = asyncio.ensure_future(process_asset(db, hasty, asset_id))
        while not (begun := children() - before) and not making.done():  # noqa: ASYNC110 - the kernel tells no event
            await asyncio.sleep(0.001)
        for child in begun:
            os.kill(int(child), signal.SIGSTOP)
        await making
    assert ((asset := await read(db, asset_id)).status, asset.reason) == (AssetStatus.FAILED, "media_too_slow")


@pytest.mark.parametrize(
    ("ended", "code"),
    [
        ("too_slow", "media_too_slow"),
        ("signal_14", "media_too_slow"),
        ("signal_24", "media_too_slow"),
        ("signal_9", "media_too_heavy"),
        ("signal_25", "media_too_heavy"),
        ("signal_11", "media_failed"),
        ("answer_wrong", "media_failed"),
    ],
)
def test_every_end_of_the_decoder_has_words_in_every_language(ended: str, code: str) -> None:
    assert failure_code(ended) == code
    assert len({message(locale, code, {}) for locale in LOCALES}) == len(LOCALES)


async def test_process_after_a_death_succeeds(db: Database, media: Media, finalised: Finalised) -> None:
    asset_id = await finalised()
    await process_asset(db, replace(media, limits=DEADLY), asset_id)
    await process_asset(db, media, asset_id)
    assert (await read(db, asset_id)).status is AssetStatus.CLEAN


@pytest.mark.parametrize("step", ["local", "put_file"])
async def test_process_while_the_store_is_away_waits_without_counting(
    db: Database, media: Media, finalised: Finalised, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    asset_id = await finalised()

    def away(*_: object) -> None:
        raise StoreUnavailable("ENOSPC")

    with monkeypatch.context() as patch:
        patch.setattr(media.blobs, step, away)
        for _ in range(4):
            await process_asset(db, media, asset_id)
    assert (await read(db, asset_id)).status is AssetStatus.PROCESSING
    assert await attempts(db, asset_id) == 0
    async with db.reading() as conn:
        assert await conn.fetch_value("select count(*) from pgqueuer where entrypoint = 'media.process'") == 5
    await process_asset(db, media, asset_id)
    assert (await read(db, asset_id)).status is AssetStatus.CLEAN


async def test_process_cut_off_in_the_middle_runs_again_but_not_for_ever(
    db: Database, media: Media, finalised: Finalised
) -> None:
    asset_id = await finalised(saved(picture(3000, 2000), "PNG"), "image/png")
    for attempt in (1, 2, 3):
        await cut_off(process_asset(db, media, asset_id))
        assert await attempts(db, asset_id) == attempt
    await process_asset(db, media, asset_id)
    assert ((asset := await read(db, asset_id)).status, asset.reason) == (AssetStatus.FAILED, "media_failed")


async def test_process_of_a_picture_erased_meanwhile_leaves_no_file(
    db: Database, media: Media, viewer: Viewer, finalised: Finalised, tmp_path: Path
) -> None:
    asset_id = await finalised(saved(picture(2000, 1500), "PNG"), "image/png")
    working = asyncio.create_task(process_asset(db, media, asset_id))
    await asyncio.sleep(0.25)
    async with db.transaction() as tx:
        await erase(tx, viewer.require_account())
    await working
    await remove_files(db, media)
    assert (await read(db, asset_id)).status is AssetStatus.PURGED
    assert [path for path in (tmp_path / "media").rglob("*") if path.is_file()] == []


async def test_resume_puts_a_forgotten_picture_back(db: Database, media: Media, finalised: Finalised) -> None:
    asset_id = await finalised()
    async with db.transaction() as tx:
        await tx.execute("delete from pgqueuer")
    assert await resume_stuck(db) == 0
    with time_shifted(timedelta(minutes=11)):
        assert await resume_stuck(db) == 1
    async with db.reading() as conn:
        payload = await conn.fetch_value("select payload from pgqueuer where entrypoint = 'media.process'")
    assert str(asset_id).encode() in payload


async def test_registered_work_runs(db: Database, media: Media, finalised: Finalised) -> None:
    registry = Registry()
    register(registry, db, media, keepers={}, contested=uncontested)
    asset_id = await finalised()
    await registry.handlers["media.process"]({"asset_id": str(asset_id)})
    await registry.handlers["media.remove"]({})
    for periodic in registry.periodic:
        await periodic.run()
    assert (await read(db, asset_id)).status is AssetStatus.CLEAN


def test_refusals_name_every_number() -> None:
    from media.processing.jobs import refusal

    error = refusal(Media(blobs=None, secret=b""), None)  # type: ignore[arg-type]
    assert isinstance(error, ValidationFailed)
    assert error.params == {"megabytes": 25, "megapixels": 40, "pixels_a_side": 16384, "seconds": 90}


async def test_folders_that_a_killed_worker_left_are_removed_after_an_hour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    old, new, other = tmp_path / "stemme-media-old", tmp_path / "stemme-media-new", tmp_path / "somebody-elses"
    for folder in (old, new, other):
        folder.mkdir()
        (folder / "1920.webp").write_bytes(b"x")
    for folder in (old, other):
        os.utime(folder, (0, 0))
    assert await remove_left_folders() == 1
    assert [folder.exists() for folder in (old, new, other)] == [False, True, True]
