"""The second factor: enrolment, codes used once, recovery codes, limits, and what sessions it opens."""

import asyncio
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from backend.accounts import second_factor, sessions
from backend.accounts.people import SecondFactorState
from backend.accounts.sign_in import SignIn, sign_in
from backend.accounts.sign_up import SignedUp
from backend.core.clock import process_now, time_shifted
from backend.core.errors import Conflict, DomainError, NotAllowed, RateLimited, Unauthenticated
from tests.accounts.people import PASSPHRASE, House, somebody, viewer_of

STEP = timedelta(seconds=30)
KEY = "a-client-key"


async def enrol(home: House, person: SignedUp) -> pyotp.TOTP:
    begun = await second_factor.enrol(home.db, home.settings, viewer_of(person), None)
    return pyotp.TOTP(parse_qs(urlsplit(begun.uri).query)["secret"][0])


def code_of(app: pyotp.TOTP) -> str:
    return app.at(process_now())


async def confirm(home: House, person: SignedUp, code: str) -> list[str]:
    return await second_factor.confirm(home.db, home.settings, viewer_of(person), code, client_key=KEY)


async def start(home: House, code: str | None, key: str | None = None) -> sessions.StartedSession:
    typed = SignIn("mina", PASSPHRASE, second_factor=code, client_key=key)
    return await sign_in(home.db, home.settings, home.hasher, somebody(), typed)


async def with_app(home: House) -> tuple[SignedUp, pyotp.TOTP, list[str]]:
    person = await home.sign_up()
    app = await enrol(home, person)
    return person, app, await confirm(home, person, code_of(app))


async def test_enrolment_shows_uri_and_qr_and_stores_the_secret_sealed(home: House) -> None:
    person = await home.sign_up()
    begun = await second_factor.enrol(home.db, home.settings, viewer_of(person), KEY)
    again = await second_factor.enrol(home.db, home.settings, viewer_of(person), KEY)
    assert begun.uri == again.uri
    assert begun.uri.startswith("otpauth://totp/Stemme:mina?")
    assert begun.svg.startswith("<svg")
    secret = parse_qs(urlsplit(begun.uri).query)["secret"][0]
    sealed = await home.value("select secret_sealed from totp")
    assert isinstance(sealed, bytes)
    assert secret.encode() not in sealed
    assert secret not in repr(begun)


async def test_confirmed_app_lets_this_session_pass_and_gives_ten_codes(home: House) -> None:
    person, _app, codes = await with_app(home)
    assert len(set(codes)) == 10
    row = await home.session(person.session.token)
    assert row is not None
    assert row.second_factor_at is not None
    own = await sessions.own_account(home.db, home.settings, viewer_of(person))
    assert own is not None
    assert (own.second_factor, own.recovery_codes_left) == (SecondFactorState.PASSED, 10)


async def test_repeated_confirmation_gives_the_same_codes(home: House) -> None:
    person, app, codes = await with_app(home)
    assert await confirm(home, person, code_of(app)) == codes


async def test_sign_in_without_code_begins_a_session_that_has_not_passed(home: House) -> None:
    _person, app, _codes = await with_app(home)
    assert (await start(home, None)).second_factor is SecondFactorState.NEEDED
    with time_shifted(STEP):
        assert (await start(home, code_of(app))).second_factor is SecondFactorState.PASSED


async def test_code_is_accepted_once_even_at_the_same_time(home: House) -> None:
    _person, app, _codes = await with_app(home)
    with time_shifted(STEP):
        code = code_of(app)
        results = await asyncio.gather(*(start(home, code) for _ in range(4)), return_exceptions=True)
        assert sum(isinstance(result, sessions.StartedSession) for result in results) == 1
        assert sum(isinstance(result, NotAllowed) for result in results) == 3


async def test_repeated_sign_in_with_the_same_code_and_key_gives_the_same_session(home: House) -> None:
    _person, app, _codes = await with_app(home)
    with time_shifted(STEP):
        key = "a-client-key-of-more-than-128-bits"
        first, second = await start(home, code_of(app), key), await start(home, code_of(app), key)
    assert first == second


async def test_older_code_than_the_last_is_refused(home: House) -> None:
    _person, app, _codes = await with_app(home)
    with time_shifted(3 * STEP):
        before = app.at(process_now() - STEP)
        await start(home, code_of(app))
        with pytest.raises(NotAllowed, match="second_factor_wrong"):
            await start(home, before)


@pytest.mark.parametrize("code", ["", "000000", "٠٠٠٠٠٠", "\ud800" * 6, "x" * 99999, "12345", "1 2 3 4 5 6 7"])
async def test_wrong_code_is_refused_and_begins_nothing(home: House, code: str) -> None:
    await with_app(home)
    before = await home.count("session")
    with pytest.raises(NotAllowed, match="second_factor_wrong"):
        await start(home, code)
    assert await home.count("session") == before


async def test_codes_are_limited_also_from_a_known_address(home: House) -> None:
    _person, app, _codes = await with_app(home)
    codes = []
    for _ in range(11):
        with pytest.raises(DomainError) as caught:
            await start(home, "000000")
        codes.append(caught.value.code)
    assert codes[0] == "second_factor_wrong"
    assert codes[-1] == "second_factor_limited"
    with pytest.raises(RateLimited), time_shifted(STEP):
        await start(home, code_of(app))


async def test_recovery_code_works_once(home: House) -> None:
    person, _app, codes = await with_app(home)
    assert (await start(home, codes[3].lower())).second_factor is SecondFactorState.PASSED
    with pytest.raises(NotAllowed, match="second_factor_wrong"):
        await start(home, codes[3])
    own = await sessions.own_account(home.db, home.settings, viewer_of(person))
    assert own is not None
    assert own.recovery_codes_left == 9


async def test_recovery_code_of_another_is_refused(home: House) -> None:
    _person, _app, codes = await with_app(home)
    other = await home.sign_up("ali")
    app = await enrol(home, other)
    await confirm(home, other, code_of(app))
    typed = SignIn("ali", PASSPHRASE, second_factor=codes[0])
    with pytest.raises(NotAllowed, match="second_factor_wrong"):
        await sign_in(home.db, home.settings, home.hasher, somebody(), typed)


async def test_running_session_passes_later(home: House) -> None:
    person, app, _codes = await with_app(home)
    begun = await start(home, None)
    viewer = viewer_of(SignedUp(person.account, begun, ""))
    with time_shifted(STEP):
        await second_factor.pass_now(home.db, home.settings, viewer, code_of(app))
    row = await home.session(begun.token)
    assert row is not None
    assert row.second_factor_at is not None


async def test_active_app_is_not_replaced_but_removed_with_a_code(home: House) -> None:
    person, app, _codes = await with_app(home)
    with pytest.raises(Conflict, match="second_factor_active"):
        await enrol(home, person)
    with pytest.raises(NotAllowed):
        await second_factor.switch_off(home.db, home.settings, viewer_of(person), "000000")
    with time_shifted(STEP):
        await second_factor.switch_off(home.db, home.settings, viewer_of(person), code_of(app))
    assert await home.count("totp_recovery") == 0
    row = await home.session(person.session.token)
    assert row is not None
    assert row.second_factor_at is None
    assert (await enrol(home, person)).secret != app.secret


async def test_wrong_first_code_or_none_begun_is_refused(home: House) -> None:
    person = await home.sign_up()
    with pytest.raises(Conflict, match="second_factor_not_begun"):
        await confirm(home, person, "000000")
    await enrol(home, person)
    with pytest.raises(NotAllowed, match="second_factor_wrong"):
        await confirm(home, person, "000000")
    assert await home.value("select confirmed_at from totp") is None


async def test_second_factor_by_nobody_is_unauthenticated(home: House) -> None:
    with pytest.raises(Unauthenticated):
        await second_factor.enrol(home.db, home.settings, somebody(), None)
    with pytest.raises(Unauthenticated):
        await second_factor.confirm(home.db, home.settings, somebody(), "000000", client_key=None)
    with pytest.raises(Unauthenticated):
        await second_factor.pass_now(home.db, home.settings, somebody(), "000000")
