"""The addresses of cards and bundles, and what they give: signed, for some minutes, gone when the sharing ends."""

from collections.abc import AsyncGenerator
from datetime import datetime
from re import compile as pattern

from backend.campaigns.store import shared_files as store
from backend.campaigns.store.shared_files import FileRow
from backend.core import audit
from backend.core.clock import process_now
from backend.core.database import Database
from media.blobs.protocol import shared_name
from media.config import Media
from media.serving.stamps import permit_from, permit_of, sign

_NAME = pattern(r"([0-9a-f]{64})\.(png|zip)\Z")
_PURPOSE = "shared"
_EDITOR, _AUTHOR = "e", "a"


def address_of(media: Media, file: FileRow, *, now: datetime, for_editor: bool) -> str:
    """Where to read a file for the next minutes. What an editor reads counts as gone out; not what an author reads."""
    permit = permit_from(media, file.id, _EDITOR if for_editor else _AUTHOR, now=now)
    return f"{media.public_url}/shared/{sign(media, _PURPOSE, permit)}/{file.sha256}.{file.format}"


async def find_file(db: Database, media: Media, *, stamp: str, name: str, now: datetime) -> FileRow | None:
    """The file behind an address that was asked for at that time, if it may be sent; nothing is taken away by this."""
    parts, permit = _NAME.match(name), permit_of(media, _PURPOSE, stamp, now=now)
    if parts is None or permit is None:
        return None
    async with db.reading() as conn:
        return await store.find_ready_file(conn, permit.of, sha256=parts[1], format_=parts[2])


async def fetch_file(db: Database, media: Media, *, stamp: str, name: str) -> FileRow | None:
    """The file behind an address; None when it is forged or over, or the card or bundle has gone.

    What an editor fetches has gone out from here on.
    """
    parts, permit = _NAME.match(name), permit_of(media, _PURPOSE, stamp, now=process_now())
    if parts is None or permit is None:
        return None
    for_editor = permit.reader == _EDITOR
    async with db.transaction() as tx:
        file = await store.lock_ready_file(tx, permit.of, sha256=parts[1], format_=parts[2], to_mark=for_editor)
        if file is not None and for_editor:
            card_id = await store.mark_fetched(tx, permit.of)
            if card_id is not None:
                await audit.record(tx, None, "editor:share_card:fetched", ("share_card", card_id))
        return file


def read_file(media: Media, file: FileRow) -> AsyncGenerator[bytes]:
    """Its bytes, in pieces. Raises BlobMissing at the first."""
    return media.blobs.stream(shared_name(file.id, file.sha256, file.format))
