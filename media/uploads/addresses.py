"""Where bytes are PUT: at our own address with a token that only we can make, or straight in the bucket."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from datetime import datetime, timedelta
from uuid import UUID

from backend.core.derive import derive_bytes
from backend.core.ids import Id
from media.blobs.direct import DirectPut, Promise
from media.blobs.protocol import original_name
from media.config import Media
from media.uploads.views import Destination, PartRow, UploadRow

_MAC_BYTES = 16
_WHOLE = 0
# A new address is one question away, and an old one is one more way in.
DIRECT_LIFE = timedelta(hours=1)


def upload_token(media: Media, upload_id: Id, part: int = _WHOLE) -> str:
    """The secret part of our own PUT address, of the whole file or of a part; the same each time."""
    body = upload_id.bytes + (part.to_bytes(2, "big") if part != _WHOLE else b"")
    mac = derive_bytes(media.secret, "upload", body.hex())[:_MAC_BYTES]
    return urlsafe_b64encode(body + mac).decode().rstrip("=")


def upload_of(media: Media, token: str) -> tuple[Id, int] | None:
    """The upload that a token is for, and the number of the part (0: the whole file); None when we did not make it."""
    try:
        raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (NotBase64, ValueError):
        return None
    if len(raw) not in (16 + _MAC_BYTES, 18 + _MAC_BYTES):
        return None
    upload_id, part = UUID(bytes=raw[:16]), int.from_bytes(raw[16:-_MAC_BYTES], "big")
    return (upload_id, part) if hmac.compare_digest(upload_token(media, upload_id, part), token) else None


def upload_address(media: Media, upload_id: Id, part: int = _WHOLE) -> str:
    """Our own address."""
    return f"{media.public_url}/uploads/{upload_token(media, upload_id, part)}"


async def whole_destination(media: Media, upload: UploadRow, *, now: datetime) -> Destination:
    """Where the whole file goes. For an upload that is over, an address that says so."""
    if media.direct is None or upload.is_over(now):
        return Destination(upload_address(media, upload.id), {"content-type": upload.content_type})
    promise = Promise(upload.size, upload.sha256, upload.content_type)
    return _put(await media.direct.address(original_name(upload.asset_id), promise, life=_life(upload, now)))


async def part_destination(media: Media, upload: UploadRow, part: PartRow, *, now: datetime) -> Destination:
    """Where one part goes."""
    if media.direct is None or upload.multipart is None:
        return Destination(upload_address(media, upload.id, part.number))
    name, promise = original_name(upload.asset_id), Promise(part.size, part.sha256)
    return _put(await media.direct.part_address(name, upload.multipart, part.number, promise, life=_life(upload, now)))


def _life(upload: UploadRow, now: datetime) -> timedelta:
    return min(DIRECT_LIFE, upload.expires_at - now)


def _put(direct: DirectPut) -> Destination:
    return Destination(direct.address, direct.headers)
