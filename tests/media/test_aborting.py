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
from media.retention.ending import expire_uploads, remove_files, remove_late_originals
from media.retention.retention_store import mark_original_gone
from media.rules import AssetStatus
from media.uploads.aborting import abort_upload, delete_asset
from media.uploads.finalising import _finalise, finalise_upload
from media.uploads.views import Ticket, UploadRow
from tests.media.conftest import PHOTO, MakeAsset, both_stores, deliver, in_pieces, names_in, put_direct, read, sent
from tests.media.files import picture, saved
from tests.media.test_parts import PART, PARTS, ask, begun, left, send

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
async def test_restricted_account_neither_ends_nor_finishes_an_upload(
    db: Database, media: Media, viewer: Viewer
) -> None:
    """As it sends and deletes nothing either: the upload waits until the restriction ends, or its own time."""
    restricted = replace(viewer, is_restricted=True)
    kept, late = await sent(db, media, viewer), await sent(db, media, viewer)
    before = [await read(db, one.asset_id) for one in (kept, late)]
    for use_case in (abort_upload, finalise_upload):
        with pytest.raises(NotAllowed) as caught:
            await use_case(db, media, restricted, kept.upload_id)
        assert caught.value.code == "account_restricted"
    assert [await read(db, one.asset_id) for one in (kept, late)] == before
    assert len(await names_in(media)) == 2
    assert (await finalise_upload(db, media, viewer, kept.upload_id)).status is AssetStatus.SCANNING
    with time_shifted(timedelta(hours=25)):
        assert await expire_uploads(db, media) == 1
    assert await names_in(media) == [original_name(kept.asset_id)]


async def all_sent(db: Database, media: Media, viewer: Viewer) -> Ticket:
    ticket = await begun(db, media, viewer)
    for number in range(1, len(PARTS) + 1):
        await send(db, media, viewer, ticket, number)
    return ticket


async def told(db: Database, ticket: Ticket) -> list[str]:
    """What the audit chain says of the upload."""
    async with db.reading() as conn:
        rows = await conn.fetch("select action from audit_entry where subject_id = $1", ticket.asset_id)
    return [row["action"] for row in rows]


async def jobs(db: Database) -> int:
    async with db.reading() as conn:
        return int(await conn.fetch_value("select count(*) from pgqueuer where entrypoint = 'media.process'"))


@both_stores
async def test_of_aborting_and_finalising_at_once_exactly_one_wins(db: Database, media: Media, viewer: Viewer) -> None:
    finished = []
    for turn in range(6):
        ticket = await all_sent(db, media, viewer)
        use_cases = [abort_upload, finalise_upload] if turn % 2 else [finalise_upload, abort_upload]
        asked = [use_case(db, media, viewer, ticket.upload_id) for use_case in use_cases * 2]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        asset, refused = await read(db, ticket.asset_id), [one for one in answers if isinstance(one, Conflict)]
        assert asset.status in (AssetStatus.SCANNING, AssetStatus.PURGED)
        assert {(one.code, one.state) for one in refused} == {("upload_finished", asset.status)}
        assert len(refused) == 2
        if asset.status is AssetStatus.SCANNING:
            finished.append(original_name(ticket.asset_id))
        assert await told(db, ticket) == [
            "author:asset:finalised" if asset.status is AssetStatus.SCANNING else "author:upload:aborted"
        ]
    assert await names_in(media) == sorted(finished)
    assert await jobs(db) == len(finished)
    assert await left(db) == 0


@both_stores
@pytest.mark.parametrize("is_first", [True, False])
async def test_upload_aborted_right_before_or_after_the_verdict(
    db: Database, media: Media, viewer: Viewer, monkeypatch: pytest.MonkeyPatch, is_first: bool
) -> None:
    ticket, ends = await all_sent(db, media, viewer), []

    async def beside(*args: object, **more: object) -> UploadRow:
        if is_first:
            await abort_upload(db, media, viewer, ticket.upload_id)
            return await _finalise(*args, **more)  # type: ignore[arg-type]
        verdict = await _finalise(*args, **more)  # type: ignore[arg-type]
        with pytest.raises(Conflict) as caught:
            await abort_upload(db, media, viewer, ticket.upload_id)
        ends.append((caught.value.code, caught.value.state))
        return verdict

    monkeypatch.setattr("media.uploads.finalising._finalise", beside)
    if is_first:
        with pytest.raises(Conflict) as caught:
            await finalise_upload(db, media, viewer, ticket.upload_id)
        assert (caught.value.code, caught.value.state) == ("upload_finished", "PURGED")
        assert (await names_in(media), await jobs(db)) == ([], 0)
    else:
        assert (await finalise_upload(db, media, viewer, ticket.upload_id)).status is AssetStatus.SCANNING
        assert ends == [("upload_finished", "SCANNING")]
        assert (await names_in(media), await jobs(db)) == ([original_name(ticket.asset_id)], 1)


@both_stores
@pytest.mark.parametrize("step", ["before", "after"])
async def test_upload_aborted_while_its_parts_are_joined_is_told_so(
    db: Database, media: Media, viewer: Viewer, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    ticket = await all_sent(db, media, viewer)
    target, method = (media.blobs, "put") if media.direct is None else (media.direct, "join")
    join = getattr(target, method)

    async def meanwhile(*args: object) -> None:
        if step == "before":
            await abort_upload(db, media, viewer, ticket.upload_id)
        await join(*args)
        if step == "after":
            await abort_upload(db, media, viewer, ticket.upload_id)

    monkeypatch.setattr(target, method, meanwhile)
    with pytest.raises(Conflict) as caught:
        await finalise_upload(db, media, viewer, ticket.upload_id)
    assert (caught.value.code, caught.value.state) == ("upload_finished", "PURGED")
    assert (await names_in(media), await left(db), await jobs(db)) == ([], 0, 0)
    assert await told(db, ticket) == ["author:upload:aborted"]


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
    assert "X-Amz-Expires=3600" in ticket.destination.address
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
