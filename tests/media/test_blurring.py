"""Parts made unrecognisable: for good, in every file, and from the answer on nobody reads what was there before."""

import asyncio
import math
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageStat

from backend.core.clock import process_now, time_shifted
from backend.core.database import Database
from backend.core.errors import Conflict, NotFound, ValidationFailed
from backend.core.ids import Id
from backend.core.viewer import Viewer
from media.attaching import require_clean
from media.blobs.protocol import BlobMissing, BlobName, StoreUnavailable, original_name, rendition_name
from media.blurring import blur_asset
from media.config import Media
from media.images.blurring import blurred
from media.images.making import make_renditions
from media.images.regions import MAX_REGIONS, Region
from media.images.sniff import ImageKind
from media.processing.jobs import process_asset
from media.processing.orders import Decoded
from media.processing.remaking import clear_forgotten
from media.processing.rendering import clear_replaced, render
from media.retention.ending import erase, remove_files, remove_late_originals
from media.rules import AssetStatus, Reach
from media.serving.addresses import addresses_of
from media.serving.files import find_signed
from media.uploads.finalising import finalise_upload
from media.uploads.receiving import receive_bytes
from media.views import AssetView
from tests.media.conftest import PHOTO, MakeAsset, in_pieces, names_in, read, sent, token_of
from tests.media.files import picture, saved
from tests.media.test_processing import DEADLY

FACE = Region(0.25, 0.25, 0.5, 0.25)


def detail(image: Image.Image, box: tuple[int, int, int, int]) -> float:
    """How much neighbouring pixels differ in this part: near 0 where nothing can be made out."""
    part = image.convert("L").crop(box)
    return ImageStat.Stat(ImageChops.difference(part, ImageChops.offset(part, 3, 3)).crop((3, 3, *part.size))).mean[0]


@pytest.mark.parametrize("size", [(1920, 1080), (400, 300), (300, 400)])
def test_blurred_part_keeps_nothing_and_the_rest_everything(size: tuple[int, int]) -> None:
    noise = Image.effect_noise(size, 90).convert("RGB")
    width, height = size
    inside = (width // 4, height // 4, 3 * width // 4, height // 2)
    made = blurred(noise, [FACE])
    assert detail(noise, inside) > 40
    assert detail(made, inside) < 4
    assert made.crop((0, 0, width, height // 4 - 1)).tobytes() == noise.crop((0, 0, width, height // 4 - 1)).tobytes()
    assert detail(noise, inside) > 40  # the given picture is not touched


def test_blurred_part_is_decided_by_a_few_averages_only() -> None:
    """Two different faces of the same few averages come out as the same pixels: nothing tells which it was."""
    first = Image.new("L", (120, 120))
    second = Image.new("L", (120, 120))
    first.putdata([255 * ((x + y) % 2) for y in range(120) for x in range(120)])
    second.putdata([255 * ((x // 2 + y // 2) % 2) for y in range(120) for x in range(120)])
    whole = [Region(0, 0, 1, 1)]
    assert first.tobytes() != second.tobytes()
    assert blurred(first.convert("RGB"), whole).tobytes() == blurred(second.convert("RGB"), whole).tobytes()


def test_blurred_small_parts_beside_each_other_hide_as_well_as_one() -> None:
    noise = Image.effect_noise((960, 960), 90).convert("RGB")
    tiles = [Region(0.4 + 0.02 * x, 0.4 + 0.02 * y, 0.02, 0.02) for x in range(4) for y in range(4)]
    assert detail(blurred(noise, tiles), (384, 384, 460, 460)) < 8


@pytest.mark.parametrize("region", [Region(0, 0, 1, 1), Region(0.999, 0.999, 0.001, 0.001), Region(0, 0.5, 1, 1e-9)])
def test_blurred_at_the_edges_is_inside(region: Region) -> None:
    for size in ((1, 1), (1, 500), (33, 21)):
        assert blurred(picture(*size), [region]).size == size


def test_renditions_and_placeholder_are_blurred(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(saved(Image.effect_noise((2400, 1800), 90).convert("RGB"), "JPEG"))
    plain = make_renditions(source, tmp_path, kind=ImageKind.JPEG)
    made = make_renditions(source, tmp_path, kind=ImageKind.JPEG, regions=[Region(0, 0, 1, 0.5)])
    for file in made.renditions:
        with Image.open(tmp_path / file.file) as image:
            assert detail(image, (0, 0, image.width, image.height // 2 - 4)) < 4, file
    assert made.placeholder != plain.placeholder


async def readable(db: Database, media: Media, asset: AssetView) -> list[bool]:
    """Which of the addresses that were given out for this picture still lead to a file."""
    async with db.reading() as conn:
        now = await conn.now()
    found = []
    for address in addresses_of(media, asset, now=now, reach=Reach.INSIDER):
        stamp, name = address.split("/")[-2:]
        found.append(await find_signed(db, media, stamp=stamp, name=name, now=process_now()) is not None)
    return found


async def test_blur_hides_at_once_and_leaves_only_blurred_files(
    db: Database, media: Media, viewer: Viewer, make_asset: MakeAsset
) -> None:
    before = await make_asset()
    assert await readable(db, media, before) == [True] * len(before.renditions)
    answered = await blur_asset(db, viewer, before.id, [FACE])
    assert (answered.status, answered.renditions, answered.placeholder) == (AssetStatus.SCANNING, (), None)
    assert answered.blurred == (FACE,)
    assert await readable(db, media, before) == [False] * len(before.renditions)
    await process_asset(db, media, before.id)
    after = await read(db, before.id)
    assert (after.status, after.blurred, after.width, after.height) == (
        AssetStatus.CLEAN,
        (FACE,),
        before.width,
        before.height,
    )
    assert {file.sha256 for file in after.renditions}.isdisjoint(file.sha256 for file in before.renditions)
    assert await readable(db, media, before) == [False] * len(before.renditions)
    await only_these_are_left(db, media, after, before)


async def only_these_are_left(db: Database, media: Media, after: AssetView, before: AssetView) -> None:
    for file in after.renditions:
        assert await media.blobs.read(rendition_name(after.id, file.sha256, file.format))
    for name in (original_name(after.id), *(rendition_name(after.id, f.sha256, f.format) for f in before.renditions)):
        with pytest.raises(BlobMissing):
            await media.blobs.read(name)
    async with db.reading() as conn:
        assert await conn.fetch_value("select count(*) from old_rendition where asset_id = $1", after.id) == 0
        assert await conn.fetch_value("select original_gone_at is not null from asset where id = $1", after.id)


async def test_second_blur_adds_and_is_made_from_the_blurred_file(
    db: Database, media: Media, viewer: Viewer, make_asset: MakeAsset
) -> None:
    asset = await make_asset()
    await blur_asset(db, viewer, asset.id, [FACE])
    await process_asset(db, media, asset.id)
    once = await read(db, asset.id)
    other = Region(0, 0.8, 0.2, 0.2)
    await blur_asset(db, viewer, asset.id, [other])
    await process_asset(db, media, asset.id)
    twice = await read(db, asset.id)
    assert (twice.status, twice.blurred) == (AssetStatus.CLEAN, (FACE, other))
    await only_these_are_left(db, media, twice, once)


async def test_blur_while_files_are_made_leaves_no_unblurred_file(
    db: Database, media: Media, viewer: Viewer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = await sent(db, media, viewer, saved(picture(200, 150), "PNG"), "image/png")
    await finalise_upload(db, media, viewer, ticket.upload_id)

    async def rendered_while_the_author_blurs(*arguments: Any) -> Decoded:
        made = await render(*arguments)
        await blur_asset(db, viewer, ticket.asset_id, [FACE])
        return made

    with monkeypatch.context() as patch:
        patch.setattr("media.processing.jobs.render", rendered_while_the_author_blurs)
        await process_asset(db, media, ticket.asset_id)
    between = await read(db, ticket.asset_id)
    assert (between.status, between.renditions) == (AssetStatus.SCANNING, ())
    assert stored(tmp_path) == {"original"}
    await process_asset(db, media, ticket.asset_id)
    assert (await read(db, ticket.asset_id)).status is AssetStatus.CLEAN
    assert stored(tmp_path) == {"rendition"}


def stored(tmp_path: Path) -> set[str]:
    """The first folder of every file in the store."""
    root = tmp_path / "media"
    return {path.relative_to(root).parts[0] for path in root.rglob("*") if path.is_file()}


async def test_blur_survives_death_at_every_step(
    db: Database, media: Media, viewer: Viewer, make_asset: MakeAsset, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await make_asset()
    await blur_asset(db, viewer, before.id, [FACE])
    await process_asset(db, replace(media, limits=DEADLY), before.id)  # the decoder dies
    assert (await read(db, before.id)).renditions == ()
    assert await readable(db, media, before) == [False] * len(before.renditions)

    async def dies(*_: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:  # the worker dies between the new files' commit and the old ones' end
        patch.setattr("media.processing.jobs.clear_replaced", dies)
        with pytest.raises(asyncio.CancelledError):
            await process_asset(db, media, before.id)
    after = await read(db, before.id)
    assert after.status is AssetStatus.CLEAN
    assert await readable(db, media, before) == [False] * len(before.renditions)
    async with db.reading() as conn:
        assert await conn.fetch_value("select count(*) from pgqueuer where entrypoint = 'media.clear'") == 1
    await clear_replaced(db, media, before.id)
    await clear_replaced(db, media, before.id)
    await only_these_are_left(db, media, after, before)


async def test_replaced_files_whose_job_was_lost_are_removed_later(
    db: Database, media: Media, viewer: Viewer, make_asset: MakeAsset, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await make_asset()
    await blur_asset(db, viewer, before.id, [FACE])

    async def lost(*_: object) -> None:
        return None

    with monkeypatch.context() as patch:
        patch.setattr("media.processing.jobs.clear_replaced", lost)
        await process_asset(db, media, before.id)
    assert await clear_forgotten(db, media) == 0
    with time_shifted(timedelta(hours=2)):
        assert await clear_forgotten(db, media) == 1
    await only_these_are_left(db, media, await read(db, before.id), before)


async def test_replaced_files_that_the_store_keeps_leave_no_others_behind(
    db: Database, media: Media, viewer: Viewer, make_asset: MakeAsset, monkeypatch: pytest.MonkeyPatch
) -> None:
    stubborn, other = await make_asset(), await make_asset()  # by id, as they are gone through

    async def lost(*_: object) -> None:
        return None

    with monkeypatch.context() as patch:
        patch.setattr("media.processing.jobs.clear_replaced", lost)
        for one in (stubborn, other):
            await blur_asset(db, viewer, one.id, [FACE])
            await process_asset(db, media, one.id)
    delete = media.blobs.delete

    async def refusing(name: BlobName) -> None:
        if stubborn.id.hex in name:
            raise StoreUnavailable("AccessDenied")
        await delete(name)

    with time_shifted(timedelta(hours=2)):
        with monkeypatch.context() as patch:
            patch.setattr(media.blobs, "delete", refusing)
            with pytest.raises(StoreUnavailable):
                await clear_forgotten(db, media)
        await only_these_are_left(db, media, await read(db, other.id), other)
        assert await clear_forgotten(db, media) == 1
    await only_these_are_left(db, media, await read(db, stubborn.id), stubborn)


async def test_picture_erased_while_it_waits_for_its_blur_leaves_no_file(
    db: Database, media: Media, viewer: Viewer, make_asset: MakeAsset, tmp_path: Path
) -> None:
    asset = await make_asset()
    await blur_asset(db, viewer, asset.id, [FACE])
    async with db.transaction() as tx:
        await erase(tx, viewer.require_account())
    await process_asset(db, media, asset.id)
    await remove_files(db, media)
    assert stored(tmp_path) == set()
    async with db.reading() as conn:
        assert await conn.fetch_value("select count(*) from asset_blur") == 0


async def test_repeat_with_the_same_key_blurs_once(db: Database, viewer: Viewer, make_asset: MakeAsset) -> None:
    asset = await make_asset()
    key = "blur-once-0123456789"
    for _ in range(2):
        assert (await blur_asset(db, viewer, asset.id, [FACE], client_key=key)).blurred == (FACE,)


@pytest.mark.parametrize(
    ("regions", "code"),
    [
        ([], "blur_regions_count"),
        ([FACE] * (MAX_REGIONS + 1), "blur_regions_count"),
        ([Region(-0.1, 0, 0.5, 0.5)], "blur_region_outside"),
        ([Region(0.6, 0, 0.5, 0.5)], "blur_region_outside"),
        ([Region(0, 0, 0, 0.5)], "blur_region_outside"),
        ([Region(0, 0, 0.5, -0.5)], "blur_region_outside"),
        ([Region(math.nan, 0, 0.5, 0.5)], "blur_region_outside"),
        ([Region(0, 0, math.inf, 0.5)], "blur_region_outside"),
        ([FACE, Region(0, 0, 0.5, math.nan)], "blur_region_outside"),
    ],
)
async def test_blur_of_what_is_no_part_is_refused_and_changes_nothing(
    regions: list[Region], code: str, db: Database, viewer: Viewer, make_asset: MakeAsset
) -> None:
    asset = await make_asset()
    with pytest.raises(ValidationFailed) as caught:
        await blur_asset(db, viewer, asset.id, regions)
    assert (caught.value.code, caught.value.path) == (code, ("regions",))
    assert await read(db, asset.id) == asset


async def test_blur_of_a_picture_that_is_not_ones_own_handed_in_or_gone_is_refused(
    db: Database, viewer: Viewer, other: Viewer, make_asset: MakeAsset
) -> None:
    asset = await make_asset()
    with pytest.raises(NotFound):
        await blur_asset(db, other, asset.id, [FACE])
    async with db.transaction() as tx:
        await require_clean(tx, viewer.require_account(), [asset.id])
    with pytest.raises(Conflict) as caught:
        await blur_asset(db, viewer, asset.id, [FACE])
    assert caught.value.code == "asset_fixed"
    async with db.transaction() as tx:
        await tx.execute("update asset set is_fixed = false, medium = 'MOVIE', sound = 'KEPT' where id = $1", asset.id)
    await refuses_movie(db, viewer, asset.id)


async def refuses_movie(db: Database, viewer: Viewer, asset_id: Id) -> None:
    with pytest.raises(ValidationFailed) as caught:
        await blur_asset(db, viewer, asset_id, [FACE])
    assert caught.value.code == "blur_only_pictures"


async def test_bytes_that_come_after_the_blur_do_not_stay(db: Database, media: Media, viewer: Viewer) -> None:
    ticket, came, done = await sent(db, media, viewer), asyncio.Event(), asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        came.set()
        await done.wait()
        yield PHOTO

    again = asyncio.create_task(receive_bytes(db, media, token_of(ticket), slowly()))
    await came.wait()
    await finalise_upload(db, media, viewer, ticket.upload_id)
    await process_asset(db, media, ticket.asset_id)
    await blur_asset(db, viewer, ticket.asset_id, [FACE])
    await process_asset(db, media, ticket.asset_id)
    assert await names_in(media, "original/") == []
    done.set()
    with pytest.raises(Conflict):
        await again
    assert await names_in(media, "original/") == []


@pytest.mark.parametrize("media", ["bucket"], indirect=True)
async def test_bytes_that_an_old_address_brings_back_go_within_hours(
    db: Database, media: Media, viewer: Viewer, make_asset: MakeAsset
) -> None:
    blurred_one, untouched = await make_asset(), await make_asset()
    await blur_asset(db, viewer, blurred_one.id, [FACE])
    await process_asset(db, media, blurred_one.id)
    await media.blobs.put(original_name(blurred_one.id), in_pieces(PHOTO))  # as S3 does without a word to us
    for minutes, still in ((50, 1), (70, 0), (200, 0)):
        with time_shifted(timedelta(minutes=minutes)):
            await remove_late_originals(db, media)
        assert len(await names_in(media, "original/")) == 1 + still
    assert await names_in(media, "original/") == [original_name(untouched.id)]


async def test_nobody_looks_for_late_bytes_where_all_pass_through_us(
    db: Database, media: Media, viewer: Viewer, make_asset: MakeAsset, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = await make_asset()
    await blur_asset(db, viewer, asset.id, [FACE])
    await process_asset(db, media, asset.id)

    async def never(_name: str) -> None:
        raise AssertionError

    monkeypatch.setattr(media.blobs, "delete", never)
    with time_shifted(timedelta(minutes=70)):
        assert await remove_late_originals(db, media) == 0
