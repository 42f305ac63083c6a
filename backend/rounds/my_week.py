"""What runs now in the classes one sits in or teaches, what is left to do there, and how far the class has come.

What somebody did stands in their own part alone. Everybody else gets the class's count, in steps that are frozen before
the close, and none at all of a few people.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from backend.campaigns.rules import WAITING_REVIEWS, Review, Visibility
from backend.campaigns.store import campaigns as campaign_store
from backend.core.database import Connection, Database
from backend.core.ids import Id
from backend.core.viewer import Role, ScopeKind, Viewer
from backend.places import store as places_store
from backend.places.records import SchoolClass
from backend.rounds import contenders
from backend.rounds.participation import in_steps
from backend.rounds.rules import RoundState
from backend.rounds.store import my_week as store
from backend.rounds.store.my_week import OwnCandidate, SeatTime
from backend.rounds.store.participation import Wanted, find_participation
from backend.rounds.store.rounds import Round
from backend.rounds.store.unions import unions_in_rounds

MOST_ROUNDS = 10
_RUNNING = frozenset({RoundState.OPEN, RoundState.PAUSED, RoundState.CLOSED, RoundState.JUDGING})
# Sent back, or rewritten after that and not handed in again.
_TO_CHANGE = frozenset({Review.CHANGES_REQUESTED, Review.DRAFT})


class Todo(StrEnum):
    """What a student can do next in a round."""

    SAY_SOMETHING_OR_REFLECT = "SAY_SOMETHING_OR_REFLECT"
    CHANGE_STATEMENT = "CHANGE_STATEMENT"
    WAIT_FOR_APPROVAL = "WAIT_FOR_APPROVAL"
    MARK_VOICES = "MARK_VOICES"
    WAIT_FOR_NEXT_ROUND = "WAIT_FOR_NEXT_ROUND"
    NOTHING = "NOTHING"


@dataclass(frozen=True, slots=True)
class OwnPart:
    """What the viewer did in a round for a class: told to nobody else. `entered_id`: the statement that is entered."""

    todo: Todo
    has_done_task: bool
    is_opted_out: bool
    has_reflected: bool
    entered_id: Id | None


@dataclass(frozen=True, slots=True)
class WeekRow:
    """A round in a class. `time_left` until the close, zero afterwards; it stands still while the round is paused.

    `participation_percent` None: too few people to tell it. `own` None: the viewer teaches there, or is sealed off.
    """

    round: Round
    state: RoundState
    class_id: Id
    time_left: timedelta
    is_teacher: bool
    participation_percent: int | None
    own: OwnPart | None


@dataclass(frozen=True, slots=True)
class _Own:
    """All that the viewer did in the rounds."""

    candidates: Sequence[OwnCandidate]
    entered: Mapping[Id, Collection[Id]]  # by round
    opted_out: Collection[tuple[Id, Id]]  # round and class, as the reflections
    reflected: Collection[tuple[Id, Id]]
    marks_left: Collection[Id]  # rounds


@dataclass(slots=True)
class _Classes:
    """Where the viewer belongs."""

    seats: list[SeatTime]
    taught: set[Id]
    by_id: dict[Id, SchoolClass] = field(default_factory=dict)

    def sat(self, class_id: Id, moment: datetime) -> bool:
        """Whether the viewer sat there at that moment, while the class ran."""
        row = self.by_id[class_id]
        ran = (row.closed_at is None or row.closed_at > moment) and replace(row, closed_at=None).is_open(moment)
        return ran and any(seat.class_id == class_id and seat.holds_at(moment) for seat in self.seats)

    def belongs(self, class_id: Id, now: datetime) -> bool:
        """Whether the viewer teaches there or sits there now."""
        return class_id in self.taught or (self.by_id[class_id].is_open(now) and self.sat(class_id, now))


async def my_week(db: Database, viewer: Viewer, *, only: Id | None = None) -> tuple[list[WeekRow], datetime]:
    """The rounds that run now in the viewer's classes, the latest opening first, and the moment of the answer.

    A class is there that the viewer teaches, sits in with a confirmed seat, or sat in when the round opened. Empty when
    nothing runs. `only`: this round alone. Raises Unauthenticated.
    """
    account_id = viewer.require_account()
    async with db.snapshot() as conn:
        now = await conn.now()
        classes = await _classes(conn, viewer, account_id, now)
        if not classes.by_id:
            return [], now
        cities = {row.city_id for row in classes.by_id.values()}
        found = await store.rounds_around(conn, sorted(cities), now, most=MOST_ROUNDS, only=only)
        pairs = await _pairs(conn, [row for row in found if row.state(now) in _RUNNING], classes, now)
        percents = await _percents(conn, pairs, now)
        own = None if viewer.is_sealed else await _own(conn, pairs, classes, account_id)
        return [_week_row(row, class_id, classes, percents, own, now) for row, class_id in pairs], now


async def _classes(conn: Connection, viewer: Viewer, account_id: Id, now: datetime) -> _Classes:
    seats = await store.seat_times(conn, account_id)
    taught = {
        grant.scope_id
        for grant in viewer.grants
        if grant.role is Role.TEACHER and grant.scope_kind is ScopeKind.CLASS and grant.scope_id is not None
    }
    rows = await places_store.get_classes(conn, sorted({*taught, *(seat.class_id for seat in seats)}))
    running = {class_id for class_id in taught if class_id in rows and rows[class_id].is_open(now)}
    return _Classes(seats, running, rows)


async def _pairs(conn: Connection, rounds: Sequence[Round], classes: _Classes, now: datetime) -> list[tuple[Round, Id]]:
    """Each round with each class of the viewer that it reaches, classes by name."""
    campaigns = await campaign_store.find_campaigns(conn, sorted({row.campaign_id for row in rounds}))
    city_of = {one.id: one.city_id for one in campaigns}
    by_name = sorted(classes.by_id.values(), key=lambda one: (one.name, one.id))
    return [
        (row, one.id)
        for row in rounds
        for one in by_name
        if city_of[row.campaign_id] in {None, one.city_id}
        and (classes.belongs(one.id, now) or classes.sat(one.id, row.opens_at))
    ]


async def _percents(
    conn: Connection, pairs: Sequence[tuple[Round, Id]], now: datetime
) -> dict[tuple[Id, Id], int | None]:
    """How much of each class, or of all that it competes with, did the task, in steps of 20 %; none of a few people."""
    joined = await unions_in_rounds(conn, [row.id for row, _ in pairs], [class_id for _, class_id in pairs])
    groups = {
        (row.id, class_id): next((one for one in joined.get(row.id, []) if class_id in one), [class_id])
        for row, class_id in pairs
    }
    wanted = {
        Wanted(row.id, one, min(now, row.freezes_at)) for row, class_id in pairs for one in groups[row.id, class_id]
    }
    counts = {(one.round_id, one.class_id): one for one in await find_participation(conn, list(wanted))}
    found: dict[tuple[Id, Id], int | None] = {}
    for (round_id, class_id), group in groups.items():
        there = [counts[round_id, one] for one in group if (round_id, one) in counts]
        found[round_id, class_id] = in_steps(sum(one.participants for one in there), sum(one.size for one in there))
    return found


async def _own(conn: Connection, pairs: Sequence[tuple[Round, Id]], classes: _Classes, account_id: Id) -> _Own | None:
    if not pairs or not classes.seats:
        return None
    ids = sorted({row.id for row, _ in pairs})
    mine = await store.own_candidates(conn, ids, account_id)
    choices = await store.own_choices(conn, ids, account_id)
    return _Own(
        mine,
        {round_id: _entered(round_id, mine, choices) for round_id in ids},
        {(one.round_id, one.class_id) for one in choices if one.statement_id is None},
        await store.own_reflections(conn, ids, account_id),
        await store.marks_left(conn, ids, account_id, sorted({seat.class_id for seat in classes.seats})),
    )


def _entered(round_id: Id, mine: Sequence[OwnCandidate], choices: Sequence[store.OwnChoice]) -> set[Id]:
    entries = contenders.entries_of(
        [one.candidate for one in mine if one.round_id == round_id],
        [one.choice for one in choices if one.round_id == round_id],
    )
    return {one.id for one in entries.values()}


def _week_row(
    row: Round,
    class_id: Id,
    classes: _Classes,
    percents: Mapping[tuple[Id, Id], int | None],
    own: _Own | None,
    now: datetime,
) -> WeekRow:
    is_seated = any(seat.class_id == class_id for seat in classes.seats)
    has_sat = classes.sat(class_id, row.opens_at)
    return WeekRow(
        row,
        row.state(now),
        class_id,
        max(row.closes_at - (row.paused_at or now), timedelta()),
        class_id in classes.taught,
        percents.get((row.id, class_id)),
        _own_part(row, class_id, own, row.state(now), has_sat=has_sat) if own is not None and is_seated else None,
    )


def _own_part(row: Round, class_id: Id, own: _Own, state: RoundState, *, has_sat: bool) -> OwnPart:
    key = (row.id, class_id)
    mine = [one for one in own.candidates if (one.round_id, one.class_id) == key]
    is_public = any(one.published_at is not None and one.visibility is not Visibility.REMOVED for one in mine)
    is_done = key in own.reflected or is_public
    return OwnPart(
        # As long as nobody has caused the lot there may be cards: whoever asks for a hand causes it.
        _todo(state, mine, has_sat=has_sat, is_done=is_done, may_mark=row.drawn_at is None or row.id in own.marks_left),
        is_done,
        key in own.opted_out,
        key in own.reflected,
        next((one.id for one in mine if one.id in own.entered[row.id]), None),
    )


def _todo(state: RoundState, mine: Sequence[OwnCandidate], *, has_sat: bool, is_done: bool, may_mark: bool) -> Todo:
    if not has_sat:
        return Todo.WAIT_FOR_NEXT_ROUND
    if state is RoundState.JUDGING and may_mark:
        return Todo.MARK_VOICES
    if is_done or state is RoundState.PAUSED:
        return Todo.NOTHING
    unpublished = {one.review for one in mine if one.visibility is Visibility.UNPUBLISHED}
    if not unpublished.isdisjoint(_TO_CHANGE):
        return Todo.CHANGE_STATEMENT
    if not unpublished.isdisjoint(WAITING_REVIEWS):
        return Todo.WAIT_FOR_APPROVAL
    return Todo.SAY_SOMETHING_OR_REFLECT if state is RoundState.OPEN else Todo.NOTHING
