"""A new passphrase by the recovery code or the old one, and a reset by somebody else."""

import asyncio
import dataclasses
from datetime import timedelta

import pytest

from backend.accounts import accounts, consent, erasure, guardian_requests, recovery, sessions
from backend.accounts.consent_rules import WORDING, ConsentAnswer, ConsentAudience, ConsentPurpose, Question
from backend.accounts.recovery import PassphraseChange, Recovery
from backend.accounts.sign_in import SignIn, sign_in
from backend.accounts.sign_up import SignedUp
from backend.core.clock import time_shifted
from backend.core.errors import Conflict, DomainError, NotAllowed, RateLimited, Unauthenticated
from backend.core.ids import Id, new_id
from backend.core.viewer import Viewer
from tests.accounts.people import PASSPHRASE, House, somebody, viewer_of

NEW = "en hest paa taket"
KEY = "a-client-key-of-more-than-128-bits"


async def recover(home: House, typed: Recovery) -> recovery.Recovered:
    return await recovery.recover_account(home.db, home.settings, home.hasher, somebody(), typed)


async def change(home: House, person: SignedUp, typed: PassphraseChange) -> str | None:
    return await recovery.change_passphrase(home.db, home.settings, home.hasher, viewer_of(person), typed)


async def works(home: House, passphrase: str) -> bool:
    try:
        await sign_in(home.db, home.settings, home.hasher, somebody(), SignIn("mina", passphrase))
    except NotAllowed:
        return False
    return True


async def test_recovery_code_sets_passphrase_ends_sessions_and_is_replaced(home: House) -> None:
    person = await home.sign_up()
    done = await recover(home, Recovery("Mina", person.recovery_code.lower().replace("-", " "), NEW))
    assert done.passphrase is None
    assert await home.session(person.session.token) is None
    assert await works(home, NEW)
    assert not await works(home, PASSPHRASE)
    with pytest.raises(NotAllowed, match="recovery_failed"):
        await recover(home, Recovery("mina", person.recovery_code, NEW))
    again = await recover(home, Recovery("mina", done.recovery_code))
    assert again.passphrase is not None
    assert await works(home, again.passphrase)
    assert await home.value("select count(*) from notice where kind = 'account_recovered'") == 2


@pytest.mark.parametrize("handle", ["mina", "nobody", "", "\ud800", "x" * 9999])
@pytest.mark.parametrize("code", ["AAAA-AAAA-AAAA-AAAA-AAAA", "", "\ud800" * 20, "x" * 99999])
async def test_wrong_recovery_code_answers_the_same_for_every_handle(home: House, handle: str, code: str) -> None:
    await home.sign_up()
    with pytest.raises(NotAllowed) as caught:
        await recover(home, Recovery(handle, code, NEW))
    assert (caught.value.code, caught.value.params) == ("recovery_failed", {})
    assert await works(home, PASSPHRASE)


@pytest.mark.parametrize("handle", ["mina", "nobody"])
async def test_guessing_recovery_codes_is_limited_but_the_right_one_passes(home: House, handle: str) -> None:
    person = await home.sign_up()
    codes = []
    for number in range(12):
        with pytest.raises(DomainError) as caught:
            await recover(home, Recovery(handle, f"WRONG-{number}", NEW))
        codes.append(caught.value.code)
    assert codes == ["recovery_failed"] * 10 + ["sign_in_limited"] * 2
    assert await recover(home, Recovery("mina", person.recovery_code, NEW))


async def test_recovery_code_used_at_the_same_time_works_once(home: House) -> None:
    person = await home.sign_up()
    typed = Recovery("mina", person.recovery_code, NEW)
    results = await asyncio.gather(*(recover(home, typed) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(result, recovery.Recovered) for result in results) == 1
    assert sum(isinstance(result, NotAllowed) for result in results) == 3


async def test_repeated_recovery_gives_the_same_codes(home: House) -> None:
    person = await home.sign_up()
    typed = Recovery("mina", person.recovery_code, client_key=KEY)
    first, second = await recover(home, typed), await recover(home, typed)
    assert (first.passphrase, first.recovery_code) == (second.passphrase, second.recovery_code)
    assert await works(home, first.passphrase or "")


async def test_weak_new_passphrase_is_refused_and_the_code_stays(home: House) -> None:
    person = await home.sign_up()
    with pytest.raises(DomainError, match="passphrase_common"):
        await recover(home, Recovery("mina", person.recovery_code, "password1234"))
    assert await recover(home, Recovery("mina", person.recovery_code, NEW))


async def test_changed_passphrase_ends_other_sessions_only(home: House) -> None:
    person = await home.sign_up()
    other = await sign_in(home.db, home.settings, home.hasher, somebody(), SignIn("mina", PASSPHRASE))
    assert await change(home, person, PassphraseChange(PASSPHRASE, NEW)) is None
    assert await home.session(other.token) is None
    assert await home.session(person.session.token) is not None
    assert await works(home, NEW)
    assert not await works(home, PASSPHRASE)


async def test_change_with_wrong_old_passphrase_is_refused_and_limited(home: House) -> None:
    person = await home.sign_up()
    for _ in range(10):
        with pytest.raises(NotAllowed, match="passphrase_wrong"):
            await change(home, person, PassphraseChange("wrong", NEW))
    with pytest.raises(RateLimited):
        await change(home, person, PassphraseChange(PASSPHRASE, NEW))
    assert await works(home, PASSPHRASE)


async def test_change_by_nobody_is_unauthenticated(home: House) -> None:
    with pytest.raises(Unauthenticated):
        await recovery.change_passphrase(
            home.db, home.settings, home.hasher, somebody(), PassphraseChange(PASSPHRASE, NEW)
        )


async def test_repeated_change_gives_the_same_passphrase(home: House) -> None:
    person = await home.sign_up()
    typed = PassphraseChange(PASSPHRASE, client_key=KEY)
    first = await change(home, person, typed)
    assert first is not None
    assert await change(home, person, typed) == first
    assert await works(home, first)


async def test_change_at_the_same_time_happens_once(home: House) -> None:
    person = await home.sign_up()
    tries = [change(home, person, PassphraseChange(PASSPHRASE, f"{NEW} nummer {number}")) for number in "abc"]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert results.count(None) == 1
    assert all(result is None or isinstance(result, Conflict | NotAllowed) for result in results)


async def reset(home: House, person: SignedUp) -> None:
    hashed = await home.hasher.hash(NEW)
    async with home.db.transaction() as tx:
        await accounts.reset_passphrase(tx, person.account.id, new_id(), hashed)


async def sealed(home: House, person: SignedUp, session_id: Id) -> bool:
    """Whether a session is sealed at this moment."""
    viewer = Viewer(account_id=person.account.id, session_id=session_id)
    own = await sessions.own_account(home.db, home.settings, viewer)
    return own is not None and own.sealed_until is not None


async def start(home: House, passphrase: str) -> sessions.StartedSession:
    return await sign_in(home.db, home.settings, home.hasher, somebody(), SignIn("mina", passphrase))


async def test_reset_ends_sessions_stays_in_the_inbox_and_seals_for_a_day(home: House) -> None:
    person = await home.sign_up()
    assert not await sealed(home, person, person.session.id)
    await reset(home, person)
    assert await home.session(person.session.token) is None
    assert await home.value("select count(*) from notice where kind = 'passphrase_reset'") == 1
    begun = await start(home, NEW)
    assert await sealed(home, person, begun.id)
    with time_shifted(timedelta(hours=23, minutes=59)):
        assert await sealed(home, person, begun.id)
    with time_shifted(timedelta(hours=24)):
        assert not await sealed(home, person, begun.id)


async def test_seal_survives_a_change_of_passphrase_and_a_second_sign_in(home: House) -> None:
    person = await home.sign_up()
    await reset(home, person)
    begun = await start(home, NEW)
    viewer = viewer_of(SignedUp(person.account, begun, person.recovery_code))
    await recovery.change_passphrase(home.db, home.settings, home.hasher, viewer, PassphraseChange(NEW, PASSPHRASE))
    again = await start(home, PASSPHRASE)
    assert await sealed(home, person, again.id)
    with time_shifted(timedelta(hours=25)):
        later = await start(home, PASSPHRASE)
        assert not await sealed(home, person, later.id)


async def test_seal_counts_from_the_first_sign_in_not_from_the_reset(home: House) -> None:
    person = await home.sign_up()
    await reset(home, person)
    with time_shifted(timedelta(days=3)):
        assert await sealed(home, person, (await start(home, NEW)).id)


async def test_recovery_by_the_persons_own_code_lifts_the_seal(home: House) -> None:
    person = await home.sign_up()
    await reset(home, person)
    await recover(home, Recovery("mina", person.recovery_code, PASSPHRASE))
    assert not await sealed(home, person, (await start(home, PASSPHRASE)).id)


async def test_teacher_who_signs_in_as_the_student_after_a_reset_can_neither_consent_nor_leave_nor_copy(
    home: House,
) -> None:
    person = await home.sign_up()
    await reset(home, person)
    viewer = viewer_of(SignedUp(person.account, await start(home, NEW), ""))
    own = await sessions.own_account(home.db, home.settings, viewer)
    assert own is not None
    assert own.sealed_until is not None
    viewer = dataclasses.replace(viewer, sealed_until=own.sealed_until)
    city = Question(ConsentPurpose.PUBLISH, ConsentAudience.CITY)
    answers = [consent.Answered(city, ConsentAnswer.YES)]
    with pytest.raises(Conflict, match="sealed_after_reset"):
        await consent.answer_self(home.db, home.settings, viewer, answers, wording=WORDING)
    with pytest.raises(Conflict, match="sealed_after_reset"):
        await guardian_requests.request_consent(home.db, home.settings, viewer, [city], guardian_email="a@example.org")
    with pytest.raises(Conflict, match="sealed_after_reset"):
        await erasure.request_erasure(home.db, home.settings, viewer, keep_statements=False)
    with pytest.raises(Conflict, match="sealed_after_reset"):
        await erasure.export_data(home.db, home.settings, viewer)
    for table in ("consent", "guardian_key", "outgoing_mail"):
        assert await home.count(table) == 0
