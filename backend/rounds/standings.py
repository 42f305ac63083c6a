"""The standings: worked out from what is there now, and as the classes' counts that everybody sees meanwhile."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.campaigns.running import scope_of
from backend.campaigns.store import campaigns as campaign_store
from backend.core import policy
from backend.core.database import Connection, Database
from backend.core.errors import Conflict, NotAllowed, not_found
from backend.core.ids import Id
from backend.core.policy import Action
from backend.core.viewer import Viewer
from backend.rounds import drawing, freezing, publication
from backend.rounds.contenders import groups_of
from backend.rounds.participation import in_steps
from backend.rounds.publication import PublishedClass, PublishedLine
from backend.rounds.rules import RoundState
from backend.rounds.running import get_round
from backend.rounds.store import candidates, draw, frozen, jury
from backend.rounds.store import names as name_store
from backend.rounds.store import rounds as round_store
from backend.rounds.store import standings as store
from backend.rounds.store.rounds import Round
from backend.rounds.tally import Gathered, Line, tally

SECONDS_KEPT, _MOST_KEPT = 5.0, 200
_LIVE = frozenset({
    RoundState.OPEN, RoundState.PAUSED, RoundState.CLOSED, RoundState.JUDGING, RoundState.PROVISIONAL,
    RoundState.CONFIRMED,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class LiveStanding:
    """How much of a class, or of several joined ones, has done the task: in steps of 20 %, None for a few people."""

    classes: tuple[PublishedClass, ...]
    participation_percent: int | None


class LiveStandings:
    """What everybody sees of running rounds, read once for all who ask within a few seconds.

    One a process, made by the composition root. `seconds`: how long a reading is good.
    """

    def __init__(self, *, seconds: float = SECONDS_KEPT) -> None:
        self._seconds = seconds
        self._kept: OrderedDict[Id, tuple[float, asyncio.Task[list[LiveStanding]]]] = OrderedDict()

    async def of(self, db: Database, row: Round) -> list[LiveStanding]:
        """The classes that take part in a running round, by name; empty in any other state."""
        clock = asyncio.get_running_loop().time
        known = self._kept.get(row.id)
        if known is None or known[0] < clock() or known[1].cancelled() or _failed(known[1]):
            known = (clock() + self._seconds, asyncio.create_task(_read_live(db, row.id)))
            self._kept[row.id] = known
            self._kept.move_to_end(row.id)
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        # Whoever asked first may go away; the others still get their answer.
        return await asyncio.shield(known[1])


def _failed(task: asyncio.Task[list[LiveStanding]]) -> bool:
    return task.done() and task.exception() is not None


async def _read_live(db: Database, round_id: Id) -> list[LiveStanding]:
    await freezing.freeze_if_due(db, round_id)
    async with db.snapshot() as conn:
        row = await round_store.get_round(conn, round_id)
        now = await conn.now()
        if row is None or row.state(now) not in _LIVE:
            return []
        return await live_standings(conn, row, now)


async def live_standings(conn: Connection, row: Round, now: datetime) -> list[LiveStanding]:
    """The classes' counts at this moment, or as they were when they froze; ordered by city, school and class.

    All classes that the campaign reached at the opening are there from then on: one that came with its first
    participant would tell of that person.
    """
    if row.frozen_at is None:
        people = await store.participants(conn, row, until=min(now, row.freezes_at))
    else:
        people = await frozen.counts(conn, row.id)
    sizes = await candidates.sizes_in_reach(conn, row)
    unions = await candidates.unions_at(conn, row.campaign_id, row.opens_at)
    groups = groups_of(sorted(sizes), unions)
    names = await name_store.class_names(conn, list(sizes))
    found = [
        LiveStanding(
            named(group, names),
            in_steps(sum(people.get(one, 0) for one in group), sum(sizes.get(one, 0) for one in group)),
        )
        for group in groups
    ]
    return sorted(found, key=lambda one: _order(one.classes))


@dataclass(frozen=True, slots=True)
class Provisional:
    """A result that is not confirmed: its lines by place, and the fingerprint by which an editor confirms it."""

    row: Round
    lines: tuple[PublishedLine, ...]
    digest: str


async def provisional_result(db: Database, viewer: Viewer, round_id: Id) -> Provisional:
    """The result as it would be confirmed now, for an editor who has no class in it.

    Raises NotFound, NotAllowed (also `own_class_competes`), Conflict before the judging has ended and when it is
    confirmed.
    """
    viewer.require_account()
    async with db.reading() as conn:
        row = await get_round(conn, viewer, round_id)
    await drawing.draw_if_due(db, row.id)
    async with db.snapshot() as conn:
        found = await round_store.get_round(conn, row.id)
        if found is None:
            raise not_found("round", round_id)
        return await worked_out(conn, viewer, found)


async def worked_out(conn: Connection, viewer: Viewer, row: Round) -> Provisional:
    """The provisional result of a round whose lot is drawn. Raises as `provisional_result`."""
    account_id = viewer.require_account()
    campaign = await campaign_store.get_campaign(conn, row.campaign_id)
    if campaign is None:
        raise not_found("round", row.id)
    policy.require(viewer, Action.CAMPAIGN_RUN, scope_of(campaign))
    state = row.state(await conn.now())
    if state is not RoundState.PROVISIONAL:
        raise Conflict(state=state)
    lines = await _tallied(conn, row)
    own = (await jury.own_classes(conn, [account_id]))[account_id]
    if any(not own.isdisjoint(line.contender.class_ids) for line in lines):
        raise NotAllowed("own_class_competes")
    names = await name_store.class_names(conn, [one for line in lines for one in line.contender.class_ids])
    published = sorted((_published(line, names) for line in lines), key=_place)
    return Provisional(row, tuple(published), publication.digest(published))


async def may_see_early(conn: Connection, viewer: Viewer, row: Round) -> bool:
    """Whether the viewer runs the campaign and has no class among the contenders."""
    campaign = await campaign_store.get_campaign(conn, row.campaign_id)
    if campaign is None or viewer.account_id is None or not policy.can(viewer, Action.CAMPAIGN_RUN, scope_of(campaign)):
        return False
    own = (await jury.own_classes(conn, [viewer.account_id]))[viewer.account_id]
    return not await draw.contenders_of_classes(conn, row.id, sorted(own))


async def _tallied(conn: Connection, row: Round) -> list[Line]:
    gathered = Gathered(
        await draw.list_contenders(conn, row.id),
        await store.participants(conn, row),
        await store.count_entries(conn, row),
        await store.judged_entries(conn, row),
        await store.voices(conn, row.id),
    )
    return tally(gathered, row.weights)


def _published(line: Line, names: Mapping[Id, PublishedClass]) -> PublishedLine:
    one, inputs, score = line.contender, line.inputs, line.score
    text = publication.fraction
    return PublishedLine(
        id=one.id,
        classes=named(one.class_ids, names),
        size=one.size,
        authors=one.authors,
        slots=one.slots,
        lot=tuple(one.lot),
        participants=min(inputs.participants, one.size),
        standing_entries=inputs.entered,
        readable_entries=inputs.readable,
        counted=inputs.counted,
        marks=inputs.marks,
        dealt_sixths=inputs.dealt_sixths,
        participation=str(score.participation),
        voices=str(score.voices),
        quality=text(score.quality),
        score=text(score.total),
        rank=line.rank,
        unranked_for=score.unranked_for,
        best=None if line.rank is None or inputs.best is None else tuple(map(str, inputs.best)),
    )


def named(class_ids: Sequence[Id], names: Mapping[Id, PublishedClass]) -> tuple[PublishedClass, ...]:
    """The classes in the order in which lists show them."""
    return tuple(sorted((names[one] for one in class_ids if one in names), key=lambda one: _order((one,))))


def _order(classes: Sequence[PublishedClass]) -> tuple[tuple[str, str, str, Id], ...]:
    return tuple((one.city, one.school, one.name, one.id) for one in classes)


def _place(line: PublishedLine) -> tuple[bool, int, object]:
    """By rank, then by name; the unranked last."""
    return (line.rank is None, line.rank or 0, _order(line.classes))
