"""Guardians on a real database: asked by key, answering, taking back, never by the child."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.accounts import guardian_keys, guardian_requests
from backend.accounts.consent import Answered
from backend.accounts.consent_rules import (
    WORDING,
    ConsentAnswer,
)
from backend.accounts.guardian_keys import GuardianSlip
from backend.core.clock import time_shifted
from backend.core.errors import (
    DomainError,
    NotAllowed,
    NotFound,
    RateLimited,
    ValidationFailed,
)
from backend.core.ids import new_id
from backend.core.viewer import Viewer, ViewerSeat
from tests.accounts.ledger import CITY, DAY, SOCIAL, YOUNG, answer, by_key, jobs, missing, slip_for, told_of_endings
from tests.accounts.people import House, somebody, viewer_of


async def test_guardians_yes_with_the_childs_counts_a_day_later(home: House) -> None:
    person = await home.sign_up(birth_year=YOUNG)
    await answer(home, viewer_of(person), CITY)
    slip = await slip_for(home, person, CITY)
    with time_shifted(timedelta(hours=12)):
        await by_key(home, slip.code.lower(), [CITY])
    with time_shifted(DAY):
        assert await missing(home, person) == "consent_not_yet"
    with time_shifted(timedelta(hours=36)):
        assert await missing(home, person) is None
    stored = str(await home.value("select jsonb_agg(to_jsonb(k))::text from guardian_key k"))
    assert slip.code not in stored
    assert slip.code.replace("-", "") not in stored
    assert await home.value("select count(*) from notice where kind = 'guardian_answered'") == 1


async def test_guardians_no_beats_a_yes_and_key_works_until_of_age(home: House) -> None:
    person = await home.sign_up(birth_year=YOUNG)
    slip = await slip_for(home, person, CITY)
    await answer(home, viewer_of(person), CITY)
    await by_key(home, slip.code, [CITY])
    with time_shifted(timedelta(days=200)):
        assert await missing(home, person) is None
        await by_key(home, slip.code, [CITY], ConsentAnswer.NO)
        assert await missing(home, person) == "consent_guardian_refused"
    with time_shifted(timedelta(days=3 * 366)), pytest.raises(NotFound, match="guardian_key_unknown"):
        await by_key(home, slip.code, [CITY])


async def test_guardian_takes_back_only_what_the_key_carries(home: House) -> None:
    person = await home.sign_up(birth_year=YOUNG)
    slip = await slip_for(home, person, CITY)
    await by_key(home, slip.code, [CITY])
    with pytest.raises(NotAllowed, match="consent_not_asked"):
        await by_key(home, slip.code, [SOCIAL])
    with pytest.raises(NotAllowed, match="consent_not_asked"):
        await guardian_keys.withdraw_by_key(home.db, home.settings, somebody(), slip.code, [SOCIAL])
    with told_of_endings() as told:
        await guardian_keys.withdraw_by_key(home.db, home.settings, somebody(), slip.code, [CITY])
        assert told == [person.account.id]
    assert await home.value("select withdrawn_by from consent") == "GUARDIAN"


async def test_child_and_teacher_cannot_answer_with_the_guardians_key(home: House) -> None:
    person = await home.sign_up(birth_year=YOUNG)
    slip = await slip_for(home, person, CITY)
    given = [Answered(CITY, ConsentAnswer.YES)]
    with pytest.raises(NotAllowed, match="guardian_key_by_child"):
        await guardian_keys.answer_by_key(home.db, home.settings, viewer_of(person), slip.code, given, wording=WORDING)
    teacher = replace(somebody(), students=frozenset({person.account.id}))
    with pytest.raises(NotAllowed, match="guardian_key_by_teacher"):
        await guardian_keys.answer_by_key(home.db, home.settings, teacher, slip.code, given, wording=WORDING)
    assert await home.count("consent") == 0


async def test_one_key_a_child_is_reused_extended_renewed_and_revoked(home: House) -> None:
    person, other = await home.sign_up(birth_year=YOUNG), await home.sign_up("ali", birth_year=YOUNG)
    first, second = await slip_for(home, person, CITY), await slip_for(home, person, SOCIAL)
    assert first.code == second.code
    assert second.questions == (CITY, SOCIAL)
    assert (await slip_for(home, other, CITY)).code != first.code
    async with home.db.transaction() as tx:
        renewed = await guardian_keys.renew(tx, home.settings, person.account.id, by=new_id())
    assert renewed.questions == (CITY, SOCIAL)
    assert await guardian_keys.open_page(home.db, home.settings, somebody(), first.code) is None
    async with home.db.reading() as conn:
        slips = await guardian_keys.slips(conn, home.settings, [person.account.id])
    assert [slip.code for slip in slips] == [renewed.code]
    async with home.db.transaction() as tx:
        await guardian_keys.revoke(tx, person.account.id, by=new_id())
    with pytest.raises(NotFound, match="guardian_key_unknown"):
        await by_key(home, renewed.code, [CITY])


async def test_unanswered_key_expires(home: House) -> None:
    person = await home.sign_up(birth_year=YOUNG)
    slip = await slip_for(home, person, CITY)
    with time_shifted(timedelta(days=guardian_keys.ASK_DAYS)), pytest.raises(NotFound):
        await by_key(home, slip.code, [CITY])


async def test_opening_a_page_changes_nothing(home: House) -> None:
    person = await home.sign_up(birth_year=YOUNG)
    slip = await slip_for(home, person, CITY)
    before = await home.value("select to_jsonb(k)::text from guardian_key k")
    page = await guardian_keys.open_page(home.db, home.settings, somebody(), slip.code)
    assert page is not None
    assert (page.child.id, page.questions) == (person.account.id, (CITY,))
    assert await home.value("select to_jsonb(k)::text from guardian_key k") == before
    assert await home.count("consent") == 0


async def test_guessed_keys_are_limited_and_a_right_one_still_opens(home: House) -> None:
    person = await home.sign_up(birth_year=YOUNG)
    slip = await slip_for(home, person, CITY)
    for number in range(30):
        code = f"{number:04}-\ud800\x00"
        assert await guardian_keys.open_page(home.db, home.settings, somebody(), code) is None
    with pytest.raises(RateLimited):
        await guardian_keys.open_page(home.db, home.settings, somebody(), "x" * 100_000)
    assert await guardian_keys.open_page(home.db, home.settings, somebody(), slip.code) is not None


async def request(home: House, viewer: Viewer, email: str | None = None, key: str | None = None) -> GuardianSlip:
    asked = await guardian_requests.request_consent(
        home.db, home.settings, viewer, [CITY], guardian_email=email, client_key=key
    )
    return asked.slip


async def test_request_without_a_class_is_mailed_to_the_guardian_once(home: House) -> None:
    person = await home.sign_up(birth_year=YOUNG)
    key = "a-client-key"
    first = await request(home, viewer_of(person), "parent@example.org", key)
    assert (await request(home, viewer_of(person), "parent@example.org", key)).code == first.code
    assert await home.value("select count(*) from outgoing_mail") == 1
    assert await home.value("select recipient from outgoing_mail") == "parent@example.org"
    async with home.db.transaction() as tx:
        await tx.execute("update account set email = 'Mina@example.org' where id = $1", person.account.id)
    with pytest.raises(ValidationFailed, match="guardian_email_own"):
        await request(home, viewer_of(person), "mina@EXAMPLE.org")


async def test_mailed_yes_carries_nothing_in_a_class_until_the_school_has_asked(home: House) -> None:
    person = await home.sign_up(birth_year=YOUNG)
    viewer = viewer_of(person)
    mailed = await request(home, viewer, "mina-herself@example.org")
    await answer(home, viewer, CITY)
    await by_key(home, mailed.code, [CITY])
    with time_shifted(DAY):
        assert await missing(home, person, at_school=False) is None
        assert await missing(home, person) == "consent_guardian_missing"
        seat = ViewerSeat(new_id(), new_id(), new_id(), new_id(), confirmed=True)
        by_school = await request(home, replace(viewer, seats=(seat,)))
        assert by_school.code != mailed.code
        async with home.db.reading() as conn:
            printed = await guardian_keys.slips(conn, home.settings, [person.account.id])
        assert [slip.code for slip in printed] == [by_school.code]
        await by_key(home, by_school.code, [CITY])
        assert await missing(home, person) is None
        with pytest.raises(NotFound, match="guardian_key_unknown"):
            await by_key(home, mailed.code, [CITY])


async def test_no_by_the_school_is_not_undone_by_mail_after_leaving_the_class(home: House) -> None:
    person = await home.sign_up(birth_year=YOUNG)
    slip = await slip_for(home, person, CITY)
    await answer(home, viewer_of(person), CITY)
    await by_key(home, slip.code, [CITY], ConsentAnswer.NO)
    with pytest.raises(ValidationFailed, match="guardian_by_school"):
        await request(home, viewer_of(person), "mina-herself@example.org")
    assert await missing(home, person, at_school=False) == "consent_guardian_refused"
    assert await home.count("outgoing_mail") == 0


async def test_request_in_a_class_goes_through_the_teacher_never_by_mail(home: House) -> None:
    person = await home.sign_up(birth_year=YOUNG)
    seat = ViewerSeat(new_id(), new_id(), new_id(), new_id(), confirmed=False)
    viewer = replace(viewer_of(person), seats=(seat,))
    await request(home, viewer)
    assert await jobs(home, "consent.asked") == 1
    with pytest.raises(ValidationFailed, match="guardian_by_school"):
        await request(home, viewer, "mina-herself@example.org")
    assert await home.count("outgoing_mail") == 0


@pytest.mark.parametrize(
    ("born", "email", "code"),
    [
        (YOUNG, None, "guardian_email_missing"),
        (YOUNG, "no address", "email_format"),
        (2005, "parent@example.org", "guardian_not_needed"),
    ],
)
async def test_request_that_makes_no_sense_is_refused(home: House, born: int, email: str | None, code: str) -> None:
    person = await home.sign_up(birth_year=born)
    with pytest.raises(DomainError, match=code):
        await request(home, viewer_of(person), email)
    assert await home.count("guardian_key") == 0


async def test_requests_cannot_flood_an_address(home: House) -> None:
    person = await home.sign_up(birth_year=YOUNG)
    for _ in range(5):
        await request(home, viewer_of(person), "parent@example.org")
    with pytest.raises(RateLimited):
        await request(home, viewer_of(person), "parent@example.org")
