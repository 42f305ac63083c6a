"""A movie from its ticket to the files that are played, and everything that can come between."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backend.core.database import Database
from backend.core.errors import Conflict, NotFound, ValidationFailed
from backend.core.ids import Id
from backend.core.viewer import Viewer
from media.attaching import release, require_clean
from media.blobs.protocol import BlobMissing, BlobName, original_name, rendition_name
from media.config import Media
from media.movies import wanted
from media.movies.orders import MOVIE_LIMITS, Sound
from media.processing.jobs import process_asset
from media.processing.remaking import count_outdated, remake_asset
from media.processing.rendering import clear_replaced
from media.retention.ending import erase, remove_files
from media.retention.retention_store import mark_original_gone
from media.rules import AssetStatus, People, Reach
from media.service import Words, describe_asset
from media.serving.addresses import addresses_of
from media.uploads.finalising import finalise_upload
from media.uploads.receiving import receive_bytes
from media.uploads.tickets import NewUpload, request_upload
from media.views import AssetView
from tests.media.conftest import PHOTO, in_pieces, names_in, promise, read, token_of
from tests.media.converted_movies import assert_bare
from tests.media.movies import as_a_phone_makes_it, long_movie, only_sound
from tests.media.test_decoder import children
from tests.media.test_images import assert_bare as assert_picture_bare

PHONE = as_a_phone_makes_it()
DEADLY = replace(MOVIE_LIMITS, memory_mb=30)
Finalised = Callable[..., Awaitable[Id]]


@pytest.fixture
def finalised(db: Database, media: Media, viewer: Viewer) -> Finalised:
    async def make(data: bytes = PHONE, content_type: str = "video/quicktime", *, sound: Sound | None = None) -> Id:
        ticket = await request_upload(db, media, viewer, replace(promise(data, content_type), sound=sound))
        await receive_bytes(db, media, token_of(ticket), in_pieces(data, 50_000))
        await finalise_upload(db, media, viewer, ticket.upload_id)
        return ticket.asset_id

    return make


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wanted, "_LOOK_SECONDS", 0.05)


def mp4_of(asset: AssetView) -> Any:
    (found,) = (file for file in asset.renditions if file.format == "mp4")
    return found


async def waiting(db: Database) -> list[str]:
    async with db.reading() as conn:
        return [row["entrypoint"] for row in await conn.fetch("select entrypoint from pgqueuer order by id")]


async def test_poster_of_an_older_recipe_is_made_anew_and_the_movie_stays(
    db: Database, media: Media, finalised: Finalised
) -> None:
    asset_id = await finalised()
    await process_asset(db, media, asset_id)
    before = await read(db, asset_id)
    async with db.transaction() as tx:
        await tx.execute("update asset set recipe = 1 where id = $1", asset_id)
        await tx.execute("delete from picture_fingerprint where asset_id = $1", asset_id)
    assert await count_outdated(db) == 1
    await remake_asset(db, media, asset_id)
    after = await read(db, asset_id)
    assert await count_outdated(db) == 0
    assert after.status is before.status
    assert mp4_of(after) == mp4_of(before)
    assert [(r.format, r.width) for r in after.renditions] == [(r.format, r.width) for r in before.renditions]
    assert after.renditions != before.renditions
    await clear_replaced(db, media, asset_id)
    names = {name.rpartition("/")[2] for name in await names_in(media, f"rendition/{asset_id.hex}/")}
    assert names == {f"{one.sha256}.{one.format}" for one in after.renditions}


async def test_movie_of_a_phone_becomes_bare_files(db: Database, media: Media, finalised: Finalised) -> None:
    asset_id = await finalised()
    assert await waiting(db) == ["media.process_movie"]
    await process_asset(db, media, asset_id)
    asset = await read(db, asset_id)
    assert (asset.status, asset.width, asset.height, asset.percent) == (AssetStatus.CLEAN, 120, 160, None)
    assert sorted(file.format for file in asset.renditions) == ["jpeg", "jpeg", "mp4", "webp", "webp"]
    played = mp4_of(asset)
    assert (played.seconds, played.has_sound) == (pytest.approx(1.0, abs=0.05), True)
    for file in asset.renditions:
        data = await media.blobs.read(rendition_name(asset_id, file.sha256, file.format))
        assert len(data) == file.size
        if file.format == "mp4":
            assert_bare(data)
        else:
            assert_picture_bare(data, file.format)


async def test_sound_without_pictures_is_refused_for_good(db: Database, media: Media, finalised: Finalised) -> None:
    asset_id = await finalised(only_sound(), "video/mp4")
    await process_asset(db, media, asset_id)
    assert ((asset := await read(db, asset_id)).status, asset.reason) == (AssetStatus.REJECTED, "movie_without_video")
    with pytest.raises(BlobMissing):
        await media.blobs.read(original_name(asset_id))


async def test_choice_of_sound_holds_until_it_is_handed_in(
    db: Database, media: Media, viewer: Viewer, finalised: Finalised
) -> None:
    asset_id = await finalised(sound=Sound.REMOVED)
    await process_asset(db, media, asset_id)
    assert mp4_of(first := await read(db, asset_id)).has_sound is False
    await describe_asset(db, viewer, asset_id, Words("Me, speaking", People.ONLY_ME, Sound.REMOVED))
    assert await read(db, asset_id) == replace(first, alt_text="Me, speaking", people=People.ONLY_ME)
    await describe_asset(db, viewer, asset_id, Words(sound=Sound.KEPT))
    await process_asset(db, media, asset_id)
    assert mp4_of(await read(db, asset_id)).has_sound is True
    async with db.transaction() as tx:
        await require_clean(tx, viewer.require_account(), [asset_id])
    with pytest.raises(Conflict) as caught:
        await describe_asset(db, viewer, asset_id, Words(sound=Sound.REMOVED))
    assert caught.value.code == "asset_fixed"
    assert mp4_of(await read(db, asset_id)).has_sound is True


async def test_choice_of_sound_ends_with_the_original(
    db: Database, media: Media, viewer: Viewer, finalised: Finalised
) -> None:
    asset_id = await finalised()
    await process_asset(db, media, asset_id)
    async with db.transaction() as tx:
        await mark_original_gone(tx, [asset_id])
    made = await read(db, asset_id)
    with pytest.raises(Conflict) as caught:
        await describe_asset(db, viewer, asset_id, Words("Me, speaking", sound=Sound.REMOVED))
    assert (caught.value.code, caught.value.state) == ("asset_fixed", AssetStatus.CLEAN)
    assert await read(db, asset_id) == made  # the words neither, which came with the choice
    assert (await waiting(db)).count("media.process_movie") == 1
    described = await describe_asset(db, viewer, asset_id, Words("Me, speaking", sound=Sound.KEPT))
    assert described == replace(made, alt_text="Me, speaking")


async def test_changed_sound_hides_the_old_movie_at_once_and_for_ever(
    db: Database, media: Media, viewer: Viewer, finalised: Finalised
) -> None:
    asset_id = await finalised()
    await process_asset(db, media, asset_id)
    old = await read(db, asset_id)
    changed = await describe_asset(db, viewer, asset_id, Words(sound=Sound.REMOVED))
    assert (changed.status, changed.sound) == (AssetStatus.SCANNING, Sound.REMOVED)
    async with db.reading() as conn:
        now = await conn.now()
    assert addresses_of(media, old, now=now, reach=Reach.INSIDER) != []
    assert addresses_of(media, changed, now=now, reach=Reach.INSIDER) == []
    with pytest.raises(Conflict):
        async with db.transaction() as tx:
            await release(tx, [asset_id], is_public=False)
    assert (await waiting(db)).count("media.process_movie") == 2
    await process_asset(db, media, asset_id)
    new = await read(db, asset_id)
    assert (new.status, mp4_of(new).has_sound) == (AssetStatus.CLEAN, False)
    with pytest.raises(BlobMissing):
        await media.blobs.read(rendition_name(asset_id, mp4_of(old).sha256, "mp4"))


async def test_sound_changed_while_it_is_made_is_made_as_changed(
    db: Database, media: Media, viewer: Viewer, finalised: Finalised
) -> None:
    asset_id = await finalised(long_movie(), "video/mp4")
    working = asyncio.create_task(process_asset(db, media, asset_id))
    await begun(db, asset_id)
    await describe_asset(db, viewer, asset_id, Words(sound=Sound.REMOVED))
    await asyncio.wait_for(working, 5)
    assert ((asset := await read(db, asset_id)).status, asset.renditions) == (AssetStatus.SCANNING, ())


async def test_sound_removed_while_the_files_are_stored_leaves_no_voice_in_the_store(
    db: Database, media: Media, viewer: Viewer, finalised: Finalised, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset_id = await finalised()
    put_file = media.blobs.put_file

    async def changed_meanwhile(name: BlobName, path: Path) -> None:
        await put_file(name, path)
        await describe_asset(db, viewer, asset_id, Words(sound=Sound.REMOVED))

    with monkeypatch.context() as patch:
        patch.setattr(media.blobs, "put_file", changed_meanwhile)
        await process_asset(db, media, asset_id)
    assert (await read(db, asset_id)).status is AssetStatus.SCANNING
    assert await names_in(media, "rendition/") == []
    await process_asset(db, media, asset_id)
    assert mp4_of(await read(db, asset_id)).has_sound is False


async def test_sound_of_a_picture_or_of_somebody_else_is_refused(
    db: Database, media: Media, viewer: Viewer, other: Viewer, finalised: Finalised
) -> None:
    with pytest.raises(ValidationFailed) as caught:
        await request_upload(db, media, viewer, NewUpload("image/jpeg", 9, "0" * 64, Sound.REMOVED))
    assert caught.value.code == "sound_without_movie"
    picture_id = await finalised(PHOTO, "image/jpeg")
    with pytest.raises(ValidationFailed) as caught:
        await describe_asset(db, viewer, picture_id, Words(sound=Sound.KEPT))
    assert caught.value.code == "sound_without_movie"
    movie_id = await finalised()
    with pytest.raises(NotFound):
        await describe_asset(db, other, movie_id, Words(sound=Sound.REMOVED))
    assert (await read(db, movie_id)).sound is Sound.KEPT


async def begun(db: Database, asset_id: Id) -> None:
    """Wait until some of the movie is made."""
    async with asyncio.timeout(60):
        while not (await read(db, asset_id)).percent:  # noqa: ASYNC110 - another task writes it
            await asyncio.sleep(0.02)


async def test_movie_erased_while_it_is_made_ends_at_once_and_leaves_nothing(
    db: Database, media: Media, viewer: Viewer, finalised: Finalised, tmp_path: Path
) -> None:
    before = children()
    asset_id = await finalised(long_movie(), "video/mp4")
    working = asyncio.create_task(process_asset(db, media, asset_id))
    await begun(db, asset_id)
    async with db.transaction() as tx:
        await erase(tx, viewer.require_account())
    await asyncio.wait_for(working, 5)
    await remove_files(db, media)
    assert children() == before
    assert (await read(db, asset_id)).status is AssetStatus.PURGED
    assert [path for path in (tmp_path / "media").rglob("*") if path.is_file()] == []


async def test_killed_child_is_tried_again_and_three_deaths_are_a_failure(
    db: Database, media: Media, finalised: Finalised
) -> None:
    asset_id = await finalised(long_movie(), "video/mp4")
    before = children()
    working = asyncio.create_task(process_asset(db, media, asset_id))
    await begun(db, asset_id)
    for child in children() - before:
        os.kill(int(child), signal.SIGKILL)
    await working
    assert (await read(db, asset_id)).status is AssetStatus.PROCESSING
    assert await waiting(db) == ["media.process_movie"] * 2
    for _ in range(2):
        await process_asset(db, replace(media, movie_limits=DEADLY), asset_id)
    asset = await read(db, asset_id)
    assert (asset.status, asset.reason, asset.percent) == (AssetStatus.FAILED, "movie_failed", None)


async def test_movie_that_needs_too_much_time_is_not_tried_again(
    db: Database, media: Media, viewer: Viewer, finalised: Finalised
) -> None:
    asset_id = await finalised(long_movie(), "video/mp4")
    await process_asset(db, replace(media, movie_limits=replace(MOVIE_LIMITS, cpu_seconds=1)), asset_id)
    asset = await read(db, asset_id)
    assert (asset.status, asset.reason, asset.percent) == (AssetStatus.FAILED, "media_too_slow", None)
    assert await waiting(db) == ["media.process_movie"]


async def test_worker_cut_off_in_the_middle_leaves_no_child_and_resumes(
    db: Database, media: Media, finalised: Finalised
) -> None:
    asset_id = await finalised(long_movie(), "video/mp4")
    before = children()
    working = asyncio.create_task(process_asset(db, media, asset_id))
    await begun(db, asset_id)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert children() == before
    await process_asset(db, media, asset_id)
    assert (await read(db, asset_id)).status is AssetStatus.CLEAN
