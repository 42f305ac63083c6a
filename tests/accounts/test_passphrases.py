"""Passphrases: which are refused, how they are hashed, and that hashing never stops the loop."""

import asyncio
import time

import pytest

from backend.accounts.config import HashCost
from backend.accounts.passphrases import MAX_CHARS, PassphraseHasher, check_passphrase, spoken
from backend.core.errors import RateLimited, ValidationFailed

CHEAP = HashCost(time_cost=1, memory_kib=8, threads=1)


def code_for(passphrase: str, handle: str = "mina") -> str | None:
    try:
        check_passphrase(passphrase, handle=handle)
    except ValidationFailed as error:
        return error.code
    return None


@pytest.mark.parametrize(
    "good", ["elv-lampe-tre-sol", "a b c d e", "en hest paa taket", "kjærlighet og gull", "الشمس فوق الجبل اليوم"]
)
def test_passphrase_of_four_words_or_twelve_characters_is_taken(good: str) -> None:
    assert code_for(good) is None


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ("", "passphrase_too_short"),
        ("kort", "passphrase_too_short"),
        ("tre korte ord"[:11], "passphrase_too_short"),
        ("x" * (MAX_CHARS + 1), "passphrase_too_long"),
        ("password1234", "passphrase_common"),
        ("PassordPassord", "passphrase_common"),
        ("aaaaaaaaaaaaaaaa", "passphrase_common"),
        ("abababababababab", "passphrase_common"),
        ("a a a a a a a a", "passphrase_common"),
        ("with a nul\x00 inside it", "passphrase_forbidden_character"),
        ("lone surrogate \ud800 in it", "passphrase_forbidden_character"),
    ],
)
def test_weak_or_malicious_passphrase_is_refused(bad: str, code: str) -> None:
    assert code_for(bad) == code


@pytest.mark.parametrize("bad", ["mina-olsen-oslo", "Mina-Olsen-Oslo 2026", "mina-olsen-oslo-mina-olsen-oslo"])
def test_passphrase_made_of_the_handle_is_refused(bad: str) -> None:
    assert code_for(bad, "mina-olsen-oslo") == "passphrase_is_handle"


def test_words_are_one_passphrase_in_any_case_and_with_any_separator() -> None:
    assert spoken("Elv  lampe-TRE_sol") == spoken("elv lampe tre sol")
    assert spoken("Not4words!Here") != spoken("not4words!here")
    assert spoken("kjærlighet og gull nå") == spoken("kjærlighet og gull na\u030a")


async def test_right_and_wrong_passphrases_and_absent_hashes_are_told_apart() -> None:
    hasher = PassphraseHasher(CHEAP)
    stored = await hasher.hash("en hest paa taket")
    assert stored.startswith("$argon2id$")
    assert await hasher.verify(stored, "en hest paa taket")
    assert not await hasher.verify(stored, "en hest under taket")
    assert not await hasher.verify(None, "nobody has this passphrase")
    assert not await hasher.verify("no hash at all", "en hest paa taket")


async def test_hash_with_other_parameters_is_outdated() -> None:
    stored = await PassphraseHasher(CHEAP).hash("en hest paa taket")
    dearer = PassphraseHasher(HashCost(time_cost=2, memory_kib=16, threads=1))
    assert dearer.is_outdated(stored)
    assert not PassphraseHasher(CHEAP).is_outdated(stored)
    assert await dearer.verify(stored, "en hest paa taket")


async def test_hashing_leaves_the_loop_free() -> None:
    hasher = PassphraseHasher(HashCost(time_cost=20, memory_kib=65536, threads=1))
    running = asyncio.create_task(hasher.hash("en hest paa taket"))
    longest = 0.0
    while not running.done():
        before = time.perf_counter()
        await asyncio.sleep(0.005)
        longest = max(longest, time.perf_counter() - before)
    assert running.result()
    assert longest < 0.3


async def test_too_many_waiting_hashes_are_refused() -> None:
    hasher = PassphraseHasher(HashCost(time_cost=3, memory_kib=8192, threads=1))
    results = await asyncio.gather(*(hasher.hash("en hest paa taket") for _ in range(80)), return_exceptions=True)
    refused = [result for result in results if isinstance(result, RateLimited)]
    assert len(refused) == 80 - 64
    assert {error.code for error in refused} == {"busy"}
    assert await hasher.hash("en hest paa taket")
