"""The addresses of cards and bundles, and what they give: signed, for some minutes, gone when the sharing ends."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from re import compile as pattern
from uuid import UUID

from backend.campaigns.store import shared_files as store
from backend.campaigns.store.shared_files import FileRow
from backend.core import audit
from backend.core.clock import process_now
from backend.core.database import Database
from backend.core.derive import derive_bytes
from backend.core.ids import Id
from media.blobs.protocol import shared_name
from media.config import Media

_STAMP = pattern(r"[0-9A-Za-z_-]{50}\Z")
_NAME = pattern(r"([0-9a-f]{64})\.(png|zip)\Z")
_MAC_BYTES = 16
_GRACE = timedelta(seconds=5)  # clocks of two hosts differ a little
_EDITOR, _AUTHOR = b"e", b"a"


def address_of(media: Media, file: FileRow, *, now: datetime, for_editor: bool) -> str:
    """Where to read a file for the next minutes. What an editor reads counts as gone out; not what an author reads."""
    expires_at = now.replace(second=0, microsecond=0) + media.address_life
    body = file.id.bytes + int(expires_at.timestamp()).to_bytes(4, "big") + (_EDITOR if for_editor else _AUTHOR)
    stamp = urlsafe_b64encode(body + _mac(media, body)).decode().rstrip("=")
    return f"{media.public_url}/shared/{stamp}/{file.sha256}.{file.format}"


async def find_file(db: Database, media: Media, *, stamp: str, name: str, now: datetime) -> FileRow | None:
    """The file behind an address that was asked for at that time, if it may be sent; nothing is taken away by this."""
    parts, permit = _NAME.match(name), _permit(media, stamp, now)
    if parts is None or permit is None:
        return None
    async with db.reading() as conn:
        return await store.find_ready_file(conn, permit[0], sha256=parts[1], format_=parts[2])


async def fetch_file(db: Database, media: Media, *, stamp: str, name: str) -> FileRow | None:
    """The file behind an address; None when it is forged or over, or the card or bundle has gone.

    What an editor fetches has gone out from here on.
    """
    parts, permit = _NAME.match(name), _permit(media, stamp, process_now())
    if parts is None or permit is None:
        return None
    file_id, for_editor = permit
    async with db.transaction() as tx:
        file = await store.lock_ready_file(tx, file_id, sha256=parts[1], format_=parts[2], to_mark=for_editor)
        if file is not None and for_editor:
            card_id = await store.mark_fetched(tx, file_id)
            if card_id is not None:
                await audit.record(tx, None, "editor:share_card:fetched", ("share_card", card_id))
        return file


def read_file(media: Media, file: FileRow) -> AsyncGenerator[bytes]:
    """Its bytes, in pieces. Raises BlobMissing at the first."""
    return media.blobs.stream(shared_name(file.id, file.sha256, file.format))


def _permit(media: Media, stamp: str, now: datetime) -> tuple[Id, bool] | None:
    try:
        raw = urlsafe_b64decode(stamp + "=" * (-len(stamp) % 4)) if _STAMP.match(stamp) else b""
    except (NotBase64, ValueError):
        return None
    body, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    if len(body) != 21 or not hmac.compare_digest(_mac(media, body), mac):
        return None
    expires_at = datetime.fromtimestamp(int.from_bytes(body[16:20], "big"), UTC)
    return (UUID(bytes=body[:16]), body[20:] == _EDITOR) if now < expires_at + _GRACE else None


def _mac(media: Media, body: bytes) -> bytes:
    return derive_bytes(media.secret, "shared", body.hex())[:_MAC_BYTES]
