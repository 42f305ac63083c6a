"""A consent that leaves the school is told to the school, which has a day before it takes effect."""

from typing import Any

from backend.core import jobs
from backend.core.database import Database
from backend.core.ids import Id
from backend.notices import inbox
from backend.places import role_store, seat_store
from backend.places.rules import SeatStatus


async def handle_consent_given(db: Database, payload: dict[str, Any]) -> int:
    """The job after a wide consent: tell the teachers and the administration of the child's classes; how many.

    `payload`: account, purpose, audience (None for public naming), as accounts.consent.JOB_GIVEN carries it.
    """
    account_id, audience = Id(payload["account"]), payload["audience"]
    told = 0
    async with db.transaction() as tx:
        day = (await tx.now()).date().isoformat()
        if not await jobs.once(tx, f"consent_notice:{account_id}:{payload['purpose']}:{audience}:{day}"):
            return 0
        for seat in await seat_store.list_own_seats(tx, account_id):
            if seat.status is not SeatStatus.CONFIRMED:
                continue
            for staff_id in await role_store.staff_of_class(tx, seat.class_id):
                params = {"pseudonym": seat.pseudonym or "", "audience": audience or "PUBLIC"}
                await inbox.tell(tx, staff_id, "consent_given", params, subject=("seat", seat.id))
                told += 1
    return told
