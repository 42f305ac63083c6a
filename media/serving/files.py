"""Which file an address means at this moment: the state in the database decides each time, so hiding is instant."""

import re
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta

from backend.core.database import Database
from media import store
from media.blobs.protocol import BlobName, rendition_name
from media.config import Media
from media.formats import CONTENT_TYPES, EXTENSIONS
from media.rules import may_show, may_show_public
from media.serving.addresses import signed_for
from media.serving.ranges import Span
from media.views import ServedFile

# Whatever else stands in an address never reaches the database.
_KEY = re.compile(r"[0-9A-Za-z_-]{22}\Z")
_NAME = re.compile(rf"([0-9a-f]{{64}})\.({EXTENSIONS})\Z")
# An address at the store outlives hiding by as much; long enough to follow a redirect on a bad network.
_STORE_ADDRESS_LIFE = timedelta(seconds=45)
# Read in one go. A movie is not: a browser asks for each further part of it where the first answer came from, so a
# pause would outlive the address. Captions stay too: a browser that was led on no longer says where it comes from, so
# the bucket would have to let every page in.
_READ_AT_THE_STORE = frozenset({"webp", "jpeg"})


async def find_public(db: Database, *, key: str, name: str) -> ServedFile | None:
    """The file behind a public address; None when there is none, or none any more."""
    if not (_KEY.match(key) and (parts := _NAME.match(name))):
        return None
    async with db.reading() as conn:
        file = await store.find_file(conn, sha256=parts[1], format_=parts[2], key=key)
    return file if file is not None and may_show_public(file.status, is_public=file.is_public) else None


async def find_signed(db: Database, media: Media, *, stamp: str, name: str, now: datetime) -> ServedFile | None:
    """The file behind a signed address; None when the address is forged or over, or the picture is hidden from it.

    `now` is when it was asked for: a slow reader of a long movie may need longer than the address lives.
    """
    parts = _NAME.match(name)
    if parts is None:
        return None
    permit = signed_for(media, stamp, now=now)
    if permit is None:
        return None
    async with db.reading() as conn:
        file = await store.find_file(conn, sha256=parts[1], format_=parts[2], asset_id=permit.asset_id)
    return file if file is not None and may_show(file.status, permit.reach) else None


async def store_address(media: Media, file: ServedFile) -> str | None:
    """Where the store itself gives the file to whoever asks within the next seconds; None: it must be streamed."""
    if file.format not in _READ_AT_THE_STORE:
        return None
    return await media.blobs.signed_get(_name(file), life=_STORE_ADDRESS_LIFE, content_type=CONTENT_TYPES[file.format])


def stream_file(media: Media, file: ServedFile, span: Span) -> AsyncGenerator[bytes]:
    """These bytes of it, in pieces. Raises BlobMissing at the first."""
    return media.blobs.stream(_name(file), span.start, span.end)


def _name(file: ServedFile) -> BlobName:
    return rendition_name(file.asset_id, file.sha256, file.format)
