"""The school's channel to guardians: a teacher prints slips with guardian keys and hands them out, never to a child."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.accounts import guardian_keys
from backend.accounts.guardian_keys import GuardianSlip
from backend.core import audit, repeats
from backend.core.database import Database, Transaction
from backend.core.errors import Conflict, not_found
from backend.core.ids import Id
from backend.core.viewer import Viewer
from backend.places import seat_store
from backend.places.classes import lock_own_class
from backend.places.config import PlaceSettings
from backend.places.records import RosterSeat, SchoolClass
from backend.places.rules import SeatStatus


@dataclass(frozen=True, slots=True)
class SeatSlip:
    """A slip with the child's seat, so that it reaches the right guardian."""

    seat: RosterSeat
    slip: GuardianSlip


@dataclass(frozen=True, slots=True)
class SlipBatch:
    """The running slips of a class; children who have asked for nothing are missing."""

    school_class: SchoolClass
    slips: Sequence[SeatSlip]


async def print_slips(db: Database, viewer: Viewer, settings: PlaceSettings, *, class_id: Id) -> SlipBatch:
    """The running guardian keys of the confirmed seats. A teacher of the class; each print is noted in the audit."""
    async with db.transaction() as tx:
        found = await lock_own_class(tx, viewer, class_id)
        seats = await seat_store.confirmed_seats(tx, class_id)
        slips = await guardian_keys.slips(tx, settings.accounts, [seat.account_id for seat in seats])
        by_account = {slip.account_id: slip for slip in slips}
        await audit.record(
            tx, viewer.account_id, "teacher:guardian_slips:printed", ("class", class_id), count=len(slips)
        )
        kept = [SeatSlip(seat, by_account[seat.account_id]) for seat in seats if seat.account_id in by_account]
        return SlipBatch(found, kept)


async def renew_slip(
    db: Database, viewer: Viewer, settings: PlaceSettings, *, seat_id: Id, client_key: str | None = None
) -> SlipBatch:
    """A new key in place of one that was lost or seen by the wrong person; the old one is dead.

    Raises NotFound when the child's guardian was never asked, Conflict `seat_not_confirmed`.
    """
    async with db.transaction() as tx:
        found, seat = await _own_seat(tx, viewer, seat_id)
        if seat.status is not SeatStatus.CONFIRMED:
            raise Conflict("seat_not_confirmed", state=seat.status, path=("seat_id",))
        if await repeats.first_result(tx, viewer, "guardianSlipRenew", client_key, seat_id) is not None:
            running = await guardian_keys.slips(tx, settings.accounts, [seat.account_id])
            return SlipBatch(found, [SeatSlip(seat, slip) for slip in running])
        slip = await guardian_keys.renew(tx, settings.accounts, seat.account_id, by=viewer.require_account())
        return SlipBatch(found, [SeatSlip(seat, slip)])


async def _own_seat(tx: Transaction, viewer: Viewer, seat_id: Id) -> tuple[SchoolClass, RosterSeat]:
    viewer.require_account()
    seat = next(iter(await seat_store.get_roster_seats(tx, [seat_id])), None)
    if seat is None:
        raise not_found("Seat")
    return await lock_own_class(tx, viewer, seat.class_id, seats_of=[seat.account_id]), seat
