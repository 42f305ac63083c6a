"""Confirming and removing seats: states, bounds, two at once, own seats."""

import asyncio
from dataclasses import replace

import pytest

from backend.core.database import Database
from backend.core.errors import Conflict, DomainError, NotAllowed, NotFound, ValidationFailed
from backend.core.ids import new_id
from backend.core.paging import PageRequest
from backend.core.viewer import Role, ScopeKind
from backend.places import classes, joining, memberships, reading, seat_store
from backend.places.rules import LIVE, RemovalReason, SeatStatus
from tests.places.town import SETTINGS, Town, give, make_account, make_town, viewer_of, viewer_with

LETTERS = "abcdefghijklmnop"


async def test_confirm_pending_seats_lets_them_in_and_tells_them(town: Town) -> None:
    one, two = await town.join("Blue Fox"), await town.join("Red Fox")
    confirmed = await town.confirm(one.seat.id, two.seat.id)
    assert {seat.status for seat in confirmed} == {SeatStatus.CONFIRMED}
    viewer = await viewer_with(town.db, one.session_token or "")
    assert viewer.confirmed_in(town.school_class.id)
    async with town.db.reading() as conn:
        kinds = await conn.fetch("select kind from notice where account_id = $1", one.seat.account_id)
    assert [row["kind"] for row in kinds] == ["seat_confirmed"]


async def test_confirm_twice_names_the_state(town: Town) -> None:
    joined = await town.join("Blue Fox")
    await town.confirm(joined.seat.id)
    with pytest.raises(Conflict, match="seat_not_pending") as refused:
        await town.confirm(joined.seat.id)
    assert refused.value.state == "CONFIRMED"


async def test_confirm_batch_with_one_removed_confirms_none(town: Town) -> None:
    one, two = await town.join("Blue Fox"), await town.join("Red Fox")
    await memberships.remove_seat(town.db, town.teacher, seat_id=two.seat.id, reason=RemovalReason.NOT_IN_CLASS)
    with pytest.raises(Conflict, match="seat_not_pending"):
        await town.confirm(one.seat.id, two.seat.id)
    async with town.db.reading() as conn:
        assert (await seat_store.count_seats(conn, town.school_class.id)).confirmed == 0


async def test_confirm_two_teachers_at_once_never_beyond_the_enrolment(db: Database) -> None:
    town = await make_town(db, enrolment=4)
    co_teacher = await make_account(db, staff=True)
    await give(db, town.admin, co_teacher, Role.TEACHER, ScopeKind.CLASS, town.school_class.id)
    other = await viewer_of(db, co_teacher)
    seats = [(await town.join(f"Fox {letter}")).seat.id for letter in LETTERS[:8]]
    results = await asyncio.gather(
        *(
            memberships.confirm_seats(db, teacher, [seat])
            for seat, teacher in zip(seats, [town.teacher, other] * 4, strict=True)
        ),
        return_exceptions=True,
    )
    assert sum(not isinstance(one, BaseException) for one in results) == 4
    assert {one.code for one in results if isinstance(one, DomainError)} == {"enrolment_reached"}
    async with db.reading() as conn:
        assert (await seat_store.count_seats(conn, town.school_class.id)).confirmed == 4


async def test_enrolment_below_the_confirmed_seats_is_refused(db: Database) -> None:
    town = await make_town(db, enrolment=4)
    seats = [(await town.join(name)).seat.id for name in ("Red Fox", "Blue Fox", "Green Fox")]
    await town.confirm(*seats[:2])
    with pytest.raises(Conflict, match="enrolment_below_seats"):
        await classes.set_enrolment(db, town.admin, class_id=town.school_class.id, declared_enrolment=1)
    lowered = await classes.set_enrolment(db, town.admin, class_id=town.school_class.id, declared_enrolment=2)
    assert lowered.declared_enrolment == 2


async def test_confirm_batch_beyond_the_enrolment_confirms_none(db: Database) -> None:
    town = await make_town(db, enrolment=2)
    seats = [(await town.join(f"Fox {letter}")).seat.id for letter in LETTERS[:3]]
    with pytest.raises(Conflict, match="enrolment_reached"):
        await town.confirm(*seats)
    assert len(await town.confirm(*seats[:2])) == 2


async def test_confirm_seats_of_two_classes_is_not_found(town: Town) -> None:
    one = await town.join("Blue Fox")
    two = await town.join("Blue Fox", class_id=town.other_class.id)
    with pytest.raises(NotFound):
        await town.confirm(one.seat.id, two.seat.id)
    with pytest.raises(NotFound):
        await town.confirm(new_id())


@pytest.mark.parametrize("count", [0, 101])
async def test_confirm_none_or_too_many_is_refused(town: Town, count: int) -> None:
    with pytest.raises(ValidationFailed, match="too_many_seats"):
        await memberships.confirm_seats(town.db, town.teacher, [new_id() for _ in range(count)])


async def test_confirm_seat_of_somebody_who_became_staff_is_refused(town: Town) -> None:
    account = await make_account(town.db, staff=True, pseudonym="Red Fox")
    viewer = await viewer_of(town.db, account)
    joined = await joining.join_class(town.db, viewer, SETTINGS, code=await town.code(), newcomer=None)
    with pytest.raises(NotAllowed, match="teacher_sits_here"):
        await give(town.db, town.admin, account, Role.TEACHER, ScopeKind.CLASS, town.school_class.id)
    await give(town.db, town.official, account, Role.SCHOOL_ADMIN, ScopeKind.SCHOOL, town.school.id)
    with pytest.raises(NotAllowed, match="staff_seat"):
        await town.confirm(joined.seat.id)


async def test_remove_ends_access_at_once_and_only_once(town: Town) -> None:
    joined = await town.join("Blue Fox")
    await town.confirm(joined.seat.id)
    removed = await memberships.remove_seat(
        town.db, town.teacher, seat_id=joined.seat.id, reason=RemovalReason.NOT_IN_CLASS
    )
    assert removed.status is SeatStatus.REMOVED
    assert (await viewer_with(town.db, joined.session_token or "")).seats == ()
    with pytest.raises(Conflict, match="seat_ended"):
        await memberships.remove_seat(town.db, town.teacher, seat_id=joined.seat.id, reason=RemovalReason.OTHER)


async def test_confirm_and_remove_at_once_end_in_one_state(town: Town) -> None:
    joined = await town.join("Blue Fox")
    await asyncio.gather(
        town.confirm(joined.seat.id),
        memberships.remove_seat(town.db, town.teacher, seat_id=joined.seat.id, reason=RemovalReason.NOT_IN_CLASS),
        return_exceptions=True,
    )
    async with town.db.reading() as conn:
        seat = (await seat_store.get_seats(conn, [joined.seat.id])).get(joined.seat.id)
    assert seat is not None
    assert seat.status is SeatStatus.REMOVED


async def test_leave_own_seat_frees_the_place_and_the_name(town: Town) -> None:
    joined = await town.join("Blue Fox")
    viewer = await viewer_with(town.db, joined.session_token or "")
    left = await memberships.leave_class(town.db, viewer, seat_id=joined.seat.id)
    assert left.status is SeatStatus.LEFT
    with pytest.raises(Conflict, match="seat_ended"):
        await memberships.leave_class(town.db, viewer, seat_id=joined.seat.id)
    assert await town.join("Blue Fox")


async def test_roster_shows_only_to_the_class_and_pages_stably(town: Town) -> None:
    joined = [await town.join(f"Fox {letter}") for letter in LETTERS[:5]]
    page = await reading.list_roster(town.db, town.teacher, town.school_class.id, LIVE, PageRequest(size=2))
    assert [row.pseudonym for row in page.rows] == ["Fox a", "Fox b"]
    await town.join("Fox z")
    rest = await reading.list_roster(
        town.db, town.teacher, town.school_class.id, LIVE, PageRequest(size=10, after=page.keys[-1])
    )
    assert [row.pseudonym for row in rest.rows] == ["Fox c", "Fox d", "Fox e", "Fox z"]
    student = await viewer_with(town.db, joined[0].session_token or "")
    for viewer in (student, town.other_teacher, town.official, replace(town.teacher, grants=())):
        with pytest.raises(NotFound):
            await reading.list_roster(town.db, viewer, town.school_class.id, LIVE, PageRequest(size=2))


async def test_seats_by_id_pending_student_sees_own_only(town: Town) -> None:
    one, two = await town.join("Blue Fox"), await town.join("Red Fox")
    viewer = await viewer_with(town.db, one.session_token or "")
    assert set(await reading.seats_by_id(town.db, viewer, [one.seat.id, two.seat.id])) == {one.seat.id}
