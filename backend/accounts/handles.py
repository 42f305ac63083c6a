"""Handles: what somebody signs in with. Plain lower-case letters and digits, never shown to others."""

import re
import unicodedata

from backend.accounts.pseudonyms import passphrase_words
from backend.core.errors import ValidationFailed

MIN_CHARS, MAX_CHARS = 3, 32
_HANDLE = re.compile(r"[a-z0-9](?:[a-z0-9]|[._-](?=[a-z0-9])){1,30}[a-z0-9]")
_PLAIN = str.maketrans({"ø": "o", "æ": "ae", "ð": "d", "þ": "th"})  # every keyboard in the world can type a handle


def normal_handle(typed: str) -> str:
    """How a typed handle is looked up: trimmed, lower-case; empty for what cannot be one."""
    text = typed.strip().lower() if len(typed) <= 4 * MAX_CHARS else ""
    return text if MIN_CHARS <= len(text) <= MAX_CHARS and _HANDLE.fullmatch(text) else ""


def check_handle(typed: str) -> str:
    """The handle to store. Raises ValidationFailed `handle_format`."""
    handle = normal_handle(typed)
    if not handle:
        raise ValidationFailed("handle_format", path=("handle",), min=MIN_CHARS, max=MAX_CHARS)
    return handle


def suggest(seed: bytes) -> str:
    """A handle of two words and four digits from secret bytes; some 10¹⁰ of them."""
    words = "-".join(passphrase_words(seed, words=2)).lower()
    plain = unicodedata.normalize("NFKD", words.translate(_PLAIN)).encode("ascii", "ignore").decode()
    return f"{plain}-{int.from_bytes(seed[-4:]) % 9000 + 1000}"
