"""Taking a case so that nobody else works on it: exclusive, for some minutes, kept by a heartbeat, held by a token."""

import dataclasses
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.core import audit
from backend.core.database import Database, Transaction
from backend.core.derive import token_hash
from backend.core.errors import Conflict, NotAllowed
from backend.core.ids import Id, new_token
from backend.core.viewer import Viewer
from moderation import store
from moderation.access import person_of, require_sight
from moderation.opening import unclaimed
from moderation.rules import CaseState, effective_state
from moderation.store import CaseRow
from moderation.subjects import Desk


@dataclass(frozen=True, slots=True)
class Claim:
    """A case in the viewer's hand. The token is shown once; only its hash is kept."""

    case: CaseRow
    token: str | None
    until: datetime


async def claim_case(db: Database, desk: Desk, viewer: Viewer, case_id: Id) -> Claim:
    """Take a case. Who holds it already gets a new token, and the old one is dead.

    Raises NotFound, NotAllowed (a teacher, who needs no claim), Conflict: CLAIMED by somebody else, CLOSED, or NEW
    while the teacher's time runs.
    """
    async with db.transaction() as tx:
        row, now = await _visible_case(tx, viewer, case_id), await tx.now()
        if not person_of(viewer, row).is_moderator:
            raise NotAllowed("only_moderator")
        state = state_now(row, now)
        if state is CaseState.NEW:
            raise Conflict("teacher_first", state=state)
        if state is CaseState.CLOSED or (state is CaseState.CLAIMED and row.claimed_by != viewer.account_id):
            raise Conflict("case_claimed" if state is CaseState.CLAIMED else "case_closed", state=state)
        token, until = new_token(), now + timedelta(minutes=desk.settings.claim_minutes)
        account_id = viewer.require_account()
        taken = dataclasses.replace(row, claimed_by=account_id, claim_hash=token_hash(token), claim_until=until)
        await store.save_case(tx, taken)
        await store.save_hand(tx, row.id, account_id)
        await audit.record(tx, account_id, "moderator:case:claimed", ("case", row.id))
        return Claim(taken, token, until)


async def keep_claim(db: Database, desk: Desk, viewer: Viewer, case_id: Id, token: str) -> Claim:
    """The heartbeat: the whole time starts anew. Raises NotFound; Conflict for a dead or foreign token."""
    async with db.transaction() as tx:
        row, now = await _visible_case(tx, viewer, case_id), await tx.now()
        require_claim(row, viewer, token, now)
        until = now + timedelta(minutes=desk.settings.claim_minutes)
        kept = dataclasses.replace(row, claim_until=until)
        await store.save_case(tx, kept)
        return Claim(kept, None, until)


async def release_case(db: Database, viewer: Viewer, case_id: Id, token: str) -> CaseRow:
    """Give the case back to the queue. Raises NotFound, Conflict for a dead or foreign token."""
    async with db.transaction() as tx:
        row = await _visible_case(tx, viewer, case_id)
        require_claim(row, viewer, token, await tx.now())
        released = unclaimed(row)
        await store.save_case(tx, released)
        await audit.record(tx, viewer.account_id, "moderator:case:released", ("case", row.id))
        return released


def require_claim(row: CaseRow, viewer: Viewer, token: str, now: datetime) -> None:
    """Pass when the viewer holds the case by this token. Raises Conflict claim_expired, claim_foreign, case_closed."""
    state = state_now(row, now)
    if state is CaseState.CLOSED:
        raise Conflict("case_closed", state=state)
    if state is not CaseState.CLAIMED:
        raise Conflict("claim_expired", state=state, path=("claim_token",))
    if row.claimed_by != viewer.account_id or row.claim_hash != token_hash(token):
        raise Conflict("claim_foreign", state=state, path=("claim_token",))


def state_now(row: CaseRow, now: datetime) -> CaseState:
    """The state that holds at this moment."""
    return effective_state(row.state, queue_from=row.queue_from, claim_until=row.claim_until, now=now)


async def _visible_case(tx: Transaction, viewer: Viewer, case_id: Id) -> CaseRow:
    viewer.require_account()
    return require_sight(viewer, await store.lock_case(tx, case_id))
