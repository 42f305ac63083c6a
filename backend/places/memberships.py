"""Seats: the teacher confirms them against the roster, face to face, or takes them away; whoever sits may leave."""

from collections.abc import Sequence

from backend.core import audit
from backend.core.database import Database, Transaction
from backend.core.errors import Conflict, NotAllowed, ValidationFailed, not_found
from backend.core.ids import Id
from backend.core.viewer import Viewer
from backend.notices import inbox
from backend.places import role_store, seat_store
from backend.places.classes import lock_own_class
from backend.places.records import RosterSeat, SchoolClass, Seat
from backend.places.rules import LIVE, RemovalReason, SeatStatus

MAX_BATCH = 100


async def confirm_seats(db: Database, viewer: Viewer, seat_ids: Sequence[Id]) -> list[RosterSeat]:
    """Confirm pending seats of one class: all of them or, with a refusal that says why, none.

    Raises Conflict `seat_not_pending` (state of the first that is not), `class_full` or `enrolment_reached`,
    `seat_without_name` (nobody has used the card yet or chosen a name),
    NotAllowed `own_seat` or `staff_seat`, NotFound for a seat of another's class.
    """
    viewer.require_account()
    if not 1 <= len(seat_ids) <= MAX_BATCH:
        raise ValidationFailed("too_many_seats", path=("seat_ids",), max=MAX_BATCH)
    wanted = list(dict.fromkeys(seat_ids))
    async with db.transaction() as tx:
        class_id, owners = await _class_of(tx, wanted)
        found = await lock_own_class(tx, viewer, class_id, seats_of=owners)
        seats = await seat_store.lock_seats(tx, wanted)
        await _check_confirmable(tx, viewer, found, seats)
        await seat_store.set_confirmed(tx, wanted, viewer.require_account())
        for seat in seats:
            await audit.record(tx, viewer.account_id, "teacher:seat:confirmed", ("seat", seat.id), klass=class_id)
            await inbox.tell(tx, seat.account_id, "seat_confirmed", {"class": found.name}, subject=("seat", seat.id))
        return await seat_store.get_roster_seats(tx, wanted)


async def _class_of(tx: Transaction, seat_ids: Sequence[Id]) -> tuple[Id, list[Id]]:
    seats = await seat_store.get_seats(tx, seat_ids)
    if len(seats) != len(seat_ids):
        raise not_found("Seat")
    classes = {seat.class_id for seat in seats.values()}
    if len(classes) != 1:
        raise not_found("Seat")  # one class at a time: another answer would tell of seats elsewhere
    return classes.pop(), [seat.account_id for seat in seats.values()]


async def _check_confirmable(tx: Transaction, viewer: Viewer, found: SchoolClass, seats: Sequence[Seat]) -> None:
    for seat in seats:
        if seat.status is not SeatStatus.PENDING:
            raise Conflict("seat_not_pending", state=seat.status, path=("seat_ids",))
        if seat.account_id == viewer.account_id:
            raise NotAllowed("own_seat", path=("seat_ids",))
    if await seat_store.has_unnamed(tx, [seat.id for seat in seats]):
        # A card that nobody has used yet: there is no one to look in the face.
        raise Conflict("seat_without_name", state=SeatStatus.PENDING, path=("seat_ids",))
    if await role_store.holders_over_class(tx, [seat.account_id for seat in seats], found.scope):
        raise NotAllowed("staff_seat", path=("seat_ids",))
    counts = await seat_store.count_seats(tx, found.id)
    if counts.confirmed + len(seats) > found.capacity:
        raise Conflict("class_full", state="FULL", path=("seat_ids",), max=found.capacity)
    if counts.confirmed + len(seats) > found.declared_enrolment:
        raise Conflict("enrolment_reached", state="FULL", path=("seat_ids",), max=found.declared_enrolment)


async def remove_seat(db: Database, viewer: Viewer, *, seat_id: Id, reason: RemovalReason) -> RosterSeat:
    """Take a pending or confirmed seat away; access to the class ends at once. A teacher of the class."""
    viewer.require_account()
    async with db.transaction() as tx:
        class_id, owners = await _class_of(tx, [seat_id])
        found = await lock_own_class(tx, viewer, class_id, must_run=False, seats_of=owners)
        seat = (await seat_store.lock_seats(tx, [seat_id]))[0]
        if seat.status not in LIVE:
            raise Conflict("seat_ended", state=seat.status, path=("seat_id",))
        await seat_store.set_ended(tx, seat_id, SeatStatus.REMOVED, by=viewer.require_account(), reason=reason)
        await audit.record(
            tx, viewer.account_id, "teacher:seat:removed", ("seat", seat_id), klass=found.id, reason=reason.value
        )
        await inbox.tell(tx, seat.account_id, "seat_removed", {"class": found.name}, subject=("seat", seat_id))
        return (await seat_store.get_roster_seats(tx, [seat_id]))[0]


async def leave_class(db: Database, viewer: Viewer, *, seat_id: Id) -> RosterSeat:
    """Give up one's own seat. The account stays; whoever came by a class code carries it over first to keep it."""
    async with db.transaction() as tx:
        viewer.require_unsealed()
        seat = await _own_seat(tx, viewer, seat_id)
        if seat.status not in LIVE:
            raise Conflict("seat_ended", state=seat.status, path=("seat_id",))
        await end_as_left(tx, seat)
        return (await seat_store.get_roster_seats(tx, [seat_id]))[0]


async def end_as_left(tx: Transaction, seat: Seat) -> None:
    """A live seat ends by the wish of who sits there. The seat is locked already."""
    await seat_store.set_ended(tx, seat.id, SeatStatus.LEFT, by=seat.account_id)
    await audit.record(tx, seat.account_id, "member:seat:left", ("seat", seat.id), klass=seat.class_id)


async def _own_seat(tx: Transaction, viewer: Viewer, seat_id: Id) -> Seat:
    locked = await seat_store.lock_seats(tx, [seat_id]) if viewer.require_account() else []
    if not locked or locked[0].account_id != viewer.account_id:
        raise not_found("Seat")
    return locked[0]
