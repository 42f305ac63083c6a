"""The ledger on a real database: own answers, representatives, and what is told to others."""

import asyncio
from datetime import timedelta

import pytest

from backend.accounts import consent
from backend.accounts.consent import Answered
from backend.accounts.consent_rules import (
    WORDING,
    ConsentAnswer,
    ConsentAudience,
    ConsentPurpose,
    Question,
)
from backend.core.clock import time_shifted
from backend.core.errors import (
    Conflict,
    NotAllowed,
    Unauthenticated,
    ValidationFailed,
)
from backend.core.ids import new_id
from backend.core.viewer import ANONYMOUS
from tests.accounts.ledger import CITY, CLASS, DAY, YOUNG, answer, jobs, missing, told_of_endings
from tests.accounts.people import House, viewer_of


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
    with told_of_endings() as told, time_shifted(DAY):
        assert await missing(home, person) is None
        await consent.withdraw_self(home.db, viewer_of(person), [CITY])
        assert await missing(home, person) == "consent_self_missing"
        with pytest.raises(Conflict, match="consent_not_given"):
            await consent.withdraw_self(home.db, viewer_of(person), [CITY])
    assert told == [person.account.id]
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
        states = await consent.effective(conn, [*ids, new_id()], await conn.now(), at_school=True)
    assert [states[one].covers("CLASS") for one in ids] == [None, "consent_self_missing", "consent_self_missing"]
    assert len(states) == 3
