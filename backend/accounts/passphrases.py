"""Passphrases as argon2id hashes, made and checked on threads of their own so that the event loop never waits."""

import asyncio
import re
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from backend.accounts.config import HashCost
from backend.core.errors import RateLimited, ValidationFailed

MIN_CHARS, MAX_CHARS, ENOUGH_WORDS = 12, 200, 4
_LEAST_VARIETY = 5
_WAITING_PER_THREAD = 64  # a class signs in together; more than this waits longer than a person does

_COMMON = frozenset(
    {
        "password1234", "passwordpassword", "passord12345", "passordpassord", "lösenord1234", "lösenordlösenord",
        "adgangskode1", "salasana1234", "lykilord1234", "123456789012", "1234567890123", "qwertyuiopasd",
        "qwertyuiop123", "qwerty123456", "qwertyqwerty", "abcdefghijkl", "abcdefghijklm", "iloveyou1234",
        "letmein12345", "welcome12345", "changeme1234", "administrator", "1q2w3e4r5t6y", "asdfghjklzxcv",
    }
)  # fmt: skip
_WORD_BREAKS = re.compile(r"[\s\-_.,]+")
_SIGNS = re.compile(r"[\W_]+")

T = TypeVar("T")


class PassphraseHasher:
    """Hashes and verifies. One a process (`hasher_for`); its queue is bounded."""

    def __init__(self, cost: HashCost) -> None:
        self._argon2 = PasswordHasher(cost.time_cost, cost.memory_kib, cost.parallelism)
        self._threads = ThreadPoolExecutor(cost.threads, thread_name_prefix="argon2")
        self._free = cost.threads * _WAITING_PER_THREAD
        # Made on a thread as well; the first to verify waits for it there.
        self._dummy = self._threads.submit(self._argon2.hash, "nobody has this passphrase")

    async def hash(self, passphrase: str) -> str:
        """The hash to store. Raises RateLimited `busy` when too many wait."""
        return await self._run(lambda: self._argon2.hash(spoken(passphrase)))

    async def hash_many(self, passphrases: list[str]) -> list[str]:
        """Hashes in the same order, one after the other in one place of the queue."""
        return await self._run(lambda: [self._argon2.hash(spoken(one)) for one in passphrases])

    async def verify(self, stored: str | None, passphrase: str) -> bool:
        """Whether it is the right one; without a stored hash it takes the same time and the answer is no."""
        right = await self._run(lambda: self._verify(stored or self._dummy.result(), passphrase))
        return right and stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._argon2.check_needs_rehash(stored)

    def _verify(self, stored: str, passphrase: str) -> bool:
        try:
            return self._argon2.verify(stored, spoken(passphrase[: MAX_CHARS * 2]))
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._free <= 0:
            raise RateLimited("busy", retry_after_seconds=2)
        self._free -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._free += 1


@cache
def hasher_for(cost: HashCost) -> PassphraseHasher:
    """The process's hasher for these parameters."""
    return PassphraseHasher(cost)


def spoken(passphrase: str) -> bytes:
    """What is hashed: NFKC, trimmed; a phrase of four or more plain words in any case and with any separator.

    Phones capitalise and people read "tre-elv-sol-lampe" from a card as "Tre elv sol lampe".
    """
    text = unicodedata.normalize("NFKC", passphrase).strip()
    words = [word for word in _WORD_BREAKS.split(text) if word]
    if len(words) >= ENOUGH_WORDS and all(word.isalpha() for word in words):
        text = " ".join(words).casefold()
    return text.encode("utf-8", "surrogatepass")


def check_passphrase(passphrase: str, *, handle: str, path: tuple[str, ...] = ("passphrase",)) -> None:
    """Refuse what is easily guessed. Raises ValidationFailed: passphrase_too_short, _too_long, _common, _is_handle."""
    if len(passphrase) > MAX_CHARS:
        raise ValidationFailed("passphrase_too_long", path=path, max=MAX_CHARS)
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in passphrase):
        raise ValidationFailed("passphrase_forbidden_character", path=path)
    text = spoken(passphrase).decode().casefold()
    if len(text) < MIN_CHARS and len(text.split()) < ENOUGH_WORDS:
        raise ValidationFailed("passphrase_too_short", path=path, min=MIN_CHARS, words=ENOUGH_WORDS)
    bare_handle = _SIGNS.sub("", handle)
    if bare_handle and not _SIGNS.sub("", text).replace(bare_handle, "").strip("0123456789"):
        raise ValidationFailed("passphrase_is_handle", path=path)
    if text in _COMMON or len(set(text)) < _LEAST_VARIETY:
        raise ValidationFailed("passphrase_common", path=path)
