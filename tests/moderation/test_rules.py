"""The pure rules: states, keys, ranks, school days."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.ids import new_id
from moderation import rules
from moderation.rules import CaseState, Hand, Key, Person, Review, Verdict
from moderation.school_days import after_school_days

ZONES = ("Europe/Oslo", "Europe/Helsinki", "Atlantic/Reykjavik", "Europe/Stockholm", "Europe/Copenhagen")
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def moderator(**options: bool) -> Person:
    return Person(new_id(), frozenset({"nb"}), is_moderator=True, **options)


def teacher(**options: bool) -> Person:
    return Person(new_id(), frozenset({"nb"}), turns_teacher_key=True, is_authors_teacher=True, **options)


def key_of(person: Person, hand: Hand) -> Key:
    return Key(person.account_id, hand, person.is_authors_teacher)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-03-02T10:00", "2026-03-04T10:00"),  # Monday → Wednesday
        ("2026-03-05T15:00", "2026-03-09T15:00"),  # Thursday → Monday
        ("2026-03-06T15:00", "2026-03-10T15:00"),  # Friday → Tuesday
        ("2026-03-07T09:00", "2026-03-11T00:00"),  # Saturday counts from Monday at midnight
        ("2026-03-08T23:59", "2026-03-11T00:00"),  # Sunday too
        ("2026-03-27T10:00", "2026-03-31T10:00"),  # over the change to summer time: the same hour by the clock
    ],
)
def test_two_school_days_skip_the_weekend(start: str, end: str) -> None:
    oslo = ZoneInfo("Europe/Oslo")
    begun = datetime.fromisoformat(start).replace(tzinfo=oslo)
    assert after_school_days(begun, 2, zone="Europe/Oslo") == datetime.fromisoformat(end).replace(tzinfo=oslo)


@given(MOMENTS, st.integers(1, 12), st.sampled_from(ZONES))
def test_school_days_never_end_on_a_weekend_and_never_come_early(start: datetime, days: int, zone: str) -> None:
    end = after_school_days(start, days, zone=zone)
    assert end.astimezone(ZoneInfo(zone)).weekday() < 5
    assert end - start >= timedelta(days=days) - timedelta(hours=1)  # one hour: summer time begins
    assert after_school_days(start, days + 1, zone=zone) > end


@given(MOMENTS, st.integers(0, 3), st.integers(0, 50))
def test_rank_is_earlier_with_severity_and_reports(opened_at: datetime, severity: int, reports: int) -> None:
    rank = rules.rank_at(opened_at, severity=severity, reports=reports)
    assert rank <= opened_at
    assert rules.rank_at(opened_at, severity=severity, reports=reports + 1) <= rank
    if severity < rules.MAX_SEVERITY:
        assert rules.rank_at(opened_at, severity=severity + 1, reports=0) < rules.rank_at(
            opened_at, severity=severity, reports=0
        )


def test_severe_case_comes_before_a_month_old_ordinary_one() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    grave = rules.rank_at(now, severity=rules.SEVERE, reports=0)
    assert grave < rules.rank_at(now - timedelta(days=30), severity=1, reports=20)


@given(st.sampled_from(CaseState), MOMENTS, st.none() | MOMENTS, MOMENTS)
def test_effective_state_claim_and_queue_follow_the_clock(
    stored: CaseState, queue_from: datetime, claim_until: datetime | None, now: datetime
) -> None:
    state = rules.effective_state(stored, queue_from=queue_from, claim_until=claim_until, now=now)
    if stored is CaseState.CLOSED:
        assert state is CaseState.CLOSED
    elif claim_until is not None and claim_until > now:
        assert state is CaseState.CLAIMED
    elif stored is CaseState.NEW:
        assert state is (CaseState.QUEUED if queue_from <= now else CaseState.NEW)
    else:
        assert state is stored


@pytest.mark.parametrize("hand", [Hand.TEACHER, Hand.MODERATOR])
def test_key_by_the_author_in_any_role_never_counts(hand: Hand) -> None:
    both = teacher(is_moderator=True, is_author=True)
    assert rules.why_no_key(Review(1, "nb"), [], both, hand) == "own_subject"


def test_key_by_the_same_person_under_another_role_is_refused() -> None:
    both = teacher(is_moderator=True)
    first = key_of(both, Hand.TEACHER)
    assert rules.why_no_key(Review(2, "nb"), [first], both, Hand.MODERATOR) == "same_person"


def test_second_key_by_a_teacher_is_refused() -> None:
    first = key_of(moderator(), Hand.MODERATOR)
    assert rules.why_no_key(Review(2, "nb"), [first], teacher(), Hand.TEACHER) == "moderator_needed"


def test_two_keys_by_two_teachers_of_the_author_are_refused() -> None:
    first = key_of(teacher(), Hand.TEACHER)
    for colleague in (teacher(is_moderator=True), moderator(is_authors_teacher=True)):  # of the class, of another one
        assert rules.why_no_key(Review(2, "nb"), [first], colleague, Hand.MODERATOR) == "needs_other_than_teacher"
    assert rules.why_no_key(Review(2, "nb"), [first], moderator(), Hand.MODERATOR) is None


def test_teacher_of_the_authors_other_class_turns_no_teacher_key() -> None:
    elsewhere = Person(new_id(), frozenset({"nb"}), is_authors_teacher=True)
    assert rules.why_no_key(Review(1, "nb"), [], elsewhere, Hand.TEACHER) == "not_allowed"
    both = moderator(is_authors_teacher=True)
    assert rules.why_no_key(Review(1, "nb"), [], both, Hand.TEACHER) == "not_allowed"
    assert rules.why_no_key(Review(1, "nb"), [], both, Hand.MODERATOR) is None
    assert rules.why_no_key(Review(1, "nb", skip_teacher=True), [], both, Hand.MODERATOR) == "about_the_school"


def test_key_on_something_about_the_school_is_not_the_teachers() -> None:
    review = Review(1, "nb", skip_teacher=True)
    assert rules.why_no_key(review, [], teacher(), Hand.TEACHER) == "about_the_school"
    both = teacher(is_moderator=True)
    assert rules.why_no_key(review, [], both, Hand.MODERATOR) == "about_the_school"
    assert rules.why_no_key(review, [], moderator(), Hand.MODERATOR) is None


def test_held_single_key_is_a_moderators() -> None:
    review = Review(1, "nb", needs_moderator=True)
    assert rules.why_no_key(review, [], teacher(), Hand.TEACHER) == "moderator_needed"
    assert rules.why_no_key(review, [], moderator(), Hand.MODERATOR) is None


@pytest.mark.parametrize(
    ("language", "translations", "declared", "read"),
    [
        ("nb-NO", (), {"nb"}, "nb-NO"),
        ("ar", ("en",), {"nb"}, None),
        ("ar", ("en",), {"en"}, "en"),
        ("ar", ("en",), {"ar", "en"}, "ar"),
        ("sr-Latn", (), {"sr"}, "sr-Latn"),
        ("ar", (), set(), None),
    ],
)
def test_language_read_is_the_original_or_a_translation(
    language: str, translations: tuple[str, ...], declared: set[str], read: str | None
) -> None:
    review = Review(1, language, translations)
    assert rules.language_read(review, frozenset(declared)) == read
    person = Person(new_id(), frozenset(declared), is_moderator=True)
    for verdict in Verdict:
        assert rules.why_no_verdict(review, [], person, verdict) == (None if read else "language_not_declared")


@pytest.mark.parametrize("verdict", [one for one in Verdict if one is not Verdict.APPROVE])
def test_verdict_other_than_approval_is_a_moderators(verdict: Verdict) -> None:
    assert rules.why_no_verdict(Review(1, "nb"), [], teacher(), verdict) == "only_moderator"
    assert rules.why_no_verdict(Review(1, "nb"), [], moderator(is_author=True), verdict) == "own_subject"


@pytest.mark.parametrize("verdict", [Verdict.KEEP, Verdict.HIDE, Verdict.REMOVE])
def test_verdict_on_ones_own_report_is_refused(verdict: Verdict) -> None:
    assert rules.why_no_verdict(Review(1, "nb"), [], moderator(is_reporter=True), verdict) == "own_report"
