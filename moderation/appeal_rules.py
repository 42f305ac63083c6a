"""Who may contest which decision, until when, who may answer, and what the answer brings about. Pure."""

import calendar
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from moderation.rules import Verdict


class Side(StrEnum):
    """Whose appeal it is. A guardian has no account: theirs hangs on the author's, who shares it."""

    AUTHOR = "AUTHOR"
    GUARDIAN = "GUARDIAN"
    REPORTER = "REPORTER"


class AppealState(StrEnum):
    """Where an appeal stands. An answer is carried out in the transaction that gives it."""

    FILED = "FILED"
    UPHELD = "UPHELD"
    OVERTURNED = "OVERTURNED"
    PARTLY = "PARTLY"


class Effect(StrEnum):
    """What an answer brings about."""

    NOTHING = "NOTHING"
    TURN_KEY = "TURN_KEY"  # the refused revision is approved, as far as this key goes
    ASK_CHANGES = "ASK_CHANGES"  # refused no longer for good: the author may change and submit again
    RESTORE = "RESTORE"
    HIDE = "HIDE"


_EFFECTS: dict[tuple[Verdict, AppealState], Effect] = {
    (Verdict.REJECT, AppealState.OVERTURNED): Effect.TURN_KEY,
    (Verdict.REJECT, AppealState.PARTLY): Effect.ASK_CHANGES,
    (Verdict.REQUEST_CHANGES, AppealState.OVERTURNED): Effect.TURN_KEY,
    (Verdict.HIDE, AppealState.OVERTURNED): Effect.RESTORE,
    (Verdict.REMOVE, AppealState.OVERTURNED): Effect.RESTORE,
    (Verdict.KEEP, AppealState.OVERTURNED): Effect.HIDE,
}


def effect_of(verdict: Verdict, answer: AppealState) -> Effect | None:
    """What the answer does to the contested decision; None for an answer that makes no sense there."""
    if answer is AppealState.UPHELD:
        return Effect.NOTHING
    return _EFFECTS.get((verdict, answer))


def sides_that_may_appeal(verdict: Verdict) -> frozenset[Side]:
    """A restriction is contested by the author, keeping by a reporter; an approval by nobody (it can be reported).

    A guardian speaks up for a child whose words were refused, and learns nothing of what was hidden.
    """
    match verdict:
        case Verdict.REJECT | Verdict.REQUEST_CHANGES:
            return frozenset({Side.AUTHOR, Side.GUARDIAN})
        case Verdict.HIDE | Verdict.REMOVE:
            return frozenset({Side.AUTHOR})
        case Verdict.KEEP:
            return frozenset({Side.REPORTER})
        case Verdict.APPROVE:
            return frozenset()


@dataclass(frozen=True, slots=True)
class Answerer:
    """Somebody who would answer an appeal: what they have to do with the case."""

    is_moderator: bool
    had_hand: bool
    is_author: bool
    has_reported: bool
    is_authors_teacher: bool
    reads_language: bool


def why_not_answer(person: Answerer) -> str | None:
    """Why this person may not answer, or None: only a moderator who never touched the case and is party to nothing."""
    if not person.is_moderator:
        return "not_allowed"
    if person.is_author or person.has_reported:
        return "own_subject"
    if person.had_hand:
        return "same_reviewer"
    if person.is_authors_teacher:
        return "needs_other_than_teacher"
    return None if person.reads_language else "language_not_declared"


def appeal_until(decided_at: datetime, months: int) -> datetime:
    """The end of the appeal's window: the same day so many months later, or that month's last day."""
    month = decided_at.month - 1 + months
    year, month = decided_at.year + month // 12, month % 12 + 1
    day = min(decided_at.day, calendar.monthrange(year, month)[1])
    return decided_at.replace(year=year, month=month, day=day)
