"""What the consent ledger means: every combination of age, answers and times."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.accounts.consent_rules import (
    QUESTIONS,
    ConsentAnswer,
    ConsentAudience,
    ConsentGiver,
    ConsentPurpose,
    ConsentRow,
    ConsentState,
    Question,
    Why,
    of_age_from,
    protected_age,
)
from backend.core.ids import new_id

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
AGES = {ConsentPurpose.PUBLISH: 13, ConsentPurpose.IDENTIFIABLE_MEDIA: 15, ConsentPurpose.PUBLIC_NAMING: 18}
CITY = Question(ConsentPurpose.PUBLISH, ConsentAudience.CITY)


def row(
    giver: ConsentGiver,
    answer: ConsentAnswer = ConsentAnswer.YES,
    *,
    question: Question = CITY,
    effective: timedelta = timedelta(),
    expires: timedelta | None = None,
    withdrawn: bool = False,
    by_mail: bool = False,
) -> ConsentRow:
    return ConsentRow(
        id=new_id(),
        account_id=new_id(),
        purpose=question.purpose,
        audience=question.audience,
        answer=answer,
        wording="2026_1",
        granted_by=giver,
        legal_basis=question.legal_basis,
        reason_code=None,
        at=NOW,
        effective_at=NOW + effective,
        expires_at=None if expires is None else NOW + expires,
        withdrawn_at=NOW if withdrawn else None,
        by_mail=by_mail,
    )


def why(*rows: ConsentRow, born: int | None = 2011, question: Question = CITY, at_school: bool = True) -> str | None:
    state = ConsentState(born, AGES, rows, NOW, at_school=at_school)
    return state.covers(question.audience, question.purpose)


def test_mailed_guardians_yes_carries_nothing_said_in_a_class_and_its_no_everything() -> None:
    mailed = row(GUARDIAN, by_mail=True)
    assert why(row(SELF), mailed, born=YOUNG) == Why.GUARDIAN_MISSING
    assert why(row(SELF), mailed, born=YOUNG, at_school=False) is None
    assert why(row(SELF), row(GUARDIAN), born=YOUNG, at_school=False) is None
    for at_school in (True, False):
        refused = row(GUARDIAN, ConsentAnswer.NO, by_mail=True)
        assert why(row(SELF), row(REPRESENTATIVE), refused, born=YOUNG, at_school=at_school) == Why.GUARDIAN_REFUSED


SELF, GUARDIAN, REPRESENTATIVE = ConsentGiver.SELF, ConsentGiver.GUARDIAN, ConsentGiver.REPRESENTATIVE
YOUNG, OLD_ENOUGH = 2013, 2012


@pytest.mark.parametrize(("birth_year", "age"), [(2013, 12), (2012, 13), (2026, -1), (1990, 35)])
def test_age_is_the_one_surely_reached(birth_year: int, age: int) -> None:
    assert protected_age(birth_year, NOW) == age


@given(birth_year=st.integers(1920, 2026), age=st.integers(0, 30))
def test_of_age_begins_exactly_when_the_age_is_surely_reached(birth_year: int, age: int) -> None:
    start = of_age_from(birth_year, age)
    assert protected_age(birth_year, start) == age
    assert protected_age(birth_year, start - timedelta(microseconds=1)) == age - 1


def test_without_any_answer_nothing_is_covered() -> None:
    assert {why(question=question) for question in QUESTIONS} == {Why.SELF_MISSING}


def test_own_yes_is_enough_from_the_age_of_the_country() -> None:
    assert why(row(SELF), born=OLD_ENOUGH) is None
    assert why(row(SELF), born=YOUNG) == Why.GUARDIAN_MISSING
    assert why(row(SELF), born=None) == Why.GUARDIAN_MISSING


@pytest.mark.parametrize("giver", [GUARDIAN, REPRESENTATIVE])
def test_below_the_age_it_takes_both(giver: ConsentGiver) -> None:
    assert why(row(SELF), row(giver), born=YOUNG) is None
    assert why(row(giver), born=YOUNG) == Why.SELF_MISSING


def test_guardians_no_beats_every_yes_until_the_person_decides_alone() -> None:
    no = row(GUARDIAN, ConsentAnswer.NO)
    assert why(row(SELF), row(REPRESENTATIVE), no, born=YOUNG) == Why.GUARDIAN_REFUSED
    assert why(row(SELF), no, born=OLD_ENOUGH) is None


def test_own_no_is_no_yes() -> None:
    assert why(row(SELF, ConsentAnswer.NO), row(GUARDIAN), born=YOUNG) == Why.SELF_MISSING


def test_withdrawn_and_expired_answers_do_not_count() -> None:
    assert why(row(SELF, withdrawn=True)) == Why.SELF_MISSING
    assert why(row(SELF), row(REPRESENTATIVE, expires=timedelta()), born=YOUNG) == Why.GUARDIAN_MISSING
    assert why(row(SELF), row(REPRESENTATIVE, expires=timedelta(seconds=1)), born=YOUNG) is None
    assert why(row(SELF), row(GUARDIAN, ConsentAnswer.NO, withdrawn=True), row(REPRESENTATIVE), born=YOUNG) is None


def test_every_needed_yes_must_have_taken_effect() -> None:
    later = timedelta(seconds=1)
    assert why(row(SELF, effective=later), born=OLD_ENOUGH) == Why.NOT_YET
    assert why(row(SELF), row(GUARDIAN, effective=later), born=YOUNG) == Why.NOT_YET
    assert why(row(SELF, effective=later), row(GUARDIAN), born=YOUNG) == Why.NOT_YET
    assert why(row(SELF), row(GUARDIAN, effective=later), row(REPRESENTATIVE), born=YOUNG) is None


@pytest.mark.parametrize("audience", [ConsentAudience.CLASS, ConsentAudience.SCHOOL])
def test_within_school_own_yes_is_enough_at_any_age(audience: ConsentAudience) -> None:
    question = Question(ConsentPurpose.PUBLISH, audience)
    assert why(row(SELF, question=question), question=question, born=2019) is None


def test_one_audience_says_nothing_about_another() -> None:
    assert why(row(SELF), question=Question(ConsentPurpose.PUBLISH, ConsentAudience.SOCIAL)) == Why.SELF_MISSING
    media = Question(ConsentPurpose.IDENTIFIABLE_MEDIA, ConsentAudience.CITY)
    assert why(row(SELF), question=media) == Why.SELF_MISSING


def test_pictures_and_naming_have_ages_of_their_own() -> None:
    media = Question(ConsentPurpose.IDENTIFIABLE_MEDIA, ConsentAudience.CITY)
    naming = Question(ConsentPurpose.PUBLIC_NAMING)
    assert why(row(SELF, question=media), question=media, born=2011) == Why.GUARDIAN_MISSING
    assert why(row(SELF, question=media), question=media, born=2010) is None
    assert why(row(SELF, question=naming), question=naming, born=2008) == Why.GUARDIAN_MISSING
    assert why(row(SELF, question=naming), question=naming, born=2007) is None


def test_unknown_country_takes_the_strictest_age() -> None:
    state = ConsentState(2010, {}, [row(SELF)], NOW, at_school=True)
    assert state.covers("CITY") == Why.GUARDIAN_MISSING
    assert ConsentState(2009, {}, [row(SELF)], NOW, at_school=True).covers("CITY") is None


@given(
    rows=st.lists(
        st.builds(
            row,
            st.sampled_from(ConsentGiver),
            st.sampled_from(ConsentAnswer),
            question=st.sampled_from(QUESTIONS),
            effective=st.sampled_from([timedelta(), timedelta(hours=24)]),
            expires=st.sampled_from([None, timedelta(), timedelta(days=1)]),
            withdrawn=st.booleans(),
        ),
        max_size=8,
    ),
    born=st.one_of(st.none(), st.integers(1990, 2020)),
    question=st.sampled_from(QUESTIONS),
)
def test_nothing_is_covered_without_a_running_effective_yes_of_everyone_needed(
    rows: list[ConsentRow], born: int | None, question: Question
) -> None:
    state = ConsentState(born, AGES, rows, NOW, at_school=True)
    reason = state.covers(question.audience, question.purpose)
    counting = {
        one.granted_by
        for one in rows
        if one.question == question and one.answer is ConsentAnswer.YES and one.runs(NOW) and one.effective_at <= NOW
    }
    if reason is None:
        assert SELF in counting
        assert not state.needs_guardian(question) or counting & {GUARDIAN, REPRESENTATIVE}


@pytest.mark.parametrize("question", QUESTIONS)
def test_question_survives_its_stored_key(question: Question) -> None:
    assert Question.from_key(question.key) == question
    assert question.is_sensible
