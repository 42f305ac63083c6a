"""Tickets, bytes and finalising: what is believed, what is refused, and who may."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from backend.core.clock import time_shifted
from backend.core.database import Database
from backend.core.errors import Closed, Conflict, DomainError, NotAllowed, NotFound, RateLimited, Unauthenticated
from backend.core.errors import ValidationFailed as Wrong
from backend.core.ids import new_id
from backend.core.viewer import ANONYMOUS, Viewer
from media.config import Media
from media.processing.jobs import process_asset
from media.retention.ending import expire_uploads
from media.rules import AssetStatus
from media.uploads.aborting import abort_upload
from media.uploads.addresses import upload_token
from media.uploads.finalising import finalise_upload
from media.uploads.receiving import receive_bytes
from media.uploads.tickets import NewUpload, request_upload
from media.uploads.views import Ticket
from tests.media.conftest import PHOTO, in_pieces, promise, read, sent, token_of
from tests.media.files import jpeg_claiming, picture, png_claiming, saved


def files_in(media_folder: Path) -> list[Path]:
    return [path for path in media_folder.rglob("*") if path.is_file()]


async def put(db: Database, media: Media, ticket: Ticket, data: bytes) -> None:
    await receive_bytes(db, media, token_of(ticket), in_pieces(data))


async def test_upload_whole_way_becomes_scanning_with_one_job(db: Database, media: Media, viewer: Viewer) -> None:
    ticket = await request_upload(db, media, viewer, promise(PHOTO))
    assert (await read(db, ticket.asset_id)).status is AssetStatus.REQUESTED
    await put(db, media, ticket, PHOTO)
    assert (await read(db, ticket.asset_id)).status is AssetStatus.UPLOADED
    asset = await finalise_upload(db, media, viewer, ticket.upload_id)
    assert asset.status is AssetStatus.SCANNING
    async with db.reading() as conn:
        assert await conn.fetch_value("select count(*) from pgqueuer where entrypoint = 'media.process'") == 1


async def test_upload_finalised_twice_at_once_makes_one_job(db: Database, media: Media, viewer: Viewer) -> None:
    ticket = await sent(db, media, viewer)
    answers = await asyncio.gather(*(finalise_upload(db, media, viewer, ticket.upload_id) for _ in range(5)))
    assert {answer.status for answer in answers} == {AssetStatus.SCANNING}
    async with db.reading() as conn:
        assert await conn.fetch_value("select count(*) from pgqueuer where entrypoint = 'media.process'") == 1
        assert await conn.fetch_value("select count(*) from audit_entry where action = 'author:asset:finalised'") == 1


async def test_upload_request_repeated_gives_the_same_ticket(db: Database, media: Media, viewer: Viewer) -> None:
    asked = [request_upload(db, media, viewer, promise(PHOTO), client_key="key-12345678") for _ in range(4)]
    tickets = await asyncio.gather(*asked)
    assert len({ticket.destination.address for ticket in tickets}) == 1


async def test_upload_request_repeated_after_its_end_says_that_it_is_over(
    db: Database, media: Media, viewer: Viewer
) -> None:
    keys = ("aborted-12345", "expired-12345", "finished-1234")
    aborted, expired, finished = [
        await request_upload(db, media, viewer, promise(PHOTO), client_key=key) for key in keys
    ]
    await put(db, media, finished, PHOTO)
    await finalise_upload(db, media, viewer, finished.upload_id)
    await abort_upload(db, media, viewer, aborted.upload_id)
    with pytest.raises(Conflict) as over:
        await request_upload(db, media, viewer, promise(PHOTO), client_key=keys[0])
    assert (over.value.code, over.value.state) == ("upload_finished", "PURGED")
    with time_shifted(timedelta(hours=25)):
        with pytest.raises(Closed):
            await request_upload(db, media, viewer, promise(PHOTO), client_key=keys[1])
        assert await expire_uploads(db, media) == 1
        with pytest.raises(Closed) as late:
            await request_upload(db, media, viewer, promise(PHOTO), client_key=keys[1])
        assert late.value.code == "upload_expired"
        again = await request_upload(db, media, viewer, promise(PHOTO), client_key=keys[2])
    assert (again.upload_id, expired.upload_id != again.upload_id) == (finished.upload_id, True)


@pytest.mark.parametrize(
    ("new", "code", "path"),
    [
        (NewUpload("image/svg+xml", 10, "0" * 64), "media_type_unknown", "content_type"),
        (NewUpload("image/jxl", 10, "0" * 64), "media_type_unknown", "content_type"),
        (NewUpload("image/png", 0, "0" * 64), "file_empty", "bytes"),
        (NewUpload("image/png", -5, "0" * 64), "file_empty", "bytes"),
        (NewUpload("image/png", 25 * 1024**2 + 1, "0" * 64), "file_too_large", "bytes"),
        (NewUpload("image/png", 10, "0" * 63), "sha256_malformed", "sha256"),
        (NewUpload("image/png", 10, "0" * 64 + "\n"), "sha256_malformed", "sha256"),
        (NewUpload("image/png", 10, "zz" * 32), "sha256_malformed", "sha256"),
    ],
)
async def test_upload_request_that_cannot_be_kept_is_refused(
    db: Database, media: Media, viewer: Viewer, new: NewUpload, code: str, path: str
) -> None:
    with pytest.raises(Wrong) as caught:
        await request_upload(db, media, viewer, new)
    assert (caught.value.code, caught.value.path) == (code, (path,))


async def test_upload_request_without_account_or_restricted_is_refused(
    db: Database, media: Media, viewer: Viewer
) -> None:
    with pytest.raises(Unauthenticated):
        await request_upload(db, media, ANONYMOUS, promise(PHOTO))
    with pytest.raises(NotAllowed):
        await request_upload(db, media, replace(viewer, is_restricted=True), promise(PHOTO))
    async with db.reading() as conn:
        assert await conn.fetch_value("select count(*) from asset") == 0


async def test_upload_requests_beyond_the_open_ones_are_limited_also_at_once(
    db: Database, media: Media, viewer: Viewer, other: Viewer
) -> None:
    small = replace(media, open_tickets=3)
    asked = [request_upload(db, small, viewer, promise(PHOTO)) for _ in range(8)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(answer, Ticket) for answer in answers) == 3
    assert {answer.code for answer in answers if isinstance(answer, RateLimited)} == {"uploads_open"}
    await request_upload(db, small, other, promise(PHOTO))
    with time_shifted(timedelta(hours=25)):
        await request_upload(db, small, viewer, promise(PHOTO))


async def test_upload_requests_beyond_the_days_bytes_are_limited(db: Database, media: Media, viewer: Viewer) -> None:
    small = replace(media, bytes_a_day=len(PHOTO) * 2)
    for _ in range(2):
        await finalise_upload(db, small, viewer, (await sent(db, small, viewer)).upload_id)
    with pytest.raises(RateLimited) as caught:
        await request_upload(db, small, viewer, promise(PHOTO))
    assert caught.value.code == "uploads_daily"


async def test_transfers_beyond_an_hours_bytes_are_refused_before_anything_is_read(
    db: Database, media: Media, viewer: Viewer, other: Viewer
) -> None:
    small = replace(media, bytes_a_day=len(PHOTO) * 2)
    ticket = await request_upload(db, small, viewer, promise(PHOTO))
    for _ in range(2):
        with pytest.raises(Wrong):
            await put(db, small, ticket, b"")

    async def never() -> AsyncIterator[bytes]:
        raise AssertionError
        yield b""

    with pytest.raises(RateLimited) as caught:
        await receive_bytes(db, small, token_of(ticket), never())
    assert 0 < caught.value.retry_after_seconds <= 1800
    await put(db, small, await request_upload(db, small, other, promise(PHOTO)), PHOTO)
    with time_shifted(timedelta(minutes=31)):
        await put(db, small, ticket, PHOTO)


async def test_newer_transfer_of_the_same_file_ends_the_one_that_hangs(
    db: Database, media: Media, viewer: Viewer, tmp_path: Path
) -> None:
    ticket = await request_upload(db, media, viewer, promise(PHOTO))
    begun = asyncio.Event()

    async def lost() -> AsyncIterator[bytes]:
        yield PHOTO[:100]
        begun.set()
        await asyncio.Event().wait()

    hanging = [asyncio.create_task(receive_bytes(db, media, token_of(ticket), lost())) for _ in range(3)]
    await asyncio.wait_for(begun.wait(), 5)
    async with asyncio.timeout(5):
        done, left = await asyncio.wait(hanging, return_when=asyncio.FIRST_COMPLETED)
        while len(left) > 1:
            more, left = await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
            done |= more
        await put(db, media, ticket, PHOTO)
        ends = await asyncio.gather(*hanging, return_exceptions=True)
    assert [type(one) for one in ends] == [TimeoutError] * 3
    assert len(files_in(tmp_path)) == 1
    assert (await finalise_upload(db, media, viewer, ticket.upload_id)).status is AssetStatus.SCANNING


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (PHOTO[:-1], "upload_size_mismatch"),
        (PHOTO + b"x", "upload_size_mismatch"),
        (PHOTO[:-1] + b"x", "upload_hash_mismatch"),
        (b"", "upload_size_mismatch"),
    ],
)
async def test_upload_of_other_bytes_stores_nothing_and_can_be_repeated(
    db: Database, media: Media, viewer: Viewer, tmp_path: Path, data: bytes, code: str
) -> None:
    ticket = await request_upload(db, media, viewer, promise(PHOTO))
    with pytest.raises(Wrong) as caught:
        await put(db, media, ticket, data)
    assert caught.value.code == code
    assert files_in(tmp_path / "media") == []
    await put(db, media, ticket, PHOTO)
    assert [path.read_bytes() for path in files_in(tmp_path / "media")] == [PHOTO]


async def test_upload_stops_reading_at_the_promised_size(db: Database, media: Media, viewer: Viewer) -> None:
    ticket = await request_upload(db, media, viewer, promise(PHOTO))
    read_pieces = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read_pieces
        while True:
            read_pieces += 1
            yield b"\0" * 65_536

    with pytest.raises(Wrong):
        await receive_bytes(db, media, token_of(ticket), endless())
    assert read_pieces <= len(PHOTO) // 65_536 + 1


async def test_upload_that_trickles_ends(db: Database, media: Media, viewer: Viewer, tmp_path: Path) -> None:
    hasty = replace(media, transfer_time=timedelta(seconds=0.2))
    ticket = await request_upload(db, hasty, viewer, promise(PHOTO))

    async def trickle() -> AsyncIterator[bytes]:
        yield PHOTO[:1]
        await asyncio.sleep(30)

    with pytest.raises(TimeoutError):
        await receive_bytes(db, hasty, token_of(ticket), trickle())
    assert files_in(tmp_path / "media") == []


async def test_upload_sent_twice_at_once_is_one_file(
    db: Database, media: Media, viewer: Viewer, tmp_path: Path
) -> None:
    ticket = await request_upload(db, media, viewer, promise(PHOTO))
    ends = await asyncio.gather(*(put(db, media, ticket, PHOTO) for _ in range(4)), return_exceptions=True)
    assert None in ends
    assert {type(end) for end in ends} <= {type(None), TimeoutError}  # a newer one ends an older one
    assert [path.read_bytes() for path in files_in(tmp_path / "media")] == [PHOTO]


async def test_upload_after_finalising_is_refused(db: Database, media: Media, viewer: Viewer) -> None:
    ticket = await sent(db, media, viewer)
    await finalise_upload(db, media, viewer, ticket.upload_id)
    with pytest.raises(Conflict) as caught:
        await put(db, media, ticket, PHOTO)
    assert (caught.value.code, caught.value.state) == ("upload_finished", "SCANNING")


async def test_upload_with_a_made_up_token_is_not_found(db: Database, media: Media, viewer: Viewer) -> None:
    ticket = await request_upload(db, media, viewer, promise(PHOTO))
    elsewhere = replace(media, secret=b"another secret that is long enough")
    token = token_of(ticket)
    forged = [upload_token(elsewhere, ticket.upload_id), token[:-1], token + "A", "", "..", token[:-1] + "é"]
    for attempt in [*forged, upload_token(media, new_id())]:
        with pytest.raises(NotFound):
            await receive_bytes(db, media, attempt, in_pieces(PHOTO))


async def test_upload_after_its_time_is_closed(db: Database, media: Media, viewer: Viewer) -> None:
    waiting, received = await request_upload(db, media, viewer, promise(PHOTO)), await sent(db, media, viewer)
    with time_shifted(timedelta(hours=24, seconds=1)):
        with pytest.raises(Closed):
            await put(db, media, waiting, PHOTO)
        with pytest.raises(Closed):
            await finalise_upload(db, media, viewer, received.upload_id)


async def test_finalise_without_bytes_is_a_conflict(db: Database, media: Media, viewer: Viewer) -> None:
    ticket = await request_upload(db, media, viewer, promise(PHOTO))
    with pytest.raises(Conflict) as caught:
        await finalise_upload(db, media, viewer, ticket.upload_id)
    assert (caught.value.code, caught.value.state) == ("upload_not_received", "REQUESTED")


async def test_finalise_with_the_file_lost_is_a_conflict(
    db: Database, media: Media, viewer: Viewer, tmp_path: Path
) -> None:
    ticket = await sent(db, media, viewer)
    for path in files_in(tmp_path / "media"):
        path.unlink()
    with pytest.raises(Conflict):
        await finalise_upload(db, media, viewer, ticket.upload_id)
    await put(db, media, ticket, PHOTO)
    assert (await finalise_upload(db, media, viewer, ticket.upload_id)).status is AssetStatus.SCANNING


async def test_finalise_by_somebody_else_is_not_found_and_changes_nothing(
    db: Database, media: Media, viewer: Viewer, other: Viewer
) -> None:
    ticket = await sent(db, media, viewer)
    for stranger, error in ((other, NotFound), (ANONYMOUS, Unauthenticated)):
        with pytest.raises(error):
            await finalise_upload(db, media, stranger, ticket.upload_id)
    with pytest.raises(NotFound):
        await finalise_upload(db, media, viewer, new_id())
    assert (await read(db, ticket.asset_id)).status is AssetStatus.UPLOADED


@pytest.mark.parametrize(
    ("data", "content_type", "code"),
    [
        (png_claiming(40_000, 40_000), "image/png", "image_too_large"),
        (jpeg_claiming(65_535, 65_535), "image/jpeg", "image_too_large"),
        (PHOTO, "image/png", "media_type_mismatch"),
        (b"<svg onload='alert(1)'/>", "image/png", "media_type_unknown"),
        (b"<!doctype html><script>alert(1)</script>", "image/jpeg", "media_type_unknown"),
        (PHOTO[:300], "image/jpeg", "image_damaged"),
        (saved(picture(50, 40), "WEBP")[:-20], "image/webp", "image_damaged"),
    ],
)
async def test_finalise_of_a_bad_file_rejects_it_for_good(
    db: Database, media: Media, viewer: Viewer, tmp_path: Path, data: bytes, content_type: str, code: str
) -> None:
    ticket = await sent(db, media, viewer, data, content_type)
    for _ in range(2):
        with pytest.raises(DomainError) as caught:
            await finalise_upload(db, media, viewer, ticket.upload_id)
        assert caught.value.code == code
    asset = await read(db, ticket.asset_id)
    assert (asset.status, asset.reason) == (AssetStatus.REJECTED, code)
    assert files_in(tmp_path / "media") == []
    async with db.reading() as conn:
        assert await conn.fetch_value("select count(*) from pgqueuer") == 0


async def test_finalise_beyond_what_may_wait_of_one_person_changes_nothing(
    db: Database, media: Media, viewer: Viewer, other: Viewer
) -> None:
    small = replace(media, waiting_pictures=2)
    tickets = [await sent(db, small, viewer) for _ in range(4)]
    asked = [finalise_upload(db, small, viewer, one.upload_id) for one in tickets]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [answer.code for answer in answers if isinstance(answer, RateLimited)] == ["uploads_waiting"] * 2
    states = [(await read(db, one.asset_id)).status for one in tickets]
    assert sorted(states) == [AssetStatus.SCANNING] * 2 + [AssetStatus.UPLOADED] * 2
    await finalise_upload(db, small, other, (await sent(db, small, other)).upload_id)
    for one, status in zip(tickets, states, strict=True):
        if status is AssetStatus.SCANNING:
            await process_asset(db, small, one.asset_id)
    for one in tickets:
        await finalise_upload(db, small, viewer, one.upload_id)
