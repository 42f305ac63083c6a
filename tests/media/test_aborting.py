"""Taking back uploads and pictures, and what old addresses can do after that and after finalising: nothing."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from types_boto3_s3.client import S3Client

from backend.core.clock import time_shifted
from backend.core.database import Database
from backend.core.errors import Conflict, NotAllowed, NotFound, RateLimited, Unauthenticated, ValidationFailed
from backend.core.viewer import ANONYMOUS, Viewer
from media.attaching import require_clean
from media.blobs.protocol import BlobName, StoreUnavailable, original_name, rendition_name
from media.config import Media
from media.processing.jobs import process_asset
from media.retention.ending import remove_files, remove_late_originals
from media.retention.retention_store import mark_original_gone
from media.rules import AssetStatus
from media.uploads.aborting import abort_upload, delete_asset
from media.uploads.finalising import finalise_upload
from tests.media.conftest import PHOTO, MakeAsset, both_stores, deliver, in_pieces, names_in, put_direct, read, sent
from tests.media.files import picture, saved
from tests.media.test_parts import PART, PARTS, ask, begun, left

bucket_only = pytest.mark.parametrize("media", ["bucket"], indirect=True)
EVIL = saved(picture(300, 300), "JPEG")


@pytest.fixture
def media(media: Media) -> Media:
    return replace(media, part_bytes=PART)


@both_stores
async def test_abort_drops_parts_and_bytes_and_twice_is_harmless(
    db: Database, media: Media, viewer: Viewer, other: Viewer
) -> None:
    ticket, whole = await begun(db, media, viewer), await begun(db, media, viewer)
    part = await ask(db, media, viewer, ticket, 1, PARTS[0])
    await deliver(db, media, part, PARTS[0])
    await deliver(db, media, whole, PHOTO)
    for stranger, error in ((other, NotFound), (ANONYMOUS, Unauthenticated)):
        with pytest.raises(error):
            await abort_upload(db, media, stranger, ticket.upload_id)
    for one in (ticket, whole):
        for _ in range(2):
            await abort_upload(db, media, viewer, one.upload_id)
        assert ((asset := await read(db, one.asset_id)).status, asset.reason) == (AssetStatus.PURGED, "upload_aborted")
        with pytest.raises(Conflict) as caught:
            await finalise_upload(db, media, viewer, one.upload_id)
        assert (caught.value.code, caught.value.state) == ("upload_finished", "PURGED")
    assert await names_in(media) == []
    assert await left(db) == 0
    with pytest.raises(Conflict):
        await ask(db, media, viewer, ticket, 1, PARTS[0])


@both_stores
async def test_abort_after_finalising_is_a_conflict(db: Database, media: Media, viewer: Viewer) -> None:
    ticket = await begun(db, media, viewer)
    await deliver(db, media, ticket, PHOTO)
    await finalise_upload(db, media, viewer, ticket.upload_id)
    with pytest.raises(Conflict) as caught:
        await abort_upload(db, media, viewer, ticket.upload_id)
    assert (caught.value.code, caught.value.state) == ("upload_finished", "SCANNING")


@both_stores
async def test_delete_ends_what_was_not_handed_in_and_twice_is_harmless(
    db: Database, media: Media, viewer: Viewer, other: Viewer, make_asset: MakeAsset
) -> None:
    clean, waiting = await make_asset(), await sent(db, media, viewer)
    for stranger, error in ((other, NotFound), (ANONYMOUS, Unauthenticated)):
        with pytest.raises(error):
            await delete_asset(db, media, stranger, clean.id)
    with pytest.raises(NotAllowed):
        await delete_asset(db, media, replace(viewer, is_restricted=True), clean.id)
    assert len(await names_in(media)) == len(clean.renditions) + 2
    for asset_id in (clean.id, waiting.asset_id):
        for _ in range(2):
            await delete_asset(db, media, viewer, asset_id)
        asset = await read(db, asset_id)
        assert (asset.status, asset.reason, asset.alt_text) == (AssetStatus.PURGED, "deleted", None)
    assert await names_in(media) == []
    async with db.transaction() as tx:
        with pytest.raises(Conflict) as caught:
            await require_clean(tx, viewer.require_account(), [clean.id])
    assert caught.value.code == "asset_gone"


async def test_delete_of_what_is_in_review_or_was_shown_is_a_conflict(
    db: Database, media: Media, viewer: Viewer, make_asset: MakeAsset
) -> None:
    in_review, shown, hidden = await make_asset(), await make_asset(shown=True), await make_asset(shown=False)
    async with db.transaction() as tx:
        await require_clean(tx, viewer.require_account(), [in_review.id])
    for asset in (in_review, shown, hidden):
        with pytest.raises(Conflict) as caught:
            await delete_asset(db, media, viewer, asset.id)
        assert caught.value.code == "asset_in_review"
        assert (await read(db, asset.id)).status is asset.status


async def test_delete_while_the_store_is_away_takes_effect_now_and_the_bytes_go_later(
    db: Database, media: Media, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = await sent(db, media, viewer)
    await finalise_upload(db, media, viewer, ticket.upload_id)

    async def away(_name: str) -> None:
        raise StoreUnavailable("503")

    with monkeypatch.context() as patch:
        patch.setattr(media.blobs, "delete", away)
        await delete_asset(db, media, viewer, ticket.asset_id)
    await process_asset(db, media, ticket.asset_id)
    assert (await read(db, ticket.asset_id)).status is AssetStatus.PURGED
    await remove_files(db, media)
    assert await names_in(media) == []


@bucket_only
async def test_old_address_takes_only_the_promised_bytes_and_only_for_an_hour(
    db: Database, media: Media, viewer: Viewer
) -> None:
    ticket = await sent(db, media, viewer)
    await finalise_upload(db, media, viewer, ticket.upload_id)
    assert "X-Amz-Expires=3600" in ticket.address
    assert await put_direct(ticket.destination, EVIL) == 403
    assert await put_direct(ticket.destination, PHOTO[:-1] + b"x") == 400
    assert await put_direct(ticket.destination, PHOTO, **{"content-type": "text/html"}) == 403
    assert await media.blobs.read(original_name(ticket.asset_id)) == PHOTO


@bucket_only
async def test_bytes_changed_after_finalising_are_never_decoded(
    db: Database, media: Media, viewer: Viewer, s3_client: S3Client
) -> None:
    ticket = await sent(db, media, viewer)
    await finalise_upload(db, media, viewer, ticket.upload_id)
    _overwrite(media, s3_client, original_name(ticket.asset_id))
    await process_asset(db, media, ticket.asset_id)
    asset = await read(db, ticket.asset_id)
    assert (asset.status, asset.reason, asset.renditions) == (AssetStatus.REJECTED, "upload_hash_mismatch", ())
    assert await names_in(media) == []


@bucket_only
async def test_bytes_changed_after_processing_change_nothing_that_is_served(
    db: Database, media: Media, make_asset: MakeAsset, s3_client: S3Client
) -> None:
    asset = await make_asset(shown=True)
    names = [rendition_name(asset.id, file.sha256, file.format) for file in asset.renditions]
    before = [await media.blobs.read(name) for name in names]
    _overwrite(media, s3_client, original_name(asset.id))
    await process_asset(db, media, asset.id)
    assert [await media.blobs.read(name) for name in names] == before
    assert await read(db, asset.id) == asset


def _overwrite(media: Media, client: S3Client, name: str) -> None:
    """What a store that does not check signed headers would let an old address do."""
    place = media.blobs.place  # type: ignore[attr-defined]
    client.put_object(Bucket=place.bucket, Key=place.private_prefix + name, Body=EVIL)


@bucket_only
@pytest.mark.parametrize(("data", "is_refused_at_once"), [(PHOTO[:300], True), (PHOTO[: len(PHOTO) // 2], False)])
async def test_refused_bytes_that_an_old_address_brings_back_go_within_hours(
    db: Database, media: Media, viewer: Viewer, data: bytes, is_refused_at_once: bool
) -> None:
    ticket = await sent(db, media, viewer, data)
    if is_refused_at_once:
        with pytest.raises(ValidationFailed):
            await finalise_upload(db, media, viewer, ticket.upload_id)
    else:
        await finalise_upload(db, media, viewer, ticket.upload_id)
        await process_asset(db, media, ticket.asset_id)
    assert (await read(db, ticket.asset_id)).status is AssetStatus.REJECTED
    assert await names_in(media) == []
    await media.blobs.put(original_name(ticket.asset_id), in_pieces(data))  # as an old address does, unknown to us
    with time_shifted(timedelta(minutes=70)):
        await remove_late_originals(db, media)
    assert await names_in(media) == []


@bucket_only
async def test_late_bytes_are_looked_for_while_any_may_still_be_under_way(
    db: Database, media: Media, viewer: Viewer
) -> None:
    for minutes, looked_at in ((-5, 1), (50, 1), (70, 0)):  # after the ticket has run out
        ticket, gone_after = await sent(db, media, viewer), media.ticket_life + timedelta(minutes=minutes)
        with time_shifted(gone_after):
            async with db.transaction() as tx:
                await mark_original_gone(tx, [ticket.asset_id])
        with time_shifted(gone_after + timedelta(minutes=70)):
            assert await remove_late_originals(db, media) == looked_at
        async with db.transaction() as tx:
            await tx.execute("delete from upload")


@both_stores
async def test_store_that_is_slow_is_not_waited_for(
    db: Database, media: Media, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket, hasty = await begun(db, media, viewer), replace(media, store_patience=0.2)
    await deliver(db, media, ticket, PHOTO)
    status = (await read(db, ticket.asset_id)).status

    async def slow(*_: object) -> None:
        await asyncio.sleep(30)

    with monkeypatch.context() as patch:
        patch.setattr(media.blobs, "look", slow)
        with pytest.raises(RateLimited) as caught:
            await finalise_upload(db, hasty, viewer, ticket.upload_id)
    assert caught.value.code == "store_unavailable"
    assert (await read(db, ticket.asset_id)).status is status
    assert (await finalise_upload(db, media, viewer, ticket.upload_id)).status is AssetStatus.SCANNING


@bucket_only
@pytest.mark.parametrize("is_slow", [False, True])
async def test_store_that_is_away_while_a_needless_beginning_is_dropped_hides_no_outcome(
    db: Database, media: Media, viewer: Viewer, monkeypatch: pytest.MonkeyPatch, is_slow: bool
) -> None:
    assert media.direct is not None
    second, aborted, begin = await begun(db, media, viewer), await begun(db, media, viewer), media.direct.begin
    dropped = []

    async def meanwhile(name: BlobName, content_type: str) -> str:
        monkeypatch.setattr(media.direct, "begin", begin)
        if name == original_name(second.asset_id):
            await ask(db, media, viewer, second, 2, PARTS[1])
        else:
            await abort_upload(db, media, viewer, aborted.upload_id)
        return await begin(name, content_type)

    async def away(name: BlobName, _multipart: str) -> None:
        dropped.append(name)
        if is_slow:
            await asyncio.sleep(30)
        raise StoreUnavailable("503")

    monkeypatch.setattr("media.uploads.parts.TIDYING_SECONDS", 0.1)
    monkeypatch.setattr(media.direct, "drop", away)
    monkeypatch.setattr(media.direct, "begin", meanwhile)
    part = await ask(db, media, viewer, second, 1, PARTS[0])
    assert await put_direct(part.destination, PARTS[0]) == 200
    monkeypatch.setattr(media.direct, "begin", meanwhile)
    with pytest.raises(Conflict) as caught:
        await ask(db, media, viewer, aborted, 1, PARTS[0])
    assert (caught.value.code, caught.value.state) == ("upload_finished", "PURGED")
    assert dropped == [original_name(second.asset_id), original_name(aborted.asset_id)]
