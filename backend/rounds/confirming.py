"""Fix a result and announce it: a human looks at it, then the clock shows it to everybody."""

from collections.abc import Sequence
from datetime import datetime

from backend.core import audit
from backend.core.database import Connection, Database
from backend.core.errors import Conflict, ValidationFailed, not_found
from backend.core.ids import Id
from backend.core.policy import Action
from backend.core.viewer import Viewer
from backend.rounds import drawing, lot, publication
from backend.rounds.publication import FORMAT, FORMULA, Publication, PublishedLine, PublishedWeights
from backend.rounds.rules import LATEST_ANNOUNCEMENT, RESULT_STATES, RoundState
from backend.rounds.running import get_round, lock_round
from backend.rounds.standings import named, worked_out
from backend.rounds.store import draw
from backend.rounds.store import names as name_store
from backend.rounds.store import standings as store
from backend.rounds.store.draw import Contender
from backend.rounds.store.rounds import Round
from backend.rounds.store.standings import Standing


async def confirm_round(db: Database, viewer: Viewer, round_id: Id, digest: str) -> None:
    """Fix the provisional result that the editor saw, named by its digest; who marked what is forgotten with it.

    Raises NotFound, NotAllowed (also `own_class_competes`), Conflict in another state, or `result_changed` when what
    was seen is no longer what is worked out.
    """
    async with db.transaction() as tx:
        locked = await lock_round(tx, viewer, round_id, Action.CAMPAIGN_RUN)
        row = await drawing.locked_and_drawn(tx, locked.row.id)
        if row is None:
            raise not_found("round", round_id)
        result = await worked_out(tx, viewer, row)
        if result.digest != digest:
            raise Conflict("result_changed", state=RoundState.PROVISIONAL, path=("digest",))
        await store.add_standings(tx, [_standing(row, place, line) for place, line in enumerate(result.lines, 1)])
        await store.forget_hands(tx, row.id)
        await store.set_confirmed(tx, row.id, viewer.require_account())
        await audit.record(
            tx, viewer.account_id, "editor:round:confirmed", ("round", row.id), contenders=len(result.lines)
        )


async def announce_round(db: Database, viewer: Viewer, round_id: Id, *, at: datetime | None = None) -> None:
    """Show a confirmed result to everybody from `at` on (None: now), at most 60 days ahead; movable until then.

    Raises NotFound, NotAllowed, Conflict in another state, ValidationFailed `announced_in_past` or `day_too_far`.
    """
    async with db.transaction() as tx:
        locked = await lock_round(tx, viewer, round_id, Action.CAMPAIGN_RUN)
        now = await tx.now()
        state = locked.row.state(now)
        if state is not RoundState.CONFIRMED:
            raise Conflict(state=state)
        moment = now if at is None else at
        if moment < now:
            raise ValidationFailed("announced_in_past", path=("announces_at",))
        if moment - now > LATEST_ANNOUNCEMENT:
            raise ValidationFailed("day_too_far", path=("announces_at",))
        await store.set_announcement(tx, round_id, moment)
        await audit.record(tx, viewer.account_id, "editor:round:announced", ("round", round_id))


async def published_round(db: Database, viewer: Viewer, round_id: Id) -> Publication | None:
    """The whole result for a recount; None before its announcement. Raises NotFound."""
    async with db.snapshot() as conn:
        row = await get_round(conn, viewer, round_id)
        if row.state(await conn.now()) not in RESULT_STATES:
            return None
        lines = await published_lines(conn, await store.all_standings(conn, round_id))
    weights = PublishedWeights(row.quality_weight, row.participation_weight, row.voices_weight)
    return Publication(FORMAT, row.id, FORMULA, weights, row.seed.hex(), lot.seed_hash(row.seed), tuple(lines))


async def published_lines(conn: Connection, rows: Sequence[Standing]) -> list[PublishedLine]:
    """Kept lines as they are published, with the names of their classes, in the order given."""
    contenders = {one.id: one for one in await draw.find_contenders(conn, [row.id for row in rows])}
    names = await name_store.class_names(conn, [key for one in contenders.values() for key in one.class_ids])
    return [
        publication.withheld(_line(row, contenders[row.id], named(contenders[row.id].class_ids, names))) for row in rows
    ]


def _standing(row: Round, place: int, line: PublishedLine) -> Standing:
    return Standing(
        id=line.id,
        round_id=row.id,
        place=place,
        rank=line.rank,
        unranked_for=line.unranked_for,
        participants=line.participants or 0,
        counted=line.counted or 0,
        alive=line.standing_entries or 0,
        readable=line.readable_entries or 0,
        best=None if line.best is None else list(line.best),
        marks=line.marks or 0,
        dealt_sixths=line.dealt_sixths or 0,
        quality=line.quality,
        participation=line.participation or "0",
        voices=line.voices or "0",
        score=line.score,
    )


def _line(row: Standing, one: Contender, classes: tuple[publication.PublishedClass, ...]) -> PublishedLine:
    return PublishedLine(
        id=row.id,
        classes=classes,
        size=one.size,
        authors=one.authors,
        slots=one.slots,
        lot=tuple(one.lot),
        participants=row.participants,
        standing_entries=row.alive,
        readable_entries=row.readable,
        counted=row.counted,
        marks=row.marks,
        dealt_sixths=row.dealt_sixths,
        participation=row.participation,
        voices=row.voices,
        quality=row.quality,
        score=row.score,
        rank=row.rank,
        unranked_for=row.unranked_for,
        best=None if row.best is None else tuple(row.best),
    )
