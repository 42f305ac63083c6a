"""Stamps in addresses: what may be read, for whom and until when, under our own signature. No database is asked."""

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

_STAMP = re.compile(r"[0-9A-Za-z_-]{50}\Z")
_MAC_BYTES = 16
_GRACE = timedelta(seconds=5)  # clocks of two hosts differ a little


@dataclass(frozen=True, slots=True)
class Permit:
    """What a stamp permits: reading what has this id, until a time, as one kind of reader (a single letter)."""

    of: Id
    expires_at: datetime
    reader: str


def permit_from(media: Media, of: Id, reader: str, *, now: datetime) -> Permit:
    """One for the next minutes. Rounded to minutes, so that a list read twice has the same addresses and the phone its
    pictures.
    """
    return Permit(of, now.replace(second=0, microsecond=0) + media.address_life, reader)


def sign(media: Media, purpose: str, permit: Permit) -> str:
    """The stamp: 50 characters of an address. One for a purpose is worth nothing for another."""
    body = permit.of.bytes + int(permit.expires_at.timestamp()).to_bytes(4, "big") + permit.reader.encode("ascii")
    return urlsafe_b64encode(body + derive_bytes(media.secret, purpose, body.hex())[:_MAC_BYTES]).decode().rstrip("=")


def permit_of(media: Media, purpose: str, stamp: str, *, now: datetime) -> Permit | None:
    """What the stamp permits; None when it is forged or over."""
    try:
        raw = urlsafe_b64decode(stamp + "==") if _STAMP.match(stamp) else b""
        expires_at = datetime.fromtimestamp(int.from_bytes(raw[16:20], "big"), UTC)
        claimed = Permit(UUID(bytes=raw[:16]), expires_at, raw[20:21].decode("ascii"))
    except (NotBase64, ValueError):
        return None
    is_genuine = hmac.compare_digest(sign(media, purpose, claimed), stamp)
    return claimed if is_genuine and now < expires_at + _GRACE else None
