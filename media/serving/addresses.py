"""Addresses of files: public ones by a random key, signed ones that work for some minutes. No database is asked."""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from backend.core.derive import derive_bytes
from backend.core.ids import Id
from media.config import Media
from media.rules import Reach, may_show, may_show_public
from media.views import AssetView, RenditionView

_STAMP = re.compile(r"[0-9A-Za-z_-]{50}\Z")
_MAC_BYTES = 16


@dataclass(frozen=True, slots=True)
class SignedFor:
    """What a signed address permits: the files of one picture, until a time, as a member or an insider."""

    asset_id: Id
    expires_at: datetime
    reach: Reach


def addresses_of(media: Media, asset: AssetView, *, now: datetime, reach: Reach = Reach.MEMBER) -> list[str]:
    """The addresses of a picture's files, in their order, for a viewer who may see it; none while nobody may.

    The public ones if there are any, at the CDN as soon as the copy is there; else some that work for the next
    minutes. That the viewer may, the caller decided.
    """
    if may_show_public(asset.status, is_public=asset.is_public):
        return [f"{_public_folder(media, file)}/{asset.key}/{file.sha256}.{file.format}" for file in asset.renditions]
    if not may_show(asset.status, reach):
        return []
    # Rounded to minutes, so that a list read twice has the same addresses and the phone its pictures.
    what = SignedFor(asset.id, now.replace(second=0, microsecond=0) + media.address_life, reach)
    folder = f"{media.public_url}/media/s/{_sign(media, what)}"
    return [f"{folder}/{file.sha256}.{file.format}" for file in asset.renditions]


def _public_folder(media: Media, file: RenditionView) -> str:
    return media.copies_url if media.has_copies and file.is_copied else f"{media.public_url}/media/p"


def signed_for(media: Media, stamp: str, *, now: datetime) -> SignedFor | None:
    """What the stamp permits; None when it is forged or over. Whether the file is the picture's, the caller asks."""
    raw = _bytes(stamp) if _STAMP.match(stamp) else None
    if raw is None:
        return None
    try:
        reach = Reach(chr(raw[20]))
    except ValueError:
        return None
    expires_at = datetime.fromtimestamp(int.from_bytes(raw[16:20], "big"), UTC)
    claimed = SignedFor(UUID(bytes=raw[:16]), expires_at, reach)
    genuine = hmac.compare_digest(_sign(media, claimed), stamp)
    # The grace covers clocks of two hosts that differ a little.
    return claimed if genuine and now < expires_at + timedelta(seconds=5) else None


def _sign(media: Media, what: SignedFor) -> str:
    seconds = int(what.expires_at.timestamp())
    body = what.asset_id.bytes + seconds.to_bytes(4, "big") + what.reach.value.encode()
    return _text(body + derive_bytes(media.secret, "media", body.hex())[:_MAC_BYTES])


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes | None:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (NotBase64, ValueError):
        return None
