"""A store in a folder of its own, two people, and pictures in any state."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from backend.core.database import Database
from backend.core.ids import Id, new_id
from backend.core.viewer import Viewer
from media.attaching import release, revoke
from media.blobs.folder import FolderStore
from media.config import Media
from media.processing.jobs import process_asset
from media.rules import People
from media.service import Words, assets_for, describe_asset
from media.uploads.sending import NewUpload, finalise_upload, receive_bytes, request_upload
from media.views import AssetView, Ticket
from tests.media.files import exif, picture, saved

PHOTO = saved(picture(600, 400), "JPEG", exif=exif(6))


@pytest.fixture
def media(tmp_path: Path) -> Media:
    return Media(blobs=FolderStore(tmp_path / "media"), secret=b"only-the-tests-know-this-secret-0123456789")


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


def token_of(ticket: Ticket) -> str:
    return ticket.address.rpartition("/")[2]


async def sent(
    db: Database, media: Media, viewer: Viewer, data: bytes = PHOTO, content_type: str = "image/jpeg"
) -> Ticket:
    """A ticket whose bytes have been received."""
    ticket = await request_upload(db, media, viewer, promise(data, content_type))
    await receive_bytes(db, media, token_of(ticket), in_pieces(data))
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
