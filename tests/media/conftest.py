"""A store in a folder of its own, two people, and pictures in any state."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from backend.core.database import Database
from backend.core.ids import Id, new_id
from backend.core.viewer import Viewer
from media.attaching import release, revoke
from media.blobs.folder import FolderStore
from media.blobs.s3 import S3Store
from media.blobs.s3_direct import S3Direct
from media.config import Media
from media.processing.jobs import process_asset
from media.rules import People
from media.service import Words, assets_for, describe_asset
from media.uploads.finalising import finalise_upload
from media.uploads.receiving import receive_bytes
from media.uploads.tickets import NewUpload, request_upload
from media.uploads.views import Destination, PartTicket, Ticket
from media.views import AssetView
from tests.media.files import exif, picture, saved

PHOTO = saved(picture(600, 400), "JPEG", exif=exif(6))


SECRET = b"only-the-tests-know-this-secret-0123456789"
# For tests and whole modules whose outcome could depend on where the bytes are.
both_stores = pytest.mark.parametrize("media", ["folder", "bucket"], indirect=True)


@pytest.fixture
def media(request: pytest.FixtureRequest, tmp_path: Path) -> Media:
    """In a folder; with `both_stores` in a folder and in a bucket."""
    if getattr(request, "param", "folder") == "folder":
        return Media(blobs=FolderStore(tmp_path / "media"), secret=SECRET)
    store = S3Store(request.getfixturevalue("s3_place"))
    return Media(blobs=store, direct=S3Direct(store), secret=SECRET)


@pytest.fixture
def viewer() -> Viewer:
    return Viewer(account_id=new_id(), handle="sara")


@pytest.fixture
def other() -> Viewer:
    return Viewer(account_id=new_id(), handle="other")


async def in_pieces(data: bytes, size: int = 700) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


def promise(data: bytes, content_type: str = "image/jpeg") -> NewUpload:
    return NewUpload(content_type=content_type, size=len(data), sha256=hashlib.sha256(data).hexdigest())


def token_of(ticket: Ticket | PartTicket) -> str:
    return ticket.destination.address.rpartition("/")[2]


async def put_direct(destination: Destination, data: bytes, **headers: str) -> int:
    """PUT as a phone does, with the headers it was told; the status."""
    async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(verify=False)) as http:
        answer = await http.put(destination.address, content=data, headers={**destination.headers, **headers})
    return answer.status_code


async def deliver(db: Database, media: Media, ticket: Ticket | PartTicket, data: bytes) -> None:
    """Send the bytes to wherever the ticket says."""
    if media.direct is None:
        await receive_bytes(db, media, token_of(ticket), in_pieces(data))
    else:
        assert await put_direct(ticket.destination, data) == 200


async def names_in(media: Media, prefix: str = "") -> list[str]:
    """What the store holds."""
    return sorted([blob.name async for page in media.blobs.pages(prefix) for blob in page])


async def sent(
    db: Database, media: Media, viewer: Viewer, data: bytes = PHOTO, content_type: str = "image/jpeg"
) -> Ticket:
    """A ticket whose bytes have been received."""
    ticket = await request_upload(db, media, viewer, promise(data, content_type))
    await deliver(db, media, ticket, data)
    return ticket


async def read(db: Database, asset_id: Id) -> AssetView:
    async with db.reading() as conn:
        return (await assets_for(conn, [asset_id]))[asset_id]


MakeAsset = Callable[..., Awaitable[AssetView]]


@pytest.fixture
def make_asset(db: Database, media: Media, viewer: Viewer) -> MakeAsset:
    """A clean picture of `viewer`, described and perhaps released or revoked."""

    async def make(*, shown: bool | None = None, is_public: bool = False) -> AssetView:
        ticket = await sent(db, media, viewer)
        await finalise_upload(db, media, viewer, ticket.upload_id)
        await process_asset(db, media, ticket.asset_id)
        await describe_asset(db, viewer, ticket.asset_id, Words("A gradient", People.NONE))
        if shown is not None:
            async with db.transaction() as tx:
                await release(tx, [ticket.asset_id], is_public=is_public)
                if not shown:
                    await revoke(tx, [ticket.asset_id])
        return await read(db, ticket.asset_id)

    return make
