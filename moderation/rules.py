"""The rules of a case: its states, who may turn a key, what may be decided. Pure; the clock is passed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from backend.core.ids import Id
from backend.core.text import primary_language

SEVERE = 2  # severity from which the short service level holds and the case passes the teacher by
MAX_SEVERITY = 3


class CaseState(StrEnum):
    """Where a case stands. *Decided* is a moment, not a state: a decision leads at once to SECOND_KEY or CLOSED."""

    NEW = "NEW"
    QUEUED = "QUEUED"
    CLAIMED = "CLAIMED"
    SECOND_KEY = "SECOND_KEY"
    REOPENED = "REOPENED"
    CLOSED = "CLOSED"


class Verdict(StrEnum):
    """What is decided: the first three about a submitted revision, the others about reported, visible content."""

    APPROVE = "APPROVE"
    REQUEST_CHANGES = "REQUEST_CHANGES"
    REJECT = "REJECT"
    KEEP = "KEEP"
    HIDE = "HIDE"
    REMOVE = "REMOVE"


class Hand(StrEnum):
    """As what somebody acted on a case. RULE is nobody: enough reports hid it until a person decides."""

    TEACHER = "TEACHER"
    MODERATOR = "MODERATOR"
    STAFF = "STAFF"
    DEPICTED = "DEPICTED"
    RULE = "RULE"


class Reason(StrEnum):
    """The closed, viewpoint-neutral list. Criticism of a school, city, religion or office-holder is none of them."""

    LAW = "LAW"
    PERSONAL_DATA = "PERSONAL_DATA"
    OTHERS_RIGHTS = "OTHERS_RIGHTS"
    HARASSMENT = "HARASSMENT"
    SPAM = "SPAM"
    OFF_CAMPAIGN_RULES = "OFF_CAMPAIGN_RULES"


REVIEW_VERDICTS = frozenset({Verdict.APPROVE, Verdict.REQUEST_CHANGES, Verdict.REJECT})
RESTRICTIONS = frozenset({Verdict.REQUEST_CHANGES, Verdict.REJECT, Verdict.HIDE, Verdict.REMOVE})


@dataclass(frozen=True, slots=True)
class Key:
    """One approval of the revision under review."""

    account_id: Id | None
    hand: Hand
    is_authors_teacher: bool


@dataclass(frozen=True, slots=True)
class Review:
    """What has to be approved: how many keys it takes, in which languages it can be read, whom it passes by.

    `needs_moderator`: it was held, or what it would replace was reported or hidden.
    """

    keys: int
    language: str
    translations: Sequence[str] = ()
    skip_teacher: bool = False
    needs_moderator: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody before a case: what they are to it and what they can read.

    `turns_teacher_key`: teaches the class that it was said in. `is_authors_teacher`: teaches that class or any other in
    which the author sits now; such a person is never the independent one of two. `runs_school`: answers for the school.
    """

    account_id: Id
    languages: frozenset[str]
    is_moderator: bool = False
    turns_teacher_key: bool = False
    is_authors_teacher: bool = False
    runs_school: bool = False
    is_author: bool = False
    is_reporter: bool = False


def state_of(*, review_open: bool, report_open: bool, keys_given: int, reopened: bool) -> CaseState:
    """The stored state of a case, made of what is still to be decided in it."""
    if not review_open and not report_open:
        return CaseState.CLOSED
    if review_open and keys_given:
        return CaseState.SECOND_KEY
    return CaseState.REOPENED if reopened else CaseState.NEW


def effective_state(
    stored: CaseState, *, queue_from: datetime, claim_until: datetime | None, now: datetime
) -> CaseState:
    """What holds now: a claim ends by its time, and the moderators' queue opens by its time, without any job."""
    if stored is CaseState.CLOSED:
        return stored
    if claim_until is not None and now < claim_until:
        return CaseState.CLAIMED
    return CaseState.QUEUED if stored is CaseState.NEW and queue_from <= now else stored


def language_read(review: Review, languages: frozenset[str]) -> str | None:
    """The language in which somebody who declared `languages` reads it: the original, else a translation, else None."""
    declared = {primary_language(tag) for tag in languages}
    return next((tag for tag in (review.language, *review.translations) if primary_language(tag) in declared), None)


def why_hidden_from(person: Person, review: Review) -> str | None:
    """Why the case is none of this person's business, or None: it is their own, it is about their school, no role."""
    if person.is_author:
        return "own_subject"
    if not person.is_moderator and not person.turns_teacher_key:
        return "not_allowed"
    is_of_school = person.is_authors_teacher or person.runs_school
    return "about_the_school" if review.skip_teacher and is_of_school else None


def why_no_key(review: Review, given: Sequence[Key], person: Person, hand: Hand) -> str | None:
    """Why this person's approval does not count, or None when it does.

    One key: the class's teacher or a moderator. Two keys: two different people, the second a moderator, at least one
    not the author's teacher. What is held, or replaces what was reported, is never opened by a teacher alone.
    """
    if (hidden := why_hidden_from(person, review)) is not None:
        return hidden
    if not (person.is_moderator if hand is Hand.MODERATOR else person.turns_teacher_key):
        return "not_allowed"
    if language_read(review, person.languages) is None:
        return "language_not_declared"
    if any(key.account_id == person.account_id for key in given):
        return "same_person"
    if hand is Hand.TEACHER and (given or (review.needs_moderator and review.keys == 1)):
        return "moderator_needed"
    if given and person.is_authors_teacher and all(key.is_authors_teacher for key in given):
        return "needs_other_than_teacher"
    return None


def is_approved(review: Review, given: Sequence[Key]) -> bool:
    """Whether the keys turned so far open it."""
    return len(given) >= review.keys


def why_no_verdict(review: Review, given: Sequence[Key], person: Person, verdict: Verdict) -> str | None:
    """Why a moderator may not decide this way, or None. Only a moderator refuses; nobody decides what they reported."""
    if verdict is Verdict.APPROVE:
        return why_no_key(review, given, person, Hand.MODERATOR)
    if (hidden := why_hidden_from(person, review)) is not None:
        return hidden
    if not person.is_moderator:
        return "only_moderator"
    if verdict not in REVIEW_VERDICTS and person.is_reporter:
        return "own_report"
    return None if language_read(review, person.languages) is not None else "language_not_declared"


_HEAD_START = (timedelta(), timedelta(hours=12), timedelta(days=60), timedelta(days=120))
_PER_REPORT = timedelta(hours=4)
_MAX_COUNTED_REPORTS = 20


def rank_at(opened_at: datetime, *, severity: int, reports: int) -> datetime:
    """`rank = severity + reports - rate·opened_at`, told as a time: the earlier, the sooner it is looked at.

    Severity and reports act as if the case had come that much earlier, so the order never changes while it waits.
    """
    return opened_at - _HEAD_START[min(severity, MAX_SEVERITY)] - _PER_REPORT * min(reports, _MAX_COUNTED_REPORTS)
