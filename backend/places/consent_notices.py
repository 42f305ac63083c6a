"""What the school is told about consent: a yes that leaves the school, a day before it counts; a slip to hand out."""

from collections.abc import Awaitable, Callable
from typing import Any

from backend.accounts.consent import effective
from backend.accounts.consent_rules import ConsentPurpose, Why
from backend.core import jobs
from backend.core.database import Connection, Database
from backend.core.ids import Id
from backend.notices import inbox
from backend.places import role_store, seat_store
from backend.places.rules import SeatStatus

_Staff = Callable[[Connection, Id], Awaitable[list[Id]]]


async def handle_consent_given(db: Database, payload: dict[str, Any]) -> int:
    """The job after a wide yes: tell teachers and administration of the child's classes; how many.

    `payload`: account, purpose, audience (None for public naming), as accounts.consent.JOB_GIVEN carries it. A child's
    yes that still lacks the guardian's is no news: the guardian's will be.
    """
    account_id, purpose, audience = Id(payload["account"]), ConsentPurpose(payload["purpose"]), payload["audience"]
    async with db.reading() as conn:
        state = (await effective(conn, [account_id], await conn.now(), at_school=True)).get(account_id)
    if state is None or state.covers(audience, purpose) not in {None, Why.NOT_YET}:
        return 0
    key = f"{purpose}:{audience}"
    return await _tell(db, account_id, "consent_given", key, role_store.staff_of_class)


async def handle_consent_asked(db: Database, payload: dict[str, Any]) -> int:
    """The job after a child has asked: tell the teachers that a slip for the guardian waits; how many.

    `payload`: account, as accounts.guardian_requests.JOB_ASKED carries it.
    """
    return await _tell(db, Id(payload["account"]), "guardian_slip", "asked", role_store.teachers_of_class)


async def _tell(db: Database, account_id: Id, kind: str, key: str, staff_of: _Staff) -> int:
    told = 0
    async with db.transaction() as tx:
        # Once a day: a job that runs twice, or a child that clicks twice, fills nobody's inbox.
        day = (await tx.now()).date().isoformat()
        if not await jobs.once(tx, f"{kind}:{account_id}:{key}:{day}"):
            return 0
        for seat in await seat_store.list_own_seats(tx, account_id):
            if seat.status is not SeatStatus.CONFIRMED:
                continue
            for staff_id in await staff_of(tx, seat.class_id):
                params = {"pseudonym": seat.pseudonym or "…"}
                await inbox.tell(tx, staff_id, kind, params, subject=("seat", seat.id))
                told += 1
    return told
