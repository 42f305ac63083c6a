"""The own door: what is refused, what is shown once, and repeats."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from backend.accounts.sign_in import SignIn, sign_in
from backend.accounts.sign_up import SignedUp, SignUp, sign_up
from backend.core.errors import Conflict, DomainError
from tests.accounts.people import PASSPHRASE, House, somebody

FORM = SignUp("mina", "Mina", 2011, "NO", passphrase=PASSPHRASE)
KEY = "a-client-key-of-more-than-128-bits"


async def join(home: House, form: SignUp = FORM) -> SignedUp:
    return await sign_up(home.db, home.settings, home.hasher, somebody(), form)


async def test_sign_up_makes_account_session_and_recovery_code(home: House) -> None:
    made = await join(home)
    assert made.passphrase is None
    row = await home.session(made.session.token)
    assert row is not None
    assert (row.account_id, row.handle, row.locale) == (made.account.id, "mina", "en")
    stored = str(await home.value("select to_jsonb(a)::text from account a"))
    assert PASSPHRASE not in stored
    assert made.recovery_code not in stored
    assert made.recovery_code not in repr(made)
    assert PASSPHRASE not in repr(FORM)


async def test_generated_passphrase_of_four_words_signs_in(home: House) -> None:
    made = await join(home, replace(FORM, passphrase=None))
    assert made.passphrase is not None
    assert len(made.passphrase.split("-")) == 4
    typed = SignIn("mina", made.passphrase.upper().replace("-", " "))
    assert await sign_in(home.db, home.settings, home.hasher, somebody(), typed)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"handle": "ab"}, "handle_format"),
        ({"handle": "a" * 33}, "handle_format"),
        ({"handle": "x" * 100_000}, "handle_format"),
        ({"handle": "mina\u202eolsen"}, "handle_format"),
        ({"handle": "mi\x00na"}, "handle_format"),
        ({"handle": "mína"}, "handle_format"),
        ({"handle": "-mina"}, "handle_format"),
        ({"handle": "mi..na"}, "handle_format"),
        ({"handle": "mina@example.org"}, "handle_format"),
        ({"pseudonym": "mina@example.org"}, "pseudonym_contact"),
        ({"pseudonym": "Mi\u202ena"}, "text_forbidden_character"),
        ({"pseudonym": "M" * 2000}, "text_too_long"),
        ({"pseudonym": "\ud800x"}, "text_forbidden_character"),
        ({"birth_year": 1850}, "birth_year"),
        ({"birth_year": 2026}, "birth_year"),
        ({"birth_year": 2**31 - 1}, "birth_year"),
        ({"country": "XX"}, "country_unknown"),
        ({"country": "N" * 5000}, "country_unknown"),
        ({"country": ""}, "country_unknown"),
        ({"locale": "tlh"}, "language_unknown"),
        ({"email": "no address"}, "email_format"),
        ({"email": "a@b.no\r\nBcc: x@y.no"}, "email_format"),
        ({"email": "a" * 300 + "@example.org"}, "email_format"),
        ({"passphrase": "kort"}, "passphrase_too_short"),
        ({"passphrase": "mina mina mina"}, "passphrase_is_handle"),
        ({"client_key": "short"}, "client_key_length"),
    ],
)
async def test_wrong_form_is_refused_and_nothing_made(home: House, change: dict[str, Any], code: str) -> None:
    with pytest.raises(DomainError) as caught:
        await join(home, replace(FORM, **change))
    assert caught.value.code == code
    assert await home.count("account") == 0


async def test_taken_handle_is_refused_in_any_case(home: House) -> None:
    await join(home)
    with pytest.raises(Conflict, match="handle_taken"):
        await join(home, replace(FORM, handle=" MINA "))


async def test_same_handle_at_the_same_time_is_given_once(home: House) -> None:
    results = await asyncio.gather(*(join(home) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(result, SignedUp) for result in results) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 4
    assert await home.count("account") == 1


async def test_repeated_sign_up_gives_the_same_codes_and_session(home: House) -> None:
    form = replace(FORM, passphrase=None, client_key=KEY)
    first, *others = await asyncio.gather(*(join(home, form) for _ in range(4)))
    assert {(one.passphrase, one.recovery_code, one.session.token) for one in others} == {
        (first.passphrase, first.recovery_code, first.session.token)
    }
    assert await home.count("account") == 1
    assert await home.session(first.session.token) is not None


async def test_without_a_key_two_people_get_different_codes(home: House) -> None:
    first, second = await join(home), await join(home, replace(FORM, handle="ali"))
    assert first.recovery_code != second.recovery_code


async def test_email_is_kept_only_once_proved(home: House) -> None:
    await join(home, replace(FORM, email="mina@example.org"))
    assert await home.value("select email from account") is None
    assert await home.value("select email from email_verification") == "mina@example.org"
    assert await home.value("select kind from outgoing_mail") == "email_verify"
