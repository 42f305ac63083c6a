"""What looks like a removed picture is found, whatever was done to it; what only is a picture like it is not."""

import io
import random
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path

from PIL import Image, ImageEnhance, ImageOps

from backend.core.clock import time_shifted
from backend.core.database import Database
from backend.core.ids import Id, new_id
from backend.core.viewer import Viewer
from media.blurring import blur_asset
from media.config import Media
from media.images.fingerprint import fingerprint
from media.images.looks import SIDE, cuts_of
from media.images.regions import Region
from media.processing.jobs import process_asset
from media.recognising import recognising_store as store
from media.recognising.removed import KEPT, forgive, remember, were_removed
from media.retention.ending import end_old, erase, remove_files
from tests.media.appeals import uncontested
from tests.media.conftest import MakeAsset
from tests.media.files import picture

_FIXTURES = Path(__file__).parent / "fixtures"
# Each shows something else; the other fixtures are the same pictures again.
_PHOTOS = (
    "phone_lumia_gps.jpg", "phone_iphone_rotated_gps.jpg", "phone_mi3_13mp.jpg", "cat_icc_xmp.png",
    "clock_text_chunks.png", "phone_iphone_rotated.heic", "phone_iphone_gps.heic",
)  # fmt: skip


@cache
def photo(name: str) -> Image.Image:
    image = Image.open(_FIXTURES / name)
    image.draft("RGB", (640, 640))
    upright = ImageOps.exif_transpose(image).convert("RGB")
    upright.thumbnail((460, 460))
    return upright


def encoded(image: Image.Image, plugin: str, **options: int) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, plugin, **options)
    return Image.open(buffer).convert("RGB")


def cropped(image: Image.Image, across: float, down: float, chance: random.Random) -> Image.Image:
    """A part with so much of each side, anywhere, saved as a chat would."""
    width, height = round(image.width * across), round(image.height * down)
    left, upper = chance.randint(0, image.width - width), chance.randint(0, image.height - height)
    return encoded(image.crop((left, upper, left + width, upper + height)), "JPEG", quality=60)


def changed(image: Image.Image) -> Iterator[Image.Image]:
    """What people do to a picture without cutting anything off."""
    yield encoded(image, "JPEG", quality=40)
    yield encoded(image, "WEBP", quality=40)
    yield image.resize((image.width // 3, image.height // 3))
    yield image.resize((image.width * 2, image.height * 2))
    yield image.resize((image.width * 4 // 5, image.height))
    yield ImageEnhance.Brightness(image).enhance(1.15)
    yield ImageEnhance.Brightness(image).enhance(0.85)
    yield ImageEnhance.Contrast(image).enhance(1.15)
    yield ImageEnhance.Color(image).enhance(0.8)
    yield ImageEnhance.Color(image).enhance(1.2)
    yield ImageOps.expand(image, image.width // 20, "white")
    yield encoded(ImageOps.expand(image, image.width // 6, "black"), "JPEG", quality=60)
    yield ImageOps.mirror(image)


async def removed_photos(db: Database) -> dict[str, Id]:
    ids = {name: new_id() for name in _PHOTOS}
    async with db.transaction() as tx:
        for name, asset_id in ids.items():
            print_ = fingerprint(photo(name))
            await store.insert_removed(tx, asset_id, [*cuts_of(print_.square), *print_.looks])
    return ids


async def found(db: Database, asset_id: Id, image: Image.Image) -> set[Id]:
    """The removed pictures that this one, in place of the asset, would be told to be."""
    async with db.transaction() as tx:
        await store.keep_fingerprint(tx, asset_id, fingerprint(image))
        return set(await store.find_alike(tx, [asset_id]))


async def test_changed_pictures_are_found_and_taken_for_no_other(db: Database, make_asset: MakeAsset) -> None:
    ids, asset = await removed_photos(db), await make_asset()
    for name, removed_id in ids.items():
        for image in changed(photo(name)):
            assert await found(db, asset.id, image) == {removed_id}, name


async def test_parts_are_found_and_taken_for_no_other(db: Database, make_asset: MakeAsset) -> None:
    """Up to three tenths off each side, each side by itself and anywhere: nine of ten are found."""
    ids, asset, chance, hits, tried = await removed_photos(db), await make_asset(), random.Random(7), 0, 0  # noqa: S311
    for name, removed_id in ids.items():
        for _ in range(10):
            part = cropped(photo(name), chance.uniform(0.7, 0.97), chance.uniform(0.7, 0.97), chance)
            taken_for = await found(db, asset.id, part)
            assert taken_for <= {removed_id}, name
            hits, tried = hits + len(taken_for), tried + 1
    assert hits >= 0.87 * tried, hits / tried


async def test_other_pictures_are_not_found(db: Database, make_asset: MakeAsset) -> None:
    """Every ninth of the others as a picture of its own, and what the tests draw."""
    ids, asset = await removed_photos(db), await make_asset()
    noise = Image.effect_noise((200, 150), 90).convert("RGB")
    for image in (picture(320, 200), picture(90, 400), noise, Image.new("RGB", (100, 100), "white")):
        assert await found(db, asset.id, image) == set()
    for name in _PHOTOS:
        others = set(ids.values()) - {ids[name]}
        whole = photo(name)
        across, down = whole.width // 3, whole.height // 3
        for at in range(9):
            left, upper = at % 3 * across, at // 3 * down
            part = whole.crop((left, upper, left + across, upper + down))
            assert not await found(db, asset.id, part) & others, (name, at)


def test_what_is_too_plain_is_like_nothing() -> None:
    for image in (Image.new("RGB", (50, 50), "red"), Image.linear_gradient("L").convert("RGB"), picture(1, 1)):
        print_ = fingerprint(image)
        assert print_.looks == ()
        assert cuts_of(print_.square) == []


def test_mirrored_twice_is_the_same() -> None:
    plain, turned = fingerprint(photo("cat_icc_xmp.png")), fingerprint(ImageOps.mirror(photo("cat_icc_xmp.png")))
    assert plain.looks[0] != plain.looks[1]
    for one, other in zip(plain.looks, turned.looks[::-1], strict=True):
        assert (one.coarse ^ other.coarse).bit_count() <= 2


async def test_removing_remembers_what_processing_kept_and_showing_again_forgets(
    db: Database, make_asset: MakeAsset
) -> None:
    first, again = await make_asset(), await make_asset()
    async with db.transaction() as tx:
        for asset in (first, again):
            assert not await were_removed(tx, [asset.id])
            await store.keep_fingerprint(tx, asset.id, fingerprint(photo("cat_icc_xmp.png")))
        await remember(tx, [first.id])
        await remember(tx, [first.id])
        assert await store.find_alike(tx, [again.id]) == [first.id]
        assert not await were_removed(tx, [])
        await forgive(tx, [first.id])
        assert not await were_removed(tx, [again.id])
        assert await tx.fetch_value("select count(*) from removed_look") == 0


async def test_removed_pictures_are_forgotten_after_two_years_and_outlive_their_author(
    db: Database, media: Media, viewer: Viewer, make_asset: MakeAsset
) -> None:
    first, again = await make_asset(), await make_asset()
    async with db.transaction() as tx:
        await store.keep_fingerprint(tx, first.id, fingerprint(photo("cat_icc_xmp.png")))
        await remember(tx, [first.id])
        await erase(tx, viewer.require_account())
    await remove_files(db, media)
    async with db.reading() as conn:
        assert await store.list_fingerprints(conn, [first.id, again.id]) == {}
        assert await conn.fetch_value("select array_agg(asset_id) from removed_picture") == [first.id]
    for days, left in ((-1, 1), (1, 0)):
        with time_shifted(KEPT + timedelta(days=days)):
            await end_old(db, media, contested=uncontested)
            async with db.reading() as conn:
                assert await conn.fetch_value("select count(*) from removed_picture") == left


async def test_blurring_anew_keeps_how_it_looks_now(
    db: Database, media: Media, viewer: Viewer, make_asset: MakeAsset
) -> None:
    asset = await make_asset()
    async with db.reading() as conn:
        before = (await store.list_fingerprints(conn, [asset.id]))[asset.id]
    await blur_asset(db, viewer, asset.id, [Region(0, 0, 1, 0.5)])
    await process_asset(db, media, asset.id)
    async with db.reading() as conn:
        after = (await store.list_fingerprints(conn, [asset.id]))[asset.id]
    assert len(after.square) == len(before.square) == 3 * SIDE * SIDE
    upper, lower = slice(0, SIDE * SIDE // 2 - SIDE), slice(SIDE * SIDE // 2 + SIDE, SIDE * SIDE)
    assert after.square[upper] != before.square[upper]
    assert after.square[lower] == before.square[lower]
