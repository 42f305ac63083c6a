"""Judge the drawn entries: a juror reads a wording and nothing else, scores it or abstains, and sees no other score."""

import uuid
from collections.abc import Sequence

from backend.core import audit
from backend.core.database import Connection, Database, Transaction
from backend.core.errors import Conflict, ValidationFailed, not_found
from backend.core.ids import Id
from backend.core.paging import Key, Page, PageRequest, page_of
from backend.core.viewer import Role, ScopeKind, Viewer
from backend.rounds import drawing, rules
from backend.rounds.jury import fill_jury
from backend.rounds.rules import AbstainReason, DutyState, RoundState
from backend.rounds.store import judging as store
from backend.rounds.store import jury
from backend.rounds.store import rounds as round_store
from backend.rounds.store.judging import Assigned, Judge
from backend.rounds.store.rounds import Round


async def list_entries(
    db: Database, viewer: Viewer, request: PageRequest, *, round_id: Id | None = None
) -> Page[Assigned]:
    """A page of what the viewer is asked to score now, the latest asked first; empty for who is no juror.

    A juror who comes before the lot is drawn causes it.
    """
    viewer.require_account()
    async with db.reading() as conn:
        who = await _judge(conn, viewer)
        if who is None:
            return page_of(request, [], _key)
        due = await round_store.due_for_the_lot(conn, await conn.now(), who.campaign_ids)
    for one in due:
        await drawing.draw_if_due(db, one)
    async with db.reading() as conn:
        rows = await store.list_assigned(conn, who, request, round_id=round_id, now=await conn.now())
    return page_of(request, rows, _key)


async def find_entries(conn: Connection, viewer: Viewer, ids: Sequence[Id]) -> list[Assigned]:
    """Those of the entries that the viewer is or was asked to score and may still read."""
    who = await _judge(conn, viewer)
    return await store.find_assigned(conn, who, ids) if who else []


def wording_id(duty: Assigned) -> Id:
    """Names the wording to its juror, without telling when it was written or of which statement it is."""
    return uuid.uuid5(duty.id, duty.revision_id.hex)


async def score_entry(db: Database, viewer: Viewer, duty_id: Id, wording: Id, score: int) -> None:
    """Score the wording that was read (see `wording_id`) from 1 to 5; again, in place of the earlier score.

    Raises NotFound, NotAllowed `account_restricted`, Closed, Conflict (the state of the round, an abstention,
    `sealed_after_reset`, or `stale_revision` when the wording is no longer the one that was read), ValidationFailed.
    """
    if not rules.LEAST_SCORE <= score <= rules.GREATEST_SCORE:
        raise ValidationFailed("score_range", path=("score",), min=rules.LEAST_SCORE, max=rules.GREATEST_SCORE)
    async with db.transaction() as tx:
        row, duty = await _open_duty(tx, viewer, duty_id)
        if duty.state is DutyState.ABSTAINED:
            raise Conflict(state=duty.state)
        if wording_id(duty) != wording:
            raise Conflict("stale_revision", state=duty.state, path=("wording_id",))
        await store.set_score(tx, duty.id, duty.revision_id, score)
        await audit.record(tx, viewer.account_id, "juror:entry:scored", ("round", row.id))


async def abstain(db: Database, viewer: Viewer, duty_id: Id, reason: AbstainReason) -> None:
    """Leave an entry to another juror, also after having scored it; it cannot be taken back. Again is harmless.

    Raises NotFound, NotAllowed `account_restricted`, Closed, Conflict (the state of the round, `sealed_after_reset`).
    """
    async with db.transaction() as tx:
        row, duty = await _open_duty(tx, viewer, duty_id, locks_round=True)
        if duty.state is DutyState.ABSTAINED:
            return
        await store.set_abstained(tx, duty.id, reason)
        await fill_jury(tx, row, of_duty=duty.id)
        await audit.record(tx, viewer.account_id, "juror:entry:abstained", ("round", row.id))


async def _open_duty(
    tx: Transaction, viewer: Viewer, duty_id: Id, *, locks_round: bool = False
) -> tuple[Round, Assigned]:
    account_id = viewer.require_active()
    round_id = await store.round_of_duty(tx, account_id, duty_id)
    take = round_store.lock_round if locks_round else round_store.share_round
    row = await take(tx, round_id) if round_id else None
    who = await _judge(tx, viewer)
    duty = await store.lock_assigned(tx, who, duty_id) if row and who else None
    if row is None or duty is None:
        raise not_found("entry", duty_id)
    rules.require_phase(row.times, await tx.now(), RoundState.JUDGING)
    return row, duty


async def _judge(conn: Connection, viewer: Viewer) -> Judge | None:
    """The viewer as a juror of the campaigns in which they are one now; None: of none, or the session is sealed."""
    if viewer.account_id is None or viewer.is_sealed:
        return None
    campaign_ids = [
        grant.scope_id
        for grant in viewer.grants
        if grant.role is Role.CAMPAIGN_JUROR and grant.scope_kind is ScopeKind.CAMPAIGN and grant.scope_id is not None
    ]
    if not campaign_ids:
        return None
    own = await jury.own_classes(conn, [viewer.account_id])
    return Judge(viewer.account_id, campaign_ids, sorted(own[viewer.account_id]))


def _key(row: Assigned) -> Key:
    return Key(row.assigned_at, row.id)
