"""Consent for a child without reachable parents: the head of school answers, says why, and does so anew every year."""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum

from backend.accounts.config import AccountSettings
from backend.accounts.consent import REPRESENTATIVE_DAYS, effective, grant_by_representative
from backend.accounts.consent_rules import ConsentGiver, ConsentState, Question
from backend.accounts.consent_store import ledger
from backend.core import policy, repeats
from backend.core.database import Database, Transaction
from backend.core.errors import Conflict, not_found
from backend.core.ids import Id
from backend.core.policy import Action
from backend.core.viewer import Viewer
from backend.places import seat_store, store
from backend.places.rules import SeatStatus
from backend.places.visibility import can_see_class


class SubstituteReason(StrEnum):
    """Why the school answers in place of the parents."""

    PARENTS_UNREACHABLE = "PARENTS_UNREACHABLE"
    PARENTS_ABROAD = "PARENTS_ABROAD"
    CONTACT_UNSAFE = "CONTACT_UNSAFE"
    GUARDIAN_NOT_YET_APPOINTED = "GUARDIAN_NOT_YET_APPOINTED"


async def grant_for_child(
    db: Database, viewer: Viewer, settings: AccountSettings, *, seat_id: Id, questions: Sequence[Question],
    reason: SubstituteReason, client_key: str | None = None,
) -> ConsentState:  # fmt: skip
    """A year's yes for the student of a confirmed seat; the student's own answer is needed beside it.

    Raises NotFound for another school's seat, Conflict `seat_not_confirmed` or `guardian_answers`, and what the ledger
    refuses.
    """
    viewer.require_account()
    async with db.transaction() as tx:
        seat = (await seat_store.get_seats(tx, [seat_id])).get(seat_id)
        found = await store.get_class(tx, seat.class_id) if seat else None
        if seat is None or found is None:
            raise not_found("Seat")
        policy.require(viewer, Action.CONSENT_SUBSTITUTE, found.scope, visible=can_see_class(viewer, found.scope))
        if seat.status is not SeatStatus.CONFIRMED:
            raise Conflict("seat_not_confirmed", state=seat.status, path=("seat_id",))
        if await repeats.first_result(tx, viewer, "representativeConsentGrant", client_key, seat_id) is None:
            await _require_no_guardian(tx, seat.account_id)
            await grant_by_representative(
                tx, settings, seat.account_id, questions, by=viewer.require_account(), reason_code=reason.value
            )
        return (await effective(tx, [seat.account_id], await tx.now(), at_school=True))[seat.account_id]


async def _require_no_guardian(tx: Transaction, account_id: Id) -> None:
    """Whoever took a yes back must not find the school saying it in their place. A mailed key tells of no guardian."""
    since = await tx.now() - timedelta(days=REPRESENTATIVE_DAYS)
    for row in await ledger(tx, account_id):
        if row.granted_by is ConsentGiver.GUARDIAN and not row.by_mail and (row.withdrawn_at or row.at) > since:
            raise Conflict("guardian_answers", state="ANSWERED", path=("seat_id",))
