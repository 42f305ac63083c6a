"""My week: what runs in one's classes and what is left to do; nobody learns what somebody else did."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.core.database import Connection, Database
from backend.core.errors import Unauthenticated
from backend.core.ids import Id, new_id
from backend.core.viewer import ANONYMOUS, Role, ScopeKind, Viewer
from backend.places import closing
from backend.rounds import entering, my_week, reflecting, running
from backend.rounds.my_week import Todo, WeekRow
from backend.rounds.participation import in_steps
from backend.rounds.rules import RoundState
from tests.places.town import SETTINGS, make_town, staff
from tests.rounds.arena import DAY, Arena


async def _week(arena: Arena, viewer: Viewer) -> list[WeekRow]:
    rows, _ = await my_week.my_week(arena.db, viewer)
    return rows


async def _one(arena: Arena, viewer: Viewer) -> WeekRow:
    [row] = await _week(arena, viewer)
    return row


async def _todo(arena: Arena, viewer: Viewer) -> Todo:
    own = (await _one(arena, viewer)).own
    assert own is not None
    return own.todo


async def _class(arena: Arena, size: int, name: str = "8A") -> tuple[Id, list[Id], Viewer]:
    """(class, accounts, teacher)."""
    class_id = await arena.new_class(name)
    teacher = await staff(arena.db, arena.stage.town.admin, Role.TEACHER, ScopeKind.CLASS, class_id)
    return class_id, await arena.crowd(class_id, size), teacher


async def test_week_is_empty_where_nothing_runs(arena: Arena) -> None:
    class_id, [account_id, *_], teacher = await _class(arena, 10)
    student, outsider = await arena.viewer(account_id), await arena.stage.outsider()
    assert await _week(arena, student) == []
    with arena.over():
        assert await _week(arena, teacher) == []
    with arena.open():
        assert await _week(arena, outsider) == []
        assert await _week(arena, arena.stage.town.admin) == []
        assert [row.class_id for row in await _week(arena, student)] == [class_id]
        await running.void_round(arena.db, arena.stage.town.secretariat, arena.round_id, "Strømmen gikk.")
        assert await _week(arena, student) == []
    with pytest.raises(Unauthenticated):
        await _week(arena, ANONYMOUS)


async def test_week_of_a_draft_or_of_another_city_is_empty(arena: Arena) -> None:
    elsewhere = await make_town(arena.db, secretariat=arena.stage.town.secretariat)
    _, _, teacher = await _class(arena, 2)
    with arena.open():
        assert await _week(arena, elsewhere.teacher) == []
        assert len(await _week(arena, teacher)) == 1
        async with arena.db.transaction() as tx:
            await tx.execute("update campaign set city_id = null")
        assert len(await _week(arena, elsewhere.teacher)) == 1
        async with arena.db.transaction() as tx:
            await tx.execute("update campaign set status = 'DRAFT'")
        assert await _week(arena, teacher) == []


async def test_student_is_led_through_the_week(arena: Arena) -> None:
    class_id, [account_id, *others], _ = await _class(arena, 10)
    student = await arena.viewer(account_id)
    with arena.open():
        assert await _todo(arena, student) is Todo.SAY_SOMETHING_OR_REFLECT
    said = await arena.say(account_id, class_id, visibility="UNPUBLISHED", review="IN_REVIEW")
    with arena.frozen():
        row = await _one(arena, student)
        assert (row.state, row.time_left) == (RoundState.OPEN, row.round.closes_at - await _now(arena, row))
        assert row.own == my_week.OwnPart(Todo.WAIT_FOR_APPROVAL, False, False, False, said)
        await reflecting.mark_reflection(arena.db, student, arena.round_id)
        await entering.opt_out(arena.db, student, arena.round_id)
        assert (await _one(arena, student)).own == my_week.OwnPart(Todo.NOTHING, True, True, True, None)
        await reflecting.unmark_reflection(arena.db, student, arena.round_id)
    with arena.closed():
        row = await _one(arena, student)
        assert (row.state, row.time_left) == (RoundState.CLOSED, timedelta())
        assert await _todo(arena, student) is Todo.WAIT_FOR_APPROVAL
        assert await _todo(arena, await arena.viewer(others[0])) is Todo.NOTHING
    async with arena.db.transaction() as tx:
        await tx.execute(
            "update statement set visibility = 'PUBLISHED', published_revision_id = latest_revision_id,"
            " published_at = $1",
            arena.opens_at + 4 * DAY,
        )
        await tx.execute("update revision set review = 'APPROVED'")
    with arena.closed():
        assert (await _one(arena, student)).own == my_week.OwnPart(Todo.NOTHING, True, True, False, None)


async def _now(arena: Arena, row: WeekRow) -> datetime:
    return row.round.closes_at - row.time_left


async def test_paused_round_keeps_the_time_that_was_left(arena: Arena) -> None:
    _, [account_id], _ = await _class(arena, 1)
    student = await arena.viewer(account_id)
    with arena.open():
        await running.pause_round(arena.db, arena.stage.town.secretariat, arena.round_id)
    with arena.frozen():
        row = await _one(arena, student)
    assert row.state is RoundState.PAUSED
    assert abs(row.time_left - (4 * DAY - timedelta(hours=1))) < timedelta(minutes=1)
    assert row.own is not None
    assert row.own.todo is Todo.NOTHING


async def test_voices_are_asked_for_while_there_are_cards_of_others_and_no_hand(arena: Arena) -> None:
    class_id, [account_id, *_], _ = await _class(arena, 10)
    await arena.say(account_id, class_id)
    student = await arena.viewer(account_id)
    await arena.draw()
    with arena.judging():
        assert await _todo(arena, student) is Todo.NOTHING  # the only cards are those of their own class
    async with arena.db.transaction() as tx:
        for table in ("voice_deck", "jury_duty", "entry", "contender"):
            await tx.execute(f"delete from {table}")
        await tx.execute("update round set drawn_at = null")
    await arena.competing_class("8C")
    with arena.judging():
        assert await _todo(arena, student) is Todo.MARK_VOICES  # no lot yet: whoever asks for cards causes it
        await arena.draw()
        assert await _todo(arena, student) is Todo.MARK_VOICES
        async with arena.db.transaction() as tx:
            await tx.execute(
                "insert into hand (id, round_id, voter_id, numbers, dealt_at) values ($1, $2, $3, '{0,1}', now())",
                new_id(), arena.round_id, account_id,
            )  # fmt: skip
        assert await _todo(arena, student) is Todo.MARK_VOICES
        async with arena.db.transaction() as tx:
            await tx.execute("update hand set marked = '{1}', marked_at = now()")
        assert await _todo(arena, student) is Todo.NOTHING


async def test_entered_statement_is_the_own_one_that_competes(arena: Arena) -> None:
    class_id, [account_id, other, *_], teacher = await _class(arena, 10)
    first = await arena.say(account_id, class_id)
    later = await arena.say(account_id, class_id, after=timedelta(hours=5))
    theirs = await arena.say(other, class_id)
    student = await arena.viewer(account_id)
    with arena.frozen():
        found = [(await _one(arena, student)).own]
        await entering.enter_statement(arena.db, student, arena.round_id, later)
        found.append((await _one(arena, student)).own)
        assert [own.entered_id if own else None for own in found] == [first, later]
        own = (await _one(arena, await arena.viewer(other))).own
        assert own is not None
        assert own.entered_id == theirs
        assert (await _one(arena, teacher)).own is None


@pytest.mark.parametrize(
    ("size", "done", "percent"), [(1, 1, None), (2, 2, None), (8, 8, None), (9, 5, 40), (40, 40, 100)]
)
async def test_class_sees_steps_of_its_participation_unless_it_is_small(
    arena: Arena, size: int, done: int, percent: int | None
) -> None:
    class_id, accounts, teacher = await _class(arena, size)
    for one in accounts[:done]:
        await arena.say(one, class_id, audience="CLASS")
    student = await arena.viewer(accounts[-1])
    with arena.at(timedelta(hours=4)):
        seen = [(await _one(arena, who)).participation_percent for who in (teacher, student)]
    assert seen == [percent, percent]


def test_steps_round_down() -> None:
    assert [in_steps(count, 10) for count in (0, 1, 2, 3, 4, 9, 10)] == [0, 0, 20, 20, 40, 80, 100]


async def test_joined_classes_see_their_common_participation(arena: Arena) -> None:
    (small, mine, teacher), (smaller, theirs, _) = await _class(arena, 5), await _class(arena, 5, "8B")
    async with arena.db.transaction() as tx:
        await tx.execute(
            "insert into class_union (id, campaign_id, class_ids, made_by, made_at)"
            " values (gen_random_uuid(), $1, $2, gen_random_uuid(), $3)",
            arena.stage.campaign_id, [small, smaller], arena.opens_at - DAY,
        )  # fmt: skip
    for one, class_id in [*((one, small) for one in mine), (theirs[0], smaller)]:
        await arena.say(one, class_id)
    with arena.at(timedelta(hours=4)):
        assert (await _one(arena, teacher)).participation_percent == 60


async def test_participation_stands_still_before_the_close(arena: Arena) -> None:
    class_id, accounts, teacher = await _class(arena, 10)
    for one in accounts[:2]:
        await arena.say(one, class_id)
    for one in accounts[2:]:
        await arena.say(one, class_id, after=3 * DAY + timedelta(hours=1))
    viewer = await arena.viewer(accounts[0])
    for moment in (arena.frozen, arena.closed, arena.judging):
        with moment():
            assert (await _one(arena, teacher)).participation_percent == 20
    with arena.frozen():
        await reflecting.mark_reflection(arena.db, replace(viewer, account_id=accounts[2]), arena.round_id)
        assert (await _one(arena, teacher)).participation_percent == 20


@pytest.mark.parametrize("size", [5, 12])
async def test_teacher_learns_nothing_of_a_reflection_or_an_opt_out(arena: Arena, size: int) -> None:
    class_id, accounts, teacher = await _class(arena, size)
    said = await arena.say(accounts[0], class_id)
    student, classmate = await arena.viewer(accounts[2]), await arena.viewer(accounts[1])
    with arena.at(timedelta(hours=4)):
        before = [_seen(one) for who in (teacher, classmate) for one in await _week(arena, who)]
        await reflecting.mark_reflection(arena.db, student, arena.round_id)
        await entering.opt_out(arena.db, student, arena.round_id)
        after = [_seen(one) for who in (teacher, classmate) for one in await _week(arena, who)]
        assert (await _one(arena, student)).own == my_week.OwnPart(Todo.NOTHING, True, True, True, None)
    assert before == after
    assert str(said) not in str(after)


def _seen(row: WeekRow) -> tuple[Any, ...]:
    """All that a row tells but for the seconds that pass."""
    return (row.round, row.state, row.class_id, row.is_teacher, row.participation_percent, row.own)


async def test_sealed_session_learns_nothing_of_the_person(arena: Arena) -> None:
    class_id, [account_id, *_], _ = await _class(arena, 10)
    await arena.say(account_id, class_id)
    student = await arena.viewer(account_id)
    with arena.at(timedelta(hours=4)):
        await reflecting.mark_reflection(arena.db, student, arena.round_id)
        row = await _one(arena, replace(student, sealed_until=datetime.now(UTC) + DAY))
        assert (row.class_id, row.own) == (class_id, None)
        restricted = await _one(arena, replace(student, is_restricted=True))
        assert restricted.own is not None
        assert restricted.own.has_reflected


async def test_pending_late_and_moved_students_see_where_they_count(arena: Arena) -> None:
    class_id, [pending, late, moved], _ = await _class(arena, 3)
    new = await arena.new_class("9C")
    during = arena.opens_at + timedelta(minutes=30)
    async with arena.db.transaction() as tx:
        await tx.execute("update seat set status = 'PENDING', confirmed_at = null where account_id = $1", pending)
        await tx.execute("update seat set confirmed_at = $2 where account_id = $1", late, during)
        await tx.execute("update seat set status = 'LEFT', ended_at = $2 where account_id = $1", moved, during)
        await tx.execute(
            "insert into seat (id, class_id, account_id, status, joined_at, confirmed_at)"
            " values (gen_random_uuid(), $2, $1, 'CONFIRMED', $3, $3)",
            moved, new, during,
        )  # fmt: skip
    viewers = [await arena.viewer(one) for one in (pending, late, moved)]
    with arena.open():
        weeks = [
            {row.class_id: row.own.todo if row.own else None for row in await _week(arena, who)} for who in viewers
        ]
    assert weeks == [
        {},
        {class_id: Todo.WAIT_FOR_NEXT_ROUND},
        {class_id: Todo.SAY_SOMETHING_OR_REFLECT, new: Todo.WAIT_FOR_NEXT_ROUND},
    ]


async def test_closed_class_shows_only_the_rounds_it_was_there_for(arena: Arena) -> None:
    class_id, [account_id], teacher = await _class(arena, 1)
    student = await arena.viewer(account_id)
    with arena.open():
        await closing.close_class(arena.db, arena.stage.town.admin, SETTINGS, class_id=class_id)
    with arena.at(timedelta(hours=2)):
        assert [row.class_id for row in await _week(arena, student)] == [class_id]
        assert await _week(arena, teacher) == []
    async with arena.db.transaction() as tx:
        await tx.execute("update school_class set closed_at = $1", arena.opens_at - timedelta(minutes=1))
    with arena.at(timedelta(hours=2)):
        assert await _week(arena, student) == []


class Watched(Database):
    """A database that notes what is asked of it."""

    def __init__(self, inner: Database) -> None:
        self.inner = inner
        self.asked: list[str] = []

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Connection]:
        async with self.inner.snapshot() as conn:
            with conn.raw.query_logger(lambda record: self.asked.append(record.query)):
                yield conn
                await asyncio.sleep(0)  # the log is written on the next turn of the loop


async def test_week_of_many_classes_and_rounds_asks_no_more_often(arena: Arena) -> None:
    _, [account_id, *_], _ = await _class(arena, 10)
    student = await arena.viewer(account_id)
    counts = []
    with arena.open():
        counts.append(await _counted(arena, student))
        classes = [await arena.new_class(f"7{letter}") for letter in "ABCD"]
        async with arena.db.transaction() as tx:
            await tx.execute(
                "insert into seat (id, class_id, account_id, status, joined_at, confirmed_at)"
                " select gen_random_uuid(), c, $1, 'CONFIRMED', $3, $3 from unnest($2::uuid[]) c",
                account_id, classes, arena.opens_at - DAY,
            )  # fmt: skip
            await tx.execute("create temp table more on commit drop as select * from round")
            await tx.execute("update more set id = gen_random_uuid()")
            await tx.execute("insert into round select * from more")
        counts.append(await _counted(arena, student))
    assert [rows for rows, _ in counts] == [1, 2 * 5]
    assert counts[0][1] == counts[1][1] > 5


async def _counted(arena: Arena, viewer: Viewer) -> tuple[int, int]:
    """(rows, statements)."""
    watched = Watched(arena.db)
    await my_week.my_week(watched, viewer)  # asyncpg asks for types the first time
    watched.asked.clear()
    rows, _ = await my_week.my_week(watched, viewer)
    return len(rows), len(watched.asked)
