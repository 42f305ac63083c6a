"""Codes that people copy from paper: 100 bits in groups of four, without look-alikes, read back forgivingly."""

import hashlib

from backend.core.derive import token_hash

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ" + "LU"  # 32 signs; 0 1 I O are never written
_LOOK_ALIKES = str.maketrans({"I": "L", "1": "L", "O": "Q", "0": "Q", "-": None, " ": None})
CODE_CHARS, _GROUP = 20, 4


def make_code(seed: bytes) -> str:
    """A code such as `7KQM-2XWP-…` from at least 16 secret bytes; the same seed gives the same code."""
    number = int.from_bytes(hashlib.sha256(b"code" + seed).digest())
    signs = "".join(_ALPHABET[(number >> (5 * place)) & 31] for place in range(CODE_CHARS))
    return "-".join(signs[start : start + _GROUP] for start in range(0, CODE_CHARS, _GROUP))


def code_hash(code: str) -> bytes:
    """How a code is stored and looked up, however it was typed; SHA-256 is enough for 100 random bits."""
    return token_hash(code[: 4 * CODE_CHARS].upper().translate(_LOOK_ALIKES).encode("utf-8", "replace").decode())
