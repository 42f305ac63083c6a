"""Secrets that are derived, not stored: the same request gives the same token or passphrase again."""

import hashlib
import hmac
from base64 import urlsafe_b64encode


def derive_bytes(secret: bytes, purpose: str, *parts: str) -> bytes:
    """32 bytes from the server's secret, bound to a purpose and its parts (length-prefixed, so no two collide)."""
    body = b"".join(len(part.encode()).to_bytes(4) + part.encode() for part in (purpose, *parts))
    return hmac.digest(secret, body, "sha256")


def derive_token(secret: bytes, purpose: str, *parts: str) -> str:
    """The same as URL-safe text of 43 characters."""
    return urlsafe_b64encode(derive_bytes(secret, purpose, *parts)).decode().rstrip("=")


def token_hash(token: str) -> bytes:
    """How an opaque token is stored: SHA-256 is enough for 256 random bits."""
    return hashlib.sha256(token.encode()).digest()
