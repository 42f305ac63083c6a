"""Signing in: right and wrong passphrases, limits that tell nothing, repeats, sessions that end."""

import asyncio
from datetime import timedelta

import pytest

from backend.accounts import sessions, sign_in
from backend.accounts.config import HashCost
from backend.accounts.passphrases import hasher_for
from backend.accounts.people import SessionKind
from backend.accounts.sign_in import SignIn
from backend.core.clock import time_shifted
from backend.core.errors import Conflict, DomainError, NotAllowed, NotFound, RateLimited, ValidationFailed
from backend.core.viewer import Viewer
from tests.accounts.people import HOME, PASSPHRASE, House, somebody, viewer_of

ELSEWHERE = "198.51.100.9"
KEY = "a-client-key-of-more-than-128-bits"


async def start(home: House, typed: SignIn, address: str = HOME) -> sessions.StartedSession:
    return await sign_in.sign_in(home.db, home.settings, home.hasher, somebody(address), typed)


async def refusal(home: House, typed: SignIn, address: str = HOME) -> DomainError:
    with pytest.raises(DomainError) as caught:
        await start(home, typed, address)
    return caught.value


async def test_sign_in_with_right_passphrase_begins_session(home: House) -> None:
    person = await home.sign_up()
    started = await start(home, SignIn(" MINA ", PASSPHRASE, device="Minas telefon"))
    row = await home.session(started.token)
    assert row is not None
    assert (row.account_id, row.second_factor_at) == (person.account.id, None)
    assert await home.value("select device from session where id = $1", row.id) == "Minas telefon"
    assert await home.value("select kind from session where id = $1", row.id) == SessionKind.PERSONAL


async def test_token_is_stored_only_as_hash(home: House) -> None:
    started = await home.sign_up()
    row = await home.value("select to_jsonb(s)::text from session s")
    assert started.session.token not in str(row)
    assert started.session.token not in repr(started)
    assert await home.session(started.session.token + "x") is None


@pytest.mark.parametrize("typed", ["Sol over fjellet i dag", "SOL-OVER-FJELLET-I-DAG", " sol  over fjellet i dag "])
async def test_sign_in_with_words_typed_otherwise_succeeds(home: House, typed: str) -> None:
    await home.sign_up()
    assert (await start(home, SignIn("mina", typed))).token


@pytest.mark.parametrize("handle", ["mina", "nobody", "", "x" * 5000, "m\x00ina", "mi\u202ena", "\ud800", "mína"])
async def test_sign_in_with_wrong_passphrase_answers_the_same_for_every_handle(home: House, handle: str) -> None:
    await home.sign_up()
    error = await refusal(home, SignIn(handle, "wrong passphrase"))
    assert isinstance(error, NotAllowed)
    assert (error.code, error.params, error.path) == ("sign_in_failed", {}, ())


@pytest.mark.parametrize("passphrase", ["", "x" * 100_000, "\ud800" * 14, "\x00" * 14, "\u202e" + PASSPHRASE])
async def test_sign_in_with_malicious_passphrase_is_refused(home: House, passphrase: str) -> None:
    await home.sign_up()
    assert (await refusal(home, SignIn("mina", passphrase))).code == "sign_in_failed"


@pytest.mark.parametrize("handle", ["mina", "nobody"])
async def test_eleventh_failure_is_limited_for_known_and_unknown_handles(home: House, handle: str) -> None:
    await home.sign_up()
    codes = [(await refusal(home, SignIn(handle, "wrong"), ELSEWHERE)).code for _ in range(11)]
    assert codes == ["sign_in_failed"] * 10 + ["sign_in_limited"]


async def test_failures_at_the_same_time_do_not_pass_the_limit(home: House) -> None:
    await home.sign_up()
    tries = [refusal(home, SignIn("mina", f"wrong {number}"), ELSEWHERE) for number in range(25)]
    errors = await asyncio.gather(*tries)
    codes = [error.code for error in errors]
    assert codes.count("sign_in_failed") == 10
    assert all(error.code in {"sign_in_failed", "sign_in_limited"} for error in errors)


async def test_right_passphrase_after_limit_is_refused_elsewhere_but_not_from_known_address(home: House) -> None:
    await home.sign_up()
    for address in (HOME, ELSEWHERE):
        for _ in range(10):
            await refusal(home, SignIn("mina", "wrong"), address)
    error = await refusal(home, SignIn("mina", PASSPHRASE), ELSEWHERE)
    assert isinstance(error, RateLimited)
    assert 0 < error.retry_after_seconds <= 15 * 60 + 1
    assert (await start(home, SignIn("mina", PASSPHRASE), HOME)).token
    with time_shifted(timedelta(minutes=15, seconds=1)):
        assert (await start(home, SignIn("mina", PASSPHRASE), ELSEWHERE)).token


async def test_other_handles_from_a_limited_address_are_not_concerned(home: House) -> None:
    await home.sign_up()
    await home.sign_up("ali")
    for _ in range(10):
        await refusal(home, SignIn("mina", "wrong"), ELSEWHERE)
    assert (await start(home, SignIn("ali", PASSPHRASE), ELSEWHERE)).token


async def test_unknown_handles_use_up_the_address_without_telling_which_exist(home: House) -> None:
    await home.sign_up()
    for number in range(sign_in.UNKNOWN_HANDLES_PER_ADDRESS):
        assert (await refusal(home, SignIn(f"nobody{number}", "wrong"), ELSEWHERE)).code == "sign_in_failed"
    assert (await refusal(home, SignIn("nobody-else", "wrong"), ELSEWHERE)).code == "sign_in_limited"
    assert (await refusal(home, SignIn("mina", "wrong"), ELSEWHERE)).code == "sign_in_limited"
    assert (await start(home, SignIn("mina", PASSPHRASE), ELSEWHERE)).token


async def test_addresses_of_one_ipv6_network_count_together(home: House) -> None:
    await home.sign_up()
    for number in range(10):
        await refusal(home, SignIn("mina", "wrong"), f"2001:db8::{number:x}")
    assert (await refusal(home, SignIn("mina", "wrong"), "2001:db8::ffff")).code == "sign_in_limited"
    assert (await refusal(home, SignIn("mina", "wrong"), "2001:db8:0:1::1")).code == "sign_in_failed"


async def test_repeated_sign_in_gives_the_same_session(home: House) -> None:
    await home.sign_up()
    typed = SignIn("mina", PASSPHRASE, client_key=KEY)
    first, *others = await asyncio.gather(*(start(home, typed) for _ in range(4)))
    assert {(one.id, one.token) for one in others} == {(first.id, first.token)}
    assert await home.count("session") == 2


async def test_repeated_sign_in_with_wrong_passphrase_or_other_account_gets_nothing(home: House) -> None:
    await home.sign_up()
    await home.sign_up("ali")
    await start(home, SignIn("mina", PASSPHRASE, client_key=KEY))
    assert (await refusal(home, SignIn("mina", "wrong", client_key=KEY))).code == "sign_in_failed"
    assert (await refusal(home, SignIn("ali", PASSPHRASE, client_key=KEY))).code == "client_key_reused"
    assert isinstance(await refusal(home, SignIn("mina", PASSPHRASE, client_key="short")), ValidationFailed)


async def test_key_of_an_older_session_is_refused_once_repeats_are_forgotten(home: House) -> None:
    await home.sign_up()
    typed = SignIn("mina", PASSPHRASE, client_key=KEY)
    await start(home, typed)
    async with home.db.transaction() as tx:
        await tx.execute("delete from repeat")
    assert (await refusal(home, typed)).code == "client_key_reused"
    assert await home.count("session") == 2


async def test_hash_is_renewed_at_sign_in_when_parameters_have_changed(home: House) -> None:
    await home.sign_up()
    dearer = hasher_for(HashCost(time_cost=2, memory_kib=16, threads=1))
    await sign_in.sign_in(home.db, home.settings, dearer, somebody(), SignIn("mina", PASSPHRASE))
    stored = await home.value("select passphrase_hash from account")
    assert "m=16,t=2" in str(stored)
    assert (await start(home, SignIn("mina", PASSPHRASE))).token


async def test_beyond_fifty_sessions_the_oldest_ends(home: House) -> None:
    person = await home.sign_up()
    for _ in range(50):
        await start(home, SignIn("mina", PASSPHRASE))
    assert await home.session(person.session.token) is None
    assert await home.value("select count(*) from session where revoked_at is null") == 50


async def test_shared_session_ends_within_hours(home: House) -> None:
    await home.sign_up()
    started = await start(home, SignIn("mina", PASSPHRASE, kind=SessionKind.SHARED))
    with time_shifted(timedelta(hours=1, minutes=59)):
        assert await home.session(started.token) is not None
    with time_shifted(timedelta(hours=2)):
        assert await home.session(started.token) is None


async def test_personal_session_idle_for_thirty_days_ends_but_used_lives_on_to_its_absolute_end(home: House) -> None:
    token = (await home.sign_up()).session.token
    for day in range(20, 180, 20):
        with time_shifted(timedelta(days=day)):
            assert await home.session(token) is not None
    with time_shifted(timedelta(days=180, seconds=1)):
        assert await home.session(token) is None
    idle = (await start(home, SignIn("mina", PASSPHRASE))).token
    with time_shifted(timedelta(days=30, seconds=1)):
        assert await home.session(idle) is None


async def test_session_seen_within_a_minute_is_not_written_again(home: House) -> None:
    token = (await home.sign_up()).session.token
    before = await home.value("select xmin::text from session")
    await home.session(token)
    assert await home.value("select xmin::text from session") == before
    with time_shifted(timedelta(minutes=2)):
        await home.session(token)
    assert await home.value("select xmin::text from session") != before


async def test_ended_session_is_gone_and_others_stay(home: House) -> None:
    person = await home.sign_up()
    other = await start(home, SignIn("mina", PASSPHRASE))
    await sessions.end_session(home.db, viewer_of(person))
    assert await home.session(person.session.token) is None
    assert await home.session(other.token) is not None


async def test_revoking_a_session_twice_or_of_another_is_refused(home: House) -> None:
    person, other = await home.sign_up(), await home.sign_up("ali")
    await sessions.revoke_session(home.db, viewer_of(person), person.session.id)
    with pytest.raises(Conflict, match="session_ended"):
        await sessions.revoke_session(home.db, viewer_of(person), person.session.id)
    with pytest.raises(NotFound):
        await sessions.revoke_session(home.db, viewer_of(person), other.session.id)
    assert await home.session(other.session.token) is not None


async def test_list_of_sessions_holds_only_own_live_ones(home: House) -> None:
    person = await home.sign_up()
    await home.sign_up("ali")
    await start(home, SignIn("mina", PASSPHRASE, device="PC"))
    viewer: Viewer = viewer_of(person)
    async with home.db.reading() as conn:
        listed = await sessions.list_sessions(conn, viewer)
    assert [one.device for one in listed] == ["PC", None]
