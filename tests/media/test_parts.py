"""Sending in parts, on both stores: any order, again, at once, half, wrong, foreign, late."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.clock import time_shifted
from backend.core.database import Database
from backend.core.errors import Closed, Conflict, NotAllowed, NotFound, RateLimited, Unauthenticated
from backend.core.errors import ValidationFailed as Wrong
from backend.core.ids import Id, new_id
from backend.core.viewer import ANONYMOUS, Viewer
from media.blobs.protocol import BlobName, StoreUnavailable, original_name, part_name
from media.config import Media
from media.processing.jobs import process_asset
from media.retention.ending import expire_uploads
from media.rules import AssetStatus
from media.uploads.addresses import upload_token
from media.uploads.finalising import finalise_upload
from media.uploads.parts import drop_parts, request_part
from media.uploads.receiving import receive_bytes
from media.uploads.tickets import find_ticket, request_upload
from media.uploads.views import PartTicket, Ticket
from tests.media.conftest import PHOTO, both_stores, deliver, in_pieces, names_in, promise, put_direct, read, token_of

PART = 4_000
PARTS = [PHOTO[at : at + PART] for at in range(0, len(PHOTO), PART)]
pytestmark = both_stores


@pytest.fixture
def media(media: Media) -> Media:
    return replace(media, part_bytes=PART)


async def ask(db: Database, media: Media, viewer: Viewer, ticket: Ticket, number: int, data: bytes) -> PartTicket:
    sha256 = hashlib.sha256(data).hexdigest()
    return await request_part(db, media, viewer, ticket.upload_id, number, size=len(data), sha256=sha256)


async def send(db: Database, media: Media, viewer: Viewer, ticket: Ticket, number: int) -> None:
    data = PARTS[number - 1]
    await deliver(db, media, await ask(db, media, viewer, ticket, number, data), data)


async def begun(db: Database, media: Media, viewer: Viewer) -> Ticket:
    return await request_upload(db, media, viewer, promise(PHOTO))


async def arrived(db: Database, media: Media, viewer: Viewer, ticket: Ticket) -> list[int]:
    found = await find_ticket(db, media, viewer, ticket.upload_id)
    assert found is not None
    return [part.number for part in found.parts]


async def test_parts_in_any_order_again_and_at_once_become_the_file(db: Database, media: Media, viewer: Viewer) -> None:
    ticket = await begun(db, media, viewer)
    assert (ticket.part_bytes, ticket.part_count, ticket.parts) == (PART, len(PARTS), ())
    await asyncio.gather(*(send(db, media, viewer, ticket, number) for number in range(len(PARTS), 0, -1)))
    await asyncio.gather(*(send(db, media, viewer, ticket, number) for number in (1, 2, len(PARTS))))
    assert await arrived(db, media, viewer, ticket) == list(range(1, len(PARTS) + 1))
    answers = await asyncio.gather(*(finalise_upload(db, media, viewer, ticket.upload_id) for _ in range(3)))
    assert {answer.status for answer in answers} == {AssetStatus.SCANNING}
    assert await names_in(media) == [original_name(ticket.asset_id)]
    assert await media.blobs.read(original_name(ticket.asset_id)) == PHOTO
    assert await find_ticket(db, media, viewer, ticket.upload_id) is None
    await process_asset(db, media, ticket.asset_id)
    assert (await read(db, ticket.asset_id)).status is AssetStatus.CLEAN


async def test_file_is_joined_once_however_often_it_is_finalised_at_once(
    db: Database, media: Media, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket, put, joins = await begun(db, media, viewer), media.blobs.put, []
    for number in range(1, len(PARTS) + 1):
        await send(db, media, viewer, ticket, number)

    async def counted(name: BlobName, pieces: AsyncIterator[bytes]) -> None:
        joins.append(name)
        await put(name, pieces)

    monkeypatch.setattr(media.blobs, "put", counted)
    answers = await asyncio.gather(*(finalise_upload(db, media, viewer, ticket.upload_id) for _ in range(6)))
    assert {answer.status for answer in answers} == {AssetStatus.SCANNING}
    assert joins == ([original_name(ticket.asset_id)] if media.direct is None else [])  # the bucket joins by itself


async def test_parts_resume_after_another_start_of_the_app(db: Database, media: Media, viewer: Viewer) -> None:
    key = "resumes-after-restart"
    ticket = await request_upload(db, media, viewer, promise(PHOTO), client_key=key)
    await send(db, media, viewer, ticket, 2)
    with pytest.raises(Conflict) as caught:
        await finalise_upload(db, media, viewer, ticket.upload_id)
    assert caught.value.code == "upload_parts_missing"
    again = await request_upload(db, media, viewer, promise(PHOTO), client_key=key)
    assert [part.number for part in again.parts] == await arrived(db, media, viewer, ticket) == [2]
    for number in range(1, len(PARTS) + 1):
        if number not in (2, 3):
            await send(db, media, viewer, again, number)
    await ask(db, media, viewer, again, 3, PARTS[2])
    with pytest.raises(Conflict):
        await finalise_upload(db, media, viewer, ticket.upload_id)
    await send(db, media, viewer, again, 3)
    assert (await finalise_upload(db, media, viewer, ticket.upload_id)).status is AssetStatus.SCANNING


async def test_large_file_may_also_come_whole(db: Database, media: Media, viewer: Viewer) -> None:
    ticket = await begun(db, media, viewer)
    await deliver(db, media, ticket, PHOTO)
    assert (await finalise_upload(db, media, viewer, ticket.upload_id)).status is AssetStatus.SCANNING


@pytest.mark.parametrize(
    ("number", "size", "code", "path"),
    [
        (0, PART, "part_unknown", "number"),
        (-1, PART, "part_unknown", "number"),
        (len(PARTS) + 1, PART, "part_unknown", "number"),
        (2**31 - 1, PART, "part_unknown", "number"),
        (1, PART - 1, "part_size_wrong", "bytes"),
        (1, PART + 1, "part_size_wrong", "bytes"),
        (len(PARTS), PART, "part_size_wrong", "bytes"),
    ],
)
async def test_part_that_does_not_belong_to_the_file_is_refused(
    db: Database, media: Media, viewer: Viewer, number: int, size: int, code: str, path: str
) -> None:
    ticket = await begun(db, media, viewer)
    with pytest.raises(Wrong) as caught:
        await request_part(db, media, viewer, ticket.upload_id, number, size=size, sha256="0" * 64)
    assert (caught.value.code, caught.value.path) == (code, (path,))
    with pytest.raises(Wrong) as caught:
        await request_part(db, media, viewer, ticket.upload_id, 1, size=PART, sha256="x" * 64)
    assert caught.value.code == "sha256_malformed"


async def test_small_file_has_no_parts(db: Database, media: Media, viewer: Viewer) -> None:
    whole = replace(media, part_bytes=len(PHOTO))
    ticket = await begun(db, whole, viewer)
    assert (ticket.part_bytes, ticket.part_count) == (None, None)
    with pytest.raises(Wrong) as caught:
        await ask(db, whole, viewer, ticket, 1, PHOTO)
    assert caught.value.code == "upload_not_in_parts"


async def test_ticket_of_what_has_no_parts_here_asks_for_none(
    db: Database, media: Media, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = await begun(db, media, viewer)
    await send(db, media, viewer, large, 2)

    async def never(*_: object) -> None:
        raise AssertionError

    with monkeypatch.context() as patch:
        patch.setattr("media.uploads.uploads_store.list_parts", never)
        assert (await begun(db, replace(media, part_bytes=len(PHOTO)), viewer)).parts == ()
        if media.direct is not None:
            assert await arrived(db, media, viewer, large) == [2]
    assert await arrived(db, media, viewer, large) == [2]


async def test_part_of_other_bytes_or_another_length_does_not_arrive(
    db: Database, media: Media, viewer: Viewer
) -> None:
    ticket = await begun(db, media, viewer)
    part = await ask(db, media, viewer, ticket, 1, PARTS[0])
    for data in (PARTS[0][:-1] + b"x", PARTS[0][:-1], PARTS[0] + b"x", b""):
        if media.direct is None:
            with pytest.raises(Wrong):
                await receive_bytes(db, media, token_of(part), in_pieces(data))
        else:
            assert await put_direct(part.destination, data) in (400, 403)
    assert await arrived(db, media, viewer, ticket) == []
    assert await names_in(media) == []


async def test_part_promised_anew_has_to_come_again(db: Database, media: Media, viewer: Viewer) -> None:
    ticket = await begun(db, media, viewer)
    for number in range(1, len(PARTS) + 1):
        await send(db, media, viewer, ticket, number)
    await ask(db, media, viewer, ticket, 1, b"x" * PART)
    if media.direct is None:
        with pytest.raises(Conflict) as refused:
            await finalise_upload(db, media, viewer, ticket.upload_id)
        assert refused.value.code == "upload_parts_missing"
        return
    # A bucket that does not tell the checksums of parts joins what came first. The whole is looked at all the same.
    await finalise_upload(db, media, viewer, ticket.upload_id)
    await process_asset(db, media, ticket.asset_id)
    assert (await read(db, ticket.asset_id)).status is AssetStatus.CLEAN


async def test_parts_that_are_not_the_promised_file_are_refused_for_good(
    db: Database, media: Media, viewer: Viewer
) -> None:
    ticket = await begun(db, media, viewer)
    for number, data in enumerate(PARTS, 1):
        other = data if number < len(PARTS) else bytes(len(data))
        await deliver(db, media, await ask(db, media, viewer, ticket, number, other), other)
    if media.direct is None:
        with pytest.raises(Wrong):
            await finalise_upload(db, media, viewer, ticket.upload_id)
    else:
        await finalise_upload(db, media, viewer, ticket.upload_id)
        await process_asset(db, media, ticket.asset_id)
    asset = await read(db, ticket.asset_id)
    assert (asset.status, asset.reason) == (AssetStatus.REJECTED, "upload_hash_mismatch")
    assert await names_in(media) == []


async def test_part_by_somebody_else_is_not_found(db: Database, media: Media, viewer: Viewer, other: Viewer) -> None:
    ticket, foreign = await begun(db, media, viewer), await begun(db, media, other)
    for stranger, error in ((other, NotFound), (ANONYMOUS, Unauthenticated)):
        with pytest.raises(error):
            await ask(db, media, stranger, ticket, 1, PARTS[0])
    with pytest.raises(NotAllowed):
        await ask(db, media, replace(viewer, is_restricted=True), ticket, 1, PARTS[0])
    assert await find_ticket(db, media, other, ticket.upload_id) is None
    assert await find_ticket(db, media, viewer, new_id()) is None
    for number in (1, 2, 500):
        guessed = upload_token(media, foreign.upload_id, number)
        with pytest.raises(NotFound):  # nobody asked for this part
            await receive_bytes(db, media, guessed, in_pieces(PARTS[0]))
    assert await names_in(media) == []


async def test_part_after_finalising_or_in_another_upload_changes_nothing(
    db: Database, media: Media, viewer: Viewer
) -> None:
    ticket = await begun(db, media, viewer)
    parts = [await ask(db, media, viewer, ticket, number, data) for number, data in enumerate(PARTS, 1)]
    for part, data in zip(parts, PARTS, strict=True):
        await deliver(db, media, part, data)
    await finalise_upload(db, media, viewer, ticket.upload_id)
    with pytest.raises(Conflict) as caught:
        await ask(db, media, viewer, ticket, 1, PARTS[0])
    assert (caught.value.code, caught.value.state) == ("upload_finished", "SCANNING")
    if media.direct is None:
        with pytest.raises(Conflict):
            await receive_bytes(db, media, token_of(parts[0]), in_pieces(PARTS[0]))
    else:
        assert await put_direct(parts[0].destination, PARTS[0]) >= 400
    assert await names_in(media) == [original_name(ticket.asset_id)]
    assert await media.blobs.read(original_name(ticket.asset_id)) == PHOTO


async def test_abandoned_parts_go_after_a_day(db: Database, media: Media, viewer: Viewer) -> None:
    ticket = await begun(db, media, viewer)
    part = await ask(db, media, viewer, ticket, 1, PARTS[0])
    await deliver(db, media, part, PARTS[0])
    with time_shifted(timedelta(hours=25)):
        with pytest.raises(Closed):
            await ask(db, media, viewer, ticket, 2, PARTS[1])
        with pytest.raises(Closed):
            await finalise_upload(db, media, viewer, ticket.upload_id)
        assert await find_ticket(db, media, viewer, ticket.upload_id) is None
        assert await expire_uploads(db, media) == 1
    assert await names_in(media) == []
    assert await left(db) == 0
    if media.direct is not None:
        assert await put_direct(part.destination, PARTS[0]) >= 400


async def left(db: Database) -> int:
    async with db.reading() as conn:
        return int(
            await conn.fetch_value(
                "select (select count(*) from upload_part) + (select count(*) from upload where multipart is not null)"
            )
        )


async def test_finalise_killed_after_joining_is_safe_to_repeat(
    db: Database, media: Media, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = await begun(db, media, viewer)
    for number in range(1, len(PARTS) + 1):
        await send(db, media, viewer, ticket, number)

    async def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    for step in ("media.uploads.finalising._finalise", "media.uploads.finalising._tidy"):
        with monkeypatch.context() as patch:
            patch.setattr(step, killed)
            with pytest.raises(KeyboardInterrupt):
                await finalise_upload(db, media, viewer, ticket.upload_id)
    assert (await finalise_upload(db, media, viewer, ticket.upload_id)).status is AssetStatus.SCANNING
    await drop_parts(db, media)
    assert await names_in(media) == [original_name(ticket.asset_id)]
    assert await left(db) == 0


async def finalised_untidily(db: Database, media: Media, viewer: Viewer, patch: pytest.MonkeyPatch) -> Ticket:
    """Finalised, with the parts still in the store."""

    async def killed(*_: object) -> None:
        raise KeyboardInterrupt

    ticket = await begun(db, media, viewer)
    for number in range(1, len(PARTS) + 1):
        await send(db, media, viewer, ticket, number)
    with patch.context() as during:
        during.setattr("media.uploads.finalising._tidy", killed)
        with pytest.raises(KeyboardInterrupt):
            await finalise_upload(db, media, viewer, ticket.upload_id)
    return ticket


def refuse_to_drop(media: Media, ticket: Ticket, patch: pytest.MonkeyPatch) -> None:
    """From now on the store removes none of the parts of this upload."""
    target, method = (media.blobs, "delete") if media.direct is None else (media.direct, "drop")
    refused, real = {original_name(ticket.asset_id), part_name(ticket.upload_id, 1)}, getattr(target, method)

    async def remove(name: BlobName, *more: str) -> None:
        if name in refused:
            raise StoreUnavailable("AccessDenied")
        await real(name, *more)

    patch.setattr(target, method, remove)


async def with_left_parts(db: Database) -> list[Id]:
    async with db.reading() as conn:
        rows = await conn.fetch(
            "select id from upload u where multipart is not null"
            " or exists (select from upload_part p where p.upload_id = u.id) order by id"
        )
    return [row["id"] for row in rows]


async def test_parts_that_cannot_be_removed_keep_no_others(
    db: Database, media: Media, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    stubborn, other = [await finalised_untidily(db, media, viewer, monkeypatch) for _ in range(2)]
    assert await with_left_parts(db) == [stubborn.upload_id, other.upload_id]
    monkeypatch.setattr("media.uploads.parts._BATCH", 1)
    with monkeypatch.context() as patch:
        refuse_to_drop(media, stubborn, patch)
        with pytest.raises(StoreUnavailable):
            await drop_parts(db, media)
    assert await with_left_parts(db) == [stubborn.upload_id]
    assert await names_in(media, f"part/{other.upload_id.hex}/") == []
    await drop_parts(db, media)
    assert await left(db) == 0
    assert await names_in(media, "part/") == []


async def test_sweep_of_parts_with_nothing_to_do_writes_nothing(
    db: Database, media: Media, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begun(db, media, viewer)

    def never() -> None:
        raise AssertionError

    monkeypatch.setattr(db, "transaction", never)
    await drop_parts(db, media)


async def test_store_away_changes_nothing_and_says_when_to_try_again(
    db: Database, media: Media, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = await begun(db, media, viewer)
    for number in range(1, len(PARTS) + 1):
        await send(db, media, viewer, ticket, number)

    async def away(*_: object) -> AsyncIterator[bytes]:
        raise StoreUnavailable("507")

    with monkeypatch.context() as patch:
        patch.setattr(media.blobs, "put" if media.direct is None else "look", away)
        with pytest.raises(RateLimited) as caught:
            await finalise_upload(db, media, viewer, ticket.upload_id)
    assert (caught.value.code, caught.value.retry_after_seconds) == ("store_unavailable", 30)
    assert (await read(db, ticket.asset_id)).status is AssetStatus.REQUESTED
    assert (await finalise_upload(db, media, viewer, ticket.upload_id)).status is AssetStatus.SCANNING
