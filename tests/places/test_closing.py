"""The end of a class, and who is erased after it."""

from datetime import date, timedelta

import pytest

from backend.accounts import personal_data
from backend.accounts.people import Status
from backend.accounts.store import get_account
from backend.core.clock import time_shifted
from backend.core.errors import Closed, NotFound, ValidationFailed
from backend.core.ids import Id
from backend.core.viewer import ANONYMOUS
from backend.places import carry_over, classes, closing, joining, memberships, personal, role_store, seat_store
from backend.places.carry_over import CarryOver
from backend.places.joining import Newcomer
from backend.places.rules import RemovalReason
from tests.places.town import SETTINGS, Town, viewer_with

RETENTION = timedelta(days=60)


async def status_of(town: Town, account_id: Id) -> Status:
    async with town.db.reading() as conn:
        account = await get_account(conn, account_id)
    assert account is not None
    return account.status


async def test_close_ends_code_membership_and_work_at_once(town: Town) -> None:
    joined = await town.join("Blue Fox")
    await town.confirm(joined.seat.id)
    late = await town.join("Late Fox")
    code = await town.code()
    await closing.close_class(town.db, town.teacher, SETTINGS, class_id=town.school_class.id)
    assert (await viewer_with(town.db, joined.session_token or "")).seats == ()
    with pytest.raises(NotFound, match="class_code_unknown"):
        await joining.join_class(town.db, ANONYMOUS, SETTINGS, code=code, newcomer=Newcomer("Red Fox", 2010))
    with pytest.raises(Closed, match="class_closed"):
        await town.confirm(late.seat.id)
    with pytest.raises(Closed, match="class_closed"):
        await closing.close_class(town.db, town.teacher, SETTINGS, class_id=town.school_class.id)


async def test_close_tells_everybody_who_sits_there(town: Town) -> None:
    joined = await town.join("Blue Fox")
    await closing.close_class(town.db, town.admin, SETTINGS, class_id=town.school_class.id)
    async with town.db.reading() as conn:
        row = await conn.fetch_one("select kind, params from notice where account_id = $1", joined.seat.account_id)
    assert row is not None
    assert (row["kind"], row["params"]) == ("class_closed_erasure", {"class": "9A", "days": 60})


async def test_close_threatens_nobody_who_sits_in_another_class(town: Town) -> None:
    moved = await town.join("Red Fox")
    viewer = await viewer_with(town.db, moved.session_token or "")
    code = await town.code(town.other_class.id)
    await joining.join_class(town.db, viewer, SETTINGS, code=code, newcomer=None)
    for class_id, kind in ((town.school_class.id, "class_closed"), (town.other_class.id, "class_closed_erasure")):
        await closing.close_class(town.db, town.admin, SETTINGS, class_id=class_id)
        async with town.db.reading() as conn:
            told = await conn.fetch_value(
                "select kind from notice where account_id = $1 and subject_id = $2", moved.seat.account_id, class_id
            )
        assert told == kind


async def test_last_day_ends_the_class_by_itself_in_the_citys_zone(town: Town) -> None:
    async with town.db.transaction() as tx:
        today: date = (await tx.now()).date()
        await tx.execute("update school_class set closes_on = $2 where id = $1", town.school_class.id, today)
    joined = await town.join("Blue Fox")
    assert await closing.close_due_classes(town.db, SETTINGS) == 0
    with time_shifted(timedelta(days=2)):
        assert (await viewer_with(town.db, joined.session_token or "")).seats == ()
        with pytest.raises(NotFound, match="class_code_unknown"):
            await town.join("Red Fox")
        assert await closing.close_due_classes(town.db, SETTINGS) == 1
        assert await closing.close_due_classes(town.db, SETTINGS) == 0


async def test_create_class_that_ended_already_is_refused(town: Town) -> None:
    with pytest.raises(ValidationFailed, match="class_closes_in_past"):
        await classes.create_class(
            town.db, town.admin, SETTINGS, school_id=town.school.id, name="8A", school_year="2026/27",
            declared_enrolment=9, closes_on=date(2020, 1, 1),
        )  # fmt: skip


async def test_erase_takes_only_those_who_never_went_on(town: Town) -> None:
    stayed = await town.join("Staying Fox")
    removed = await town.join("Removed Fox")
    await memberships.remove_seat(town.db, town.teacher, seat_id=removed.seat.id, reason=RemovalReason.NOT_IN_CLASS)
    left = await town.join("Leaving Fox")
    await memberships.leave_class(
        town.db, await viewer_with(town.db, left.session_token or ""), seat_id=left.seat.id
    )  # fmt: skip
    carried = await town.join("Carried Fox")
    moved = await town.join("Moved Fox")
    viewer = await viewer_with(town.db, carried.session_token or "")
    assert carried.card is not None
    await carry_over.carry_over(town.db, viewer, SETTINGS, CarryOver(carried.card.passphrase, "carried-fox"))
    await joining.join_class(
        town.db, await viewer_with(town.db, moved.session_token or ""), SETTINGS,
        code=await town.code(town.other_class.id), newcomer=None,
    )  # fmt: skip
    await closing.close_class(town.db, town.teacher, SETTINGS, class_id=town.school_class.id)
    with time_shifted(RETENTION - timedelta(minutes=1)):
        assert await closing.erase_closed_classes(town.db, SETTINGS) == 0
    with time_shifted(RETENTION + timedelta(minutes=1)):
        assert await closing.erase_closed_classes(town.db, SETTINGS) == 3
        assert await closing.erase_closed_classes(town.db, SETTINGS) == 0
    for gone in (removed, left):
        assert await status_of(town, gone.seat.account_id) is Status.ERASURE_REQUESTED
    assert await status_of(town, stayed.seat.account_id) is Status.ERASURE_REQUESTED
    assert await status_of(town, carried.seat.account_id) is Status.ACTIVE
    assert await status_of(town, moved.seat.account_id) is Status.ACTIVE


async def test_erase_of_an_account_ends_its_seats_and_roles(town: Town) -> None:
    joined = await town.join("Blue Fox")
    account_id = joined.seat.account_id
    async with town.db.transaction() as tx:
        await personal.PERSONAL.erase(tx, account_id)
        await personal.PERSONAL.erase(tx, town.teacher.require_account())
    async with town.db.reading() as conn:
        assert await seat_store.find_live_seat(conn, town.school_class.id, account_id) is None
        assert not await role_store.has_any_role(conn, town.teacher.require_account())


async def test_export_holds_seats_and_roles_of_the_one_account(town: Town) -> None:
    joined = await town.join("Blue Fox")
    await town.join("Red Fox")
    async with town.db.reading() as conn:
        copy = await personal.export(conn, joined.seat.account_id)
        teacher = await personal.export(conn, town.teacher.require_account())
    assert [seat.id for seat in copy.seats] == [joined.seat.id]
    assert [grant.role for grant in teacher.roles] == ["TEACHER"]
    assert isinstance(personal.PERSONAL, personal_data.PersonalDomain)
