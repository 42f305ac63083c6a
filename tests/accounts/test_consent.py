"""The ledger on a real database: own answers, guardian keys, representatives, and what is told to others."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from backend.accounts import consent, guardian_keys, guardian_requests
from backend.accounts.consent import Answered
from backend.accounts.consent_rules import (
    WORDING,
    ConsentAnswer,
    ConsentAudience,
    ConsentPurpose,
    ConsentState,
    Question,
)
from backend.accounts.guardian_keys import GuardianSlip
from backend.accounts.sign_up import SignedUp
from backend.core.clock import time_shifted
from backend.core.errors import (
    Conflict,
    ConsentRequired,
    DomainError,
    NotAllowed,
    NotFound,
    RateLimited,
    Unauthenticated,
    ValidationFailed,
)
from backend.core.ids import new_id
from backend.core.viewer import ANONYMOUS, Viewer, ViewerSeat
from tests.accounts.people import House, somebody, viewer_of

CLASS = Question(ConsentPurpose.PUBLISH, ConsentAudience.CLASS)
CITY = Question(ConsentPurpose.PUBLISH, ConsentAudience.CITY)
SOCIAL = Question(ConsentPurpose.PUBLISH, ConsentAudience.SOCIAL)
DAY = timedelta(hours=24)
YOUNG = 2014


async def answer(
    home: House, viewer: Viewer, *questions: Question, says: ConsentAnswer = ConsentAnswer.YES, key: str | None = None
) -> ConsentState:
    given = [Answered(question, says) for question in questions]
    return await consent.answer_self(home.db, home.settings, viewer, given, wording=WORDING, client_key=key)


async def missing(home: House, person: SignedUp, audience: str = "CITY") -> str | None:
    async with home.db.reading() as conn:
        try:
            await consent.require(conn, person.account.id, audience)
        except ConsentRequired as error:
            return error.code
    return None


async def slip_for(home: House, person: SignedUp, *questions: Question) -> GuardianSlip:
    async with home.db.transaction() as tx:
        return await guardian_keys.ask(tx, home.settings, person.account.id, questions, asked_by=person.account.id)


async def by_key(
    home: House, code: str, questions: Sequence[Question], says: ConsentAnswer = ConsentAnswer.YES
) -> ConsentState:
    given = [Answered(question, says) for question in questions]
    return await guardian_keys.answer_by_key(home.db, home.settings, somebody(), code, given, wording=WORDING)


async def jobs(home: House, kind: str) -> object:
    return await home.value("select count(*) from pgqueuer where entrypoint = $1", kind)


async def test_own_yes_to_the_class_counts_at_once_and_to_the_city_a_day_later(home: House) -> None:
    person = await home.sign_up()
    await answer(home, viewer_of(person), CLASS, CITY)
    assert await missing(home, person, "CLASS") is None
    assert await missing(home, person) == "consent_not_yet"
    assert await jobs(home, "consent.given") == 1
    with time_shifted(DAY):
        assert await missing(home, person) is None


async def test_age_of_the_country_decides_who_has_to_say_yes(home: House) -> None:
    norwegian, danish = await home.sign_up(birth_year=2012), await home.sign_up("ali", birth_year=2012, country="DK")
    for person in (norwegian, danish):
        await answer(home, viewer_of(person), CITY)
    with time_shifted(DAY):
        assert await missing(home, norwegian) is None
        assert await missing(home, danish) == "consent_guardian_missing"


async def test_same_answer_again_adds_nothing_and_keeps_its_time(home: House) -> None:
    person = await home.sign_up()
    await answer(home, viewer_of(person), CITY)
    with time_shifted(timedelta(hours=20)):
        await answer(home, viewer_of(person), CITY)
    assert await home.count("consent") == 1
    with time_shifted(DAY):
        assert await missing(home, person) is None


async def test_answers_at_the_same_time_leave_one_running(home: House) -> None:
    person = await home.sign_up()
    says = [ConsentAnswer.YES, ConsentAnswer.NO] * 3
    await asyncio.gather(*(answer(home, viewer_of(person), CITY, says=one) for one in says))
    assert await home.value("select count(*) from consent where withdrawn_at is null") == 1


async def test_repeated_answer_does_nothing_twice(home: House) -> None:
    person = await home.sign_up()
    key = "a-client-key"
    await answer(home, viewer_of(person), CITY, key=key)
    await consent.withdraw_self(home.db, viewer_of(person), [CITY])
    await answer(home, viewer_of(person), CITY, key=key)
    assert await home.value("select count(*) from consent where withdrawn_at is null") == 0


async def test_withdrawal_counts_at_once_and_is_told(home: House) -> None:
    person = await home.sign_up()
    await answer(home, viewer_of(person), CITY)
    with time_shifted(DAY):
        assert await missing(home, person) is None
        await consent.withdraw_self(home.db, viewer_of(person), [CITY])
        assert await missing(home, person) == "consent_self_missing"
        with pytest.raises(Conflict, match="consent_not_given"):
            await consent.withdraw_self(home.db, viewer_of(person), [CITY])
    assert await jobs(home, "consent.withdrawn") == 1
    assert await home.value("select withdrawn_by from consent") == "SELF"


@pytest.mark.parametrize(
    ("questions", "wording", "code"),
    [
        ([], WORDING, "consent_questions"),
        ([CITY, CITY], WORDING, "consent_questions"),
        ([CITY] * 13, WORDING, "consent_questions"),
        ([Question(ConsentPurpose.PUBLISH)], WORDING, "consent_audience"),
        ([Question(ConsentPurpose.PUBLIC_NAMING, ConsentAudience.CITY)], WORDING, "consent_audience"),
        ([CITY], "2020_1", "wording_outdated"),
        ([CITY], "\x00" * 9999, "wording_outdated"),
    ],
)
async def test_malformed_answers_are_refused(home: House, questions: list[Question], wording: str, code: str) -> None:
    person = await home.sign_up()
    given = [Answered(question, ConsentAnswer.YES) for question in questions]
    with pytest.raises(ValidationFailed, match=code):
        await consent.answer_self(home.db, home.settings, viewer_of(person), given, wording=wording)
    assert await home.count("consent") == 0


async def test_answer_and_withdrawal_by_nobody_are_unauthenticated(home: House) -> None:
    with pytest.raises(Unauthenticated):
        await answer(home, ANONYMOUS, CITY)
    with pytest.raises(Unauthenticated):
        await consent.withdraw_self(home.db, ANONYMOUS, [CITY])


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
    await guardian_keys.withdraw_by_key(home.db, home.settings, somebody(), slip.code, [CITY])
    assert await home.value("select withdrawn_by from consent") == "GUARDIAN"
    assert await jobs(home, "consent.withdrawn") == 1


async def test_child_cannot_answer_with_its_own_guardians_key(home: House) -> None:
    person = await home.sign_up(birth_year=YOUNG)
    slip = await slip_for(home, person, CITY)
    given = [Answered(CITY, ConsentAnswer.YES)]
    with pytest.raises(NotAllowed, match="guardian_key_by_child"):
        await guardian_keys.answer_by_key(home.db, home.settings, viewer_of(person), slip.code, given, wording=WORDING)
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


async def test_representatives_yes_holds_a_year_and_not_for_oneself(home: House) -> None:
    person, head = await home.sign_up(birth_year=YOUNG), await home.sign_up("head", birth_year=1980)
    await answer(home, viewer_of(person), CITY)
    async with home.db.transaction() as tx:
        await consent.grant_by_representative(
            tx, home.settings, person.account.id, [CITY], by=head.account.id, reason_code="no_contact"
        )
    with time_shifted(DAY):
        assert await missing(home, person) is None
    with time_shifted(timedelta(days=365)):
        assert await missing(home, person) == "consent_guardian_missing"
        async with home.db.transaction() as tx:
            await consent.grant_by_representative(
                tx, home.settings, person.account.id, [CITY], by=head.account.id, reason_code="no_contact"
            )
    with time_shifted(timedelta(days=366)):
        assert await missing(home, person) is None
    with pytest.raises(NotAllowed, match="not_for_oneself"):
        async with home.db.transaction() as tx:
            await consent.grant_by_representative(
                tx, home.settings, head.account.id, [CITY], by=head.account.id, reason_code="no_contact"
            )


async def test_effective_answers_for_many_at_once(home: House) -> None:
    people = [await home.sign_up(f"person{number}") for number in range(3)]
    await answer(home, viewer_of(people[0]), CLASS)
    async with home.db.reading() as conn:
        ids = [person.account.id for person in people]
        states = await consent.effective(conn, [*ids, new_id()], await conn.now())
    assert [states[one].covers("CLASS") for one in ids] == [None, "consent_self_missing", "consent_self_missing"]
    assert len(states) == 3
