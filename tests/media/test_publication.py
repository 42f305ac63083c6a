"""Copies at the store for everybody: they follow release and hiding, whoever dies or races in between."""

import hashlib
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from types_boto3_s3.client import S3Client

from backend.core.clock import process_now, time_shifted
from backend.core.database import Database
from backend.core.ids import Id
from backend.core.viewer import Viewer
from media.attaching import release, revoke
from media.blobs.folder import FolderStore
from media.blobs.protocol import BlobName, PublicName, StoreUnavailable, original_name, rendition_name
from media.blobs.s3 import S3Store
from media.blobs.s3_client import S3Place
from media.config import Media
from media.images.sniff import ImageKind
from media.processing.orders import Decoded, RenditionFile
from media.retention.ending import end_old, erase
from media.rules import Reach
from media.serving.addresses import addresses_of
from media.serving.publication import align_copies, follow, publish, sweep_copies
from media.store import mark_clean
from media.uploads.tickets import request_upload
from media.views import AssetView
from tests.media.appeals import uncontested
from tests.media.conftest import MakeAsset, in_pieces, promise, read
from tests.media.test_serving import web

_ = web


@pytest.fixture
def media(s3_place: S3Place, s3_client: S3Client) -> Media:
    """Two buckets, of which everybody may read one, as the README asks the operator to set it up."""
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
    policy = {"Statement": [{**everybody, "Resource": f"arn:aws:s3:::{s3_place.public_bucket}/*"}]}
    s3_client.put_bucket_policy(Bucket=s3_place.public_bucket, Policy=json.dumps(policy))
    return Media(
        blobs=S3Store(s3_place),
        secret=b"only-the-tests-know-this-secret-0123456789",
        copies_url=f"{s3_place.endpoint}/{s3_place.public_bucket}/{s3_place.public_prefix.rstrip('/')}",
    )


@pytest.fixture
def make_asset(db: Database, media: Media, viewer: Viewer) -> MakeAsset:
    """A picture of `viewer` with two files that nobody had to draw."""

    async def make(*, shown: bool | None = None, is_public: bool = False) -> AssetView:
        asset_id = (await request_upload(db, media, viewer, promise(secrets.token_bytes(50)))).asset_id
        await media.blobs.put(original_name(asset_id), in_pieces(b"where I live"))
        made = [await _stored(media, asset_id, format_) for format_ in ("webp", "jpeg")]
        async with db.transaction() as tx:
            await tx.execute("update asset set status = 'PROCESSING' where id = $1", asset_id)
            await mark_clean(tx, asset_id, Decoded(ImageKind.JPEG, 6, 4, 1, "x", tuple(made)))
            if shown:
                await release(tx, [asset_id], is_public=is_public)
        return await read(db, asset_id)

    return make


async def _stored(media: Media, asset_id: Id, format_: str) -> RenditionFile:
    data = secrets.token_bytes(100)
    digest = hashlib.sha256(data).hexdigest()
    await media.blobs.put(rendition_name(asset_id, digest, format_), in_pieces(data))
    return RenditionFile(format_, 6, 4, len(data), digest, f"6.{format_}")


Copies = Callable[[], list[str]]


@pytest.fixture
def copies(s3_place: S3Place, s3_client: S3Client) -> Copies:
    """The names of all public copies, as the service itself lists them."""

    def names() -> list[str]:
        page = s3_client.list_objects_v2(Bucket=s3_place.public_bucket)
        return sorted(one["Key"] for one in page.get("Contents", []))

    return names


async def work(db: Database, media: Media) -> int:
    """Do what `follow` put into the queue; how many jobs."""
    async with db.transaction() as tx:
        jobs = await tx.fetch("delete from pgqueuer where entrypoint = 'media.publish' returning payload")
    for job in jobs:
        await publish(db, media, json.loads(job["payload"]))
    return len(jobs)


def addresses(media: Media, asset: AssetView) -> list[str]:
    return addresses_of(media, asset, now=process_now())


async def hide(db: Database, asset_id: Id) -> None:
    async with db.transaction() as tx:
        await revoke(tx, [asset_id])


async def show(db: Database, asset_id: Id, *, is_public: bool = True) -> None:
    async with db.transaction() as tx:
        await release(tx, [asset_id], is_public=is_public)


async def noted(db: Database) -> int:
    async with db.reading() as conn:
        return int(await conn.fetch_value("select count(*) from public_copy"))


async def test_public_files_move_to_their_copies_and_vanish_there_within_a_minute_of_hiding(
    web: httpx.AsyncClient, db: Database, media: Media, make_asset: MakeAsset, copies: Copies
) -> None:
    asset = await make_asset(shown=True, is_public=True)
    own = addresses(media, asset)
    assert all(one.startswith(f"{media.public_url}/media/p/{asset.key}/") for one in own)
    assert await work(db, media) == 1
    asset = await read(db, asset.id)
    moved = addresses(media, asset)
    assert len(moved) == len(asset.renditions) == len(copies())
    async with httpx.AsyncClient() as everybody:
        for url, file in zip(moved, asset.renditions, strict=True):
            assert url.startswith(f"{media.copies_url}/{asset.key}/")
            answer = await everybody.get(url)
            assert (answer.status_code, hashlib.sha256(answer.content).hexdigest()) == (200, file.sha256)
            assert answer.headers["content-type"] == f"image/{file.format}"
            assert answer.headers["cache-control"] == "public, max-age=45"
        await hide(db, asset.id)
        assert (await web.get(own[0])).status_code == 404
        assert await work(db, media) == 1
        assert {(await everybody.get(url)).status_code for url in moved} <= {403, 404}
        assert [(await web.get(url)).status_code for url in own] == [404] * len(own)
        assert copies() == []
        await show(db, asset.id)
        await work(db, media)
        assert [(await everybody.get(url)).status_code for url in moved] == [200] * len(moved)


async def test_own_address_leads_to_one_at_the_store_that_is_short_and_only_from_us(
    web: httpx.AsyncClient, db: Database, media: Media, make_asset: MakeAsset, s3_place: S3Place
) -> None:
    public, signed = await make_asset(shown=True, is_public=True), await make_asset(shown=True)
    for asset, url in ((public, addresses(media, public)[0]), (signed, addresses(media, signed)[0])):
        answer = await web.get(url)
        assert (answer.status_code, answer.headers["cache-control"], answer.content) == (302, "no-store", b"")
        elsewhere = answer.headers["location"]
        query = parse_qs(urlsplit(elsewhere).query)
        assert 30 <= int(query["X-Amz-Expires"][0]) <= 60
        async with httpx.AsyncClient() as everybody:
            whole = await everybody.get(elsewhere)
            part = await everybody.get(elsewhere, headers={"range": "bytes=5-9"})
            unsigned = await everybody.get(elsewhere.partition("?")[0])
        assert hashlib.sha256(whole.content).hexdigest() == asset.renditions[0].sha256
        assert (whole.headers["content-type"], part.status_code) == ("image/webp", 206)
        assert part.content == whole.content[5:10]
        assert unsigned.status_code == 403
        head = await web.head(url)
        assert (head.status_code, head.headers["content-length"]) == (200, str(asset.renditions[0].size))
        await hide(db, asset.id)
        assert "location" not in (gone := await web.get(url)).headers
        assert gone.status_code == 404


async def test_original_is_reachable_by_no_address(
    db: Database, media: Media, make_asset: MakeAsset, s3_place: S3Place, copies: Copies
) -> None:
    asset = await make_asset(shown=True, is_public=True)
    await work(db, media)
    assert not any("original" in name for name in copies())
    async with httpx.AsyncClient() as everybody:
        for bucket in (s3_place.bucket, s3_place.public_bucket):
            for prefix in (s3_place.private_prefix, s3_place.public_prefix, ""):
                url = f"{s3_place.endpoint}/{bucket}/{prefix}original/{asset.id.hex}"
                assert (await everybody.get(url)).status_code in {403, 404}


class Interrupted(S3Store):
    """The store; something happens right after it made or took away a copy."""

    def __init__(self, place: S3Place) -> None:
        super().__init__(place)
        self.after_publish: Callable[[], Awaitable[None]] | None = None
        self.before_unpublish: Callable[[], Awaitable[None]] | None = None

    async def publish(self, name: BlobName, copy: PublicName, *, content_type: str) -> None:
        await super().publish(name, copy, content_type=content_type)
        if (do := self.after_publish) is not None:
            self.after_publish = None
            await do()

    async def unpublish(self, copy: PublicName) -> None:
        if (do := self.before_unpublish) is not None:
            self.before_unpublish = None
            await do()
        await super().unpublish(copy)


@pytest.fixture
def interrupted(media: Media, s3_place: S3Place) -> tuple[Media, Interrupted]:
    store = Interrupted(s3_place)
    return replace(media, blobs=store), store


async def test_hiding_while_files_are_copied_takes_the_copies_away_again(
    db: Database, interrupted: tuple[Media, Interrupted], make_asset: MakeAsset, copies: Copies
) -> None:
    media, store = interrupted
    asset = await make_asset(shown=True, is_public=True)
    store.after_publish = lambda: hide(db, asset.id)
    await align_copies(db, media, asset.id)
    assert copies() == []
    assert addresses(media, await read(db, asset.id)) == []


async def test_worker_that_dies_after_copying_leaves_nothing_that_stays(
    db: Database, interrupted: tuple[Media, Interrupted], make_asset: MakeAsset, copies: Copies
) -> None:
    media, store = interrupted
    asset = await make_asset(shown=True, is_public=True)

    async def die() -> None:
        raise StoreUnavailable("killed")

    store.after_publish = die
    with pytest.raises(StoreUnavailable):
        await align_copies(db, media, asset.id)
    assert len(copies()) == 1
    assert not any(file.is_copied for file in (await read(db, asset.id)).renditions)
    await hide(db, asset.id)
    assert await sweep_copies(db, media) == 1
    assert copies() == []


async def test_copy_that_arrives_after_it_was_taken_away_is_taken_away_again(
    db: Database, interrupted: tuple[Media, Interrupted], make_asset: MakeAsset, copies: Copies
) -> None:
    media, store = interrupted
    asset = await make_asset(shown=True, is_public=True)

    async def meanwhile() -> None:
        await hide(db, asset.id)
        await align_copies(db, media, asset.id)
        assert copies() == []
        raise StoreUnavailable("killed after the next copy")

    first = store.publish

    async def late(name: BlobName, copy: PublicName, *, content_type: str) -> None:
        if store.after_publish is None:
            await first(name, copy, content_type=content_type)
            return
        do, store.after_publish = store.after_publish, None
        try:
            await do()
        finally:
            await S3Store.publish(store, name, copy, content_type=content_type)

    store.after_publish = meanwhile
    store.publish = late  # type: ignore[method-assign]
    with pytest.raises(StoreUnavailable):
        await align_copies(db, media, asset.id)
    assert len(copies()) == 1
    assert await sweep_copies(db, media) == 1
    assert copies() == []
    assert await noted(db) > 0
    with time_shifted(timedelta(minutes=6)):
        assert await sweep_copies(db, media) == 1
        assert await sweep_copies(db, media) == 0
    assert await noted(db) == 0


async def test_showing_again_while_copies_are_taken_away_ends_with_copies(
    db: Database, interrupted: tuple[Media, Interrupted], make_asset: MakeAsset, copies: Copies
) -> None:
    media, store = interrupted
    asset = await make_asset(shown=True, is_public=True)
    await work(db, media)
    await hide(db, asset.id)

    async def show_again() -> None:
        await show(db, asset.id)
        await align_copies(db, media, asset.id)

    store.before_unpublish = show_again
    while await work(db, media):
        pass
    assert len(copies()) == len(asset.renditions)
    assert all(url.startswith(media.copies_url) for url in addresses(media, await read(db, asset.id)))


async def narrow(db: Database, _media: Media, _viewer: Viewer, asset_id: Id) -> None:
    await show(db, asset_id, is_public=False)


async def leave(db: Database, _media: Media, viewer: Viewer, _asset_id: Id) -> None:
    async with db.transaction() as tx:
        await erase(tx, viewer.require_account())


async def outlive(db: Database, media: Media, _viewer: Viewer, asset_id: Id) -> None:
    await hide(db, asset_id)
    with time_shifted(timedelta(days=187)):
        await end_old(db, media, contested=uncontested)


@pytest.mark.parametrize("change", [narrow, leave, outlive])
async def test_whatever_makes_a_picture_less_than_public_takes_its_copies_away(
    db: Database,
    media: Media,
    viewer: Viewer,
    make_asset: MakeAsset,
    copies: Copies,
    change: Callable[[Database, Media, Viewer, Id], Awaitable[None]],
) -> None:
    asset, other = await make_asset(shown=True, is_public=True), await make_asset(shown=True, is_public=True)
    async with db.transaction() as tx:
        await tx.execute("update asset set owner_id = gen_random_uuid() where id = $1", other.id)
    await work(db, media)
    before = copies()
    await change(db, media, viewer, asset.id)
    assert await work(db, media) >= 1
    assert copies() == [name for name in before if other.key in name] != []


async def test_files_made_anew_replace_their_copies(
    db: Database, media: Media, make_asset: MakeAsset, copies: Copies
) -> None:
    asset = await make_asset(shown=True, is_public=True)
    await work(db, media)
    gone = asset.renditions[0]
    async with db.transaction() as tx:
        await tx.execute("delete from rendition where sha256 = $1", gone.sha256)
        await follow(tx, [asset.id])
    assert await work(db, media) == 1
    assert len(copies()) == len(asset.renditions) - 1
    assert not any(gone.sha256 in name for name in copies())


async def test_round_finds_what_no_job_did_of_late_and_the_daily_one_all_of_it(
    db: Database, media: Media, make_asset: MakeAsset, copies: Copies
) -> None:
    asset = await make_asset(shown=True, is_public=True)
    await make_asset(shown=True)
    assert await sweep_copies(db, replace(media, copies_url="")) == 0
    assert copies() == []
    with time_shifted(timedelta(days=3)):
        assert await sweep_copies(db, media) == 0
        assert await sweep_copies(db, media, everything=True) == 1
        assert await sweep_copies(db, media, everything=True) == 0
    assert len(copies()) == len(asset.renditions)
    await hide(db, asset.id)
    assert await sweep_copies(db, media) == 1
    assert copies() == []


async def test_house_with_a_folder_makes_no_copies(
    db: Database, media: Media, make_asset: MakeAsset, tmp_path: str
) -> None:
    folder = replace(media, blobs=FolderStore(tmp_path))  # type: ignore[arg-type]
    asset = await make_asset(shown=True, is_public=True)
    await work(db, folder)
    assert await sweep_copies(db, folder, everything=True) == 0
    assert await noted(db) == 0
    assert all("/media/p/" in url for url in addresses(folder, await read(db, asset.id)))


async def test_stamp_of_an_insider_opens_nothing_after_erasure(
    web: httpx.AsyncClient, db: Database, media: Media, viewer: Viewer, make_asset: MakeAsset
) -> None:
    asset = await make_asset()
    url = addresses_of(media, asset, now=process_now(), reach=Reach.INSIDER)[0]
    assert (await web.get(url)).status_code == 302
    await leave(db, media, viewer, asset.id)
    assert (await web.get(url)).status_code == 404
