"""What people change about themselves, and e-mail addresses that are proved."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from backend.accounts import emails, profile
from backend.accounts.sign_up import SignedUp
from backend.core.clock import time_shifted
from backend.core.database import Transaction
from backend.core.errors import Closed, Conflict, DomainError, NotAllowed, NotFound, RateLimited, Unauthenticated
from tests.accounts.people import House, somebody, viewer_of


async def nobody_minds(_tx: Transaction, _pseudonym: str) -> None:
    """No classmates."""


async def somebody_minds(_tx: Transaction, _pseudonym: str) -> None:
    raise Conflict("pseudonym_taken", state="TAKEN")


async def rename(home: House, person: SignedUp, name: str, guard: profile.NameGuard = nobody_minds) -> str | None:
    changed = await profile.change_pseudonym(home.db, home.settings, viewer_of(person), name, guard=guard)
    return changed.pseudonym


async def test_pseudonym_changes_five_times_a_day(home: House) -> None:
    person = await home.sign_up()
    for name in ("Ada", "Bo", "Cleo", "Dina", "سارة"):
        assert await rename(home, person, name) == name
    with pytest.raises(RateLimited):
        await rename(home, person, "Fia")


@pytest.mark.parametrize(
    "name", ["", "x" * 100_000, "a\u202eb", "a\x00b", "\ud800\ud800", "mina@example.org", "Læreren"]
)
async def test_unfit_pseudonym_is_refused_and_the_old_one_stays(home: House, name: str) -> None:
    person = await home.sign_up()
    with pytest.raises(DomainError):
        await rename(home, person, name)
    assert await home.value("select pseudonym from account") == "Mina"


async def test_pseudonym_that_classmates_mind_is_refused(home: House) -> None:
    person = await home.sign_up()
    with pytest.raises(Conflict, match="pseudonym_taken"):
        await rename(home, person, "Ada", somebody_minds)
    assert await home.value("select pseudonym from account") == "Mina"


async def test_restricted_account_keeps_its_name(home: House) -> None:
    viewer = replace(viewer_of(await home.sign_up()), is_restricted=True)
    with pytest.raises(NotAllowed, match="account_restricted"):
        await profile.change_pseudonym(home.db, home.settings, viewer, "Ada", guard=nobody_minds)


async def test_locale_and_review_languages_are_kept_canonical(home: House) -> None:
    viewer = viewer_of(await home.sign_up())
    assert (await profile.change_locale(home.db, viewer, "no-NO")).locale == "nb"
    changed = await profile.set_review_languages(home.db, viewer, ["NB_no", "ar", "ar"])
    assert changed.review_languages == ["nb-NO", "ar"]
    for wrong in ("tlh", "", "x" * 9999):
        with pytest.raises(DomainError, match="language_unknown"):
            await profile.change_locale(home.db, viewer, wrong)
    with pytest.raises(DomainError, match="too_many_languages"):
        await profile.set_review_languages(home.db, viewer, ["nb"] * 13)


async def test_birth_year_is_given_once(home: House) -> None:
    person = await home.sign_up()
    async with home.db.transaction() as tx:
        await tx.execute("update account set birth_year = null, country = null")
    viewer = viewer_of(person)
    with pytest.raises(DomainError, match="birth_year"):
        await profile.complete_profile(home.db, viewer, birth_year=1800, country="NO")
    tries = [profile.complete_profile(home.db, viewer, birth_year=year, country="no") for year in (2010, 2011, 2012)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(result, Conflict) for result in results) == 2


@pytest.mark.parametrize(
    "change",
    [
        lambda home: profile.change_locale(home.db, somebody(), "nb"),
        lambda home: profile.set_review_languages(home.db, somebody(), ["nb"]),
        lambda home: profile.complete_profile(home.db, somebody(), birth_year=2010, country="NO"),
        lambda home: profile.change_pseudonym(home.db, home.settings, somebody(), "Ada", guard=nobody_minds),
        lambda home: emails.change_email(home.db, home.settings, somebody(), "a@example.org"),
    ],
)
async def test_change_by_nobody_is_unauthenticated(home: House, change: Any) -> None:
    with pytest.raises(Unauthenticated):
        await change(home)


async def mailed_code(home: House) -> str:
    code = await home.value("select params->>'code' from outgoing_mail order by at desc, id desc limit 1")
    assert isinstance(code, str)
    return code


async def test_mailed_code_proves_the_address_and_repeats_harmlessly(home: House) -> None:
    person = await home.sign_up()
    await emails.change_email(home.db, home.settings, viewer_of(person), "Mina@Example.ORG")
    code = await mailed_code(home)
    for typed in (code, code.lower().replace("-", " ")):
        assert await emails.verify_email(home.db, home.settings, somebody(), typed) == "Mina@example.org"
    assert await home.value("select email from account where email_verified_at is not null") == "Mina@example.org"
    assert await home.value("select count(*) from notice where kind = 'email_verified'") == 1
    assert code not in str(await home.value("select to_jsonb(v)::text from email_verification v"))


async def test_code_of_an_earlier_address_is_void(home: House) -> None:
    person = await home.sign_up()
    await emails.change_email(home.db, home.settings, viewer_of(person), "first@example.org")
    first = await mailed_code(home)
    await emails.change_email(home.db, home.settings, viewer_of(person), "second@example.org")
    with pytest.raises(NotFound, match="email_code_unknown"):
        await emails.verify_email(home.db, home.settings, somebody(), first)


async def test_expired_code_is_closed(home: House) -> None:
    person = await home.sign_up()
    await emails.change_email(home.db, home.settings, viewer_of(person), "mina@example.org")
    code = await mailed_code(home)
    with time_shifted(timedelta(hours=48)), pytest.raises(Closed, match="email_code_expired"):
        await emails.verify_email(home.db, home.settings, somebody(), code)
    assert await home.value("select email from account") is None


async def test_guessed_codes_are_limited(home: House) -> None:
    for number in range(30):
        with pytest.raises(NotFound):
            await emails.verify_email(home.db, home.settings, somebody(), f"guess {number} \ud800\x00")
    with pytest.raises(RateLimited):
        await emails.verify_email(home.db, home.settings, somebody(), "x" * 100_000)


async def test_repeated_change_of_email_mails_once_and_floods_nobody(home: House) -> None:
    viewer = viewer_of(await home.sign_up())
    for _ in range(3):
        await emails.change_email(home.db, home.settings, viewer, "a@example.org", client_key="a-client-key")
    assert await home.count("outgoing_mail") == 1
    for _ in range(2):
        await emails.change_email(home.db, home.settings, viewer, "a@example.org")
    with pytest.raises(RateLimited):
        await emails.change_email(home.db, home.settings, viewer, "a@example.org")
