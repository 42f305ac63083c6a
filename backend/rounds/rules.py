"""The rules of a round: its states, who competes, and the guards. No I/O; the moment is passed in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from backend.core.errors import Closed, Conflict

LEAST_SEATS = 9  # a smaller class competes joined with others, or takes part unranked
MOST_JOINED_SEATS = 40
LEAST_JOINED, MOST_JOINED = 2, 5  # classes
LOT_SLOTS = 5
LEAST_SCORES, JURORS_AN_ENTRY = 3, 4
LEAST_SCORE, GREATEST_SCORE = 1, 5
JUROR_PATIENCE = timedelta(days=2)  # who has not answered by then is not waited for: somebody else is asked too
LEAST_JUDGED = 3  # with fewer entries the result of the class would tell the median of a single one
CARDS, MOST_MARKS = 6, 3
ARCHIVE_DAYS = 30
LATEST_ANNOUNCEMENT = timedelta(days=60)
ABANDONED_AFTER = timedelta(days=90)  # unconfirmed for so long, a round ends without a result


class RoundState(StrEnum):
    """Where a round stands. It follows from the clock up to PROVISIONAL; then an editor confirms and announces."""

    SCHEDULED = "SCHEDULED"
    OPEN = "OPEN"
    CLOSED = "CLOSED"
    JUDGING = "JUDGING"
    PROVISIONAL = "PROVISIONAL"
    CONFIRMED = "CONFIRMED"
    ANNOUNCED = "ANNOUNCED"
    ARCHIVED = "ARCHIVED"
    PAUSED = "PAUSED"
    VOID = "VOID"


RESULT_STATES = frozenset({RoundState.ANNOUNCED, RoundState.ARCHIVED})


class Origin(StrEnum):
    """Where a round comes from: the campaign's weekly plan, or scheduled by itself."""

    WEEKLY = "WEEKLY"
    SINGLE = "SINGLE"


class DutyState(StrEnum):
    """Where a juror stands with an entry."""

    ASSIGNED = "ASSIGNED"
    SCORED = "SCORED"
    ABSTAINED = "ABSTAINED"


class AbstainReason(StrEnum):
    """Why a juror does not score an entry."""

    KNOWS_AUTHOR = "KNOWS_AUTHOR"
    LANGUAGE = "LANGUAGE"
    TOO_CLOSE = "TOO_CLOSE"
    OTHER = "OTHER"


class Unranked(StrEnum):
    """Why a class takes part without a rank."""

    TOO_SMALL = "TOO_SMALL"
    TOO_FEW_ENTRIES = "TOO_FEW_ENTRIES"
    NOT_ENOUGH_SCORES = "NOT_ENOUGH_SCORES"


class AwardConsent(StrEnum):
    """Whether the author of a statement agrees to its award; a class's needs no answer."""

    NOT_NEEDED = "NOT_NEEDED"
    ASKED = "ASKED"
    GIVEN = "GIVEN"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class RoundTimes:
    """What decides a round's state. All aware, UTC."""

    opens_at: datetime
    freezes_at: datetime
    closes_at: datetime
    judging_starts_at: datetime
    judging_ends_at: datetime
    paused_at: datetime | None = None
    confirmed_at: datetime | None = None
    announces_at: datetime | None = None
    voided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Weights:
    """How much quality, participation and the voices of other classes count, in per cent; together 100."""

    quality: int = 50
    participation: int = 30
    voices: int = 20


def effective_state(times: RoundTimes, now: datetime) -> RoundState:
    """What holds at this moment: no job has to run for a round to open, close or be announced."""
    if times.voided_at is not None:
        return RoundState.VOID
    if times.confirmed_at is not None:
        return _state_of_result(times.announces_at, now)
    if times.paused_at is not None:
        return RoundState.PAUSED
    return _state_by_clock(times, now)


def _state_of_result(announces_at: datetime | None, now: datetime) -> RoundState:
    if announces_at is None or now < announces_at:
        return RoundState.CONFIRMED
    return RoundState.ANNOUNCED if now < announces_at + timedelta(days=ARCHIVE_DAYS) else RoundState.ARCHIVED


def _state_by_clock(times: RoundTimes, now: datetime) -> RoundState:
    bounds = (
        (times.opens_at, RoundState.SCHEDULED),
        (times.closes_at, RoundState.OPEN),
        (times.judging_starts_at, RoundState.CLOSED),
        (times.judging_ends_at, RoundState.JUDGING),
    )
    return next((state for end, state in bounds if now < end), RoundState.PROVISIONAL)


def resumed(times: RoundTimes, now: datetime) -> dict[str, datetime]:
    """The times, moved by as long as the round was paused: what had happened before the pause stays where it was.

    A freeze that had begun is not lifted, so nobody sees a count that is newer than the last one shown.
    """
    assert times.paused_at is not None  # noqa: S101 - the caller looked at the state
    lost = now - times.paused_at
    names = ("freezes_at", "closes_at", "judging_starts_at", "judging_ends_at")
    moments = {name: getattr(times, name) for name in names}
    return {name: at + lost if at > times.paused_at else at for name, at in moments.items()}


def is_frozen(times: RoundTimes, now: datetime) -> bool:
    """Whether the standings that everybody sees stand still."""
    return now >= times.freezes_at


# What must be over before a phase comes, and what is said of one that has not come or has ended.
_PHASES = {
    RoundState.OPEN: (frozenset({RoundState.SCHEDULED}), "round_not_open", "round_closed"),
    RoundState.JUDGING: (
        frozenset({RoundState.SCHEDULED, RoundState.OPEN, RoundState.CLOSED}), "judging_not_begun", "judging_over",
    ),
}  # fmt: skip
_STANDSTILL = frozenset({RoundState.PAUSED, RoundState.VOID})


def require_phase(times: RoundTimes, now: datetime, phase: RoundState) -> None:
    """Pass in this phase, OPEN or JUDGING. Raises Closed for what has not begun or has ended, else Conflict."""
    state = effective_state(times, now)
    if state is phase:
        return
    if state in _STANDSTILL:
        raise Conflict(state=state)
    earlier, not_begun, over = _PHASES[phase]
    raise Closed(not_begun if state in earlier else over)


def slots_of(*, authors: int, size: int) -> int:
    """Among how many slots the lot draws: one an author, but at least half the seats, rounded up (rules.md, Round)."""
    return max(authors, -(-size // 2))


def may_rank(*, size: int, classes: int) -> bool:
    """Whether a contender is big enough, or was joined, to be ranked."""
    return size >= LEAST_SEATS or classes > 1


def most_marks(cards: int) -> int:
    """How many cards of a hand may be marked: three of six, never more than half."""
    return min(MOST_MARKS, cards // 2)
