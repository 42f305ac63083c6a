"""The queue by scope, order, filters and pages; the teacher's list; counts; index scans."""

from datetime import timedelta

import pytest

from backend.core.clock import time_shifted
from backend.core.errors import NotAllowed, Unauthenticated
from backend.core.ids import Id, new_id
from backend.core.paging import PageRequest
from backend.core.viewer import ANONYMOUS, Grant, Role, Scope, ScopeKind, Viewer
from moderation.briefs import brief_cases
from moderation.keys import teacher_keys
from moderation.queue_store import QueueFilter
from moderation.queueing import count_queue, find_visible_cases, list_for_teacher, list_queue
from moderation.reviewing import queue_page
from moderation.rules import Verdict
from tests.moderation.conftest import World, person
from tests.moderation.notes import DESK

FIRST = PageRequest(size=20)


async def queue(world: World, who: Viewer, wanted: QueueFilter = QueueFilter()) -> list[Id]:  # noqa: B008 - frozen
    return [row.id for row in (await list_queue(world.db, who, wanted, FIRST)).rows]


async def test_queue_holds_what_is_in_scope_and_nobodys_own(world: World) -> None:
    _, here = await world.submit(teacher_for=None)
    _, there = await world.submit(teacher_for=None, place=Scope(new_id(), new_id(), new_id()))
    _, own = await world.submit(teacher_for=None, author=world.moderator)
    assert await queue(world, world.moderator) == [here]
    assert await queue(world, world.second) == [here, there, own]
    assert await queue(world, world.elsewhere) == []
    both = person(world.moderating, Grant(Role.MODERATOR, ScopeKind.CITY, new_id()))
    assert await queue(world, both) == [here, own]
    wanted = QueueFilter(city_id=world.place.city_id)
    assert await queue(world, world.second, wanted) == [here, own]


async def test_queue_of_those_who_moderate_nowhere_is_refused(world: World) -> None:
    for who in (world.teacher, world.student()):
        with pytest.raises(NotAllowed, match="not_allowed"):
            await queue(world, who)
    with pytest.raises(NotAllowed, match="second_factor_missing"):
        await queue(world, Viewer(account_id=new_id(), second_factor_missing=True))
    with pytest.raises(Unauthenticated):
        await queue(world, ANONYMOUS)


async def test_queue_opens_by_the_clock_when_the_teachers_time_is_over(world: World) -> None:
    _, case_id = await world.submit(teacher_for=timedelta(days=2))
    assert await queue(world, world.moderator) == []
    with time_shifted(timedelta(days=2)):
        assert await queue(world, world.moderator) == [case_id]


async def test_queue_opens_at_once_after_the_teachers_key_for_held_and_for_severe_ones(world: World) -> None:
    waiting, _ = await world.submit()
    keyed, keyed_id = await world.submit()
    _, held_id = await world.submit(is_held=True)
    _, severe_id = await world.submit(severity=2)
    await teacher_keys(world.db, DESK, world.teacher, [keyed])
    assert await queue(world, world.moderator) == [severe_id, keyed_id, held_id]
    assert waiting.id


async def test_queue_never_shows_a_teacher_who_moderates_what_is_about_their_school(world: World) -> None:
    both = person(world.teaching, world.moderating)
    _, about = await world.submit(teacher_for=None, skip_teacher=True)
    _, plain = await world.submit(teacher_for=None)
    assert await queue(world, both) == [plain]
    assert await queue(world, world.moderator) == [about, plain]
    page = await queue_page(world.db, DESK, both, QueueFilter(), FIRST)
    assert page.rows[0].person.is_authors_teacher  # flagged


async def test_queue_filters_by_language_and_lateness(world: World) -> None:
    _, arabic = await world.submit(teacher_for=None, language="ar", translations=("en-GB",))
    _, bokmal = await world.submit(teacher_for=None, language="nb-NO")
    assert await queue(world, world.moderator, QueueFilter(language="en")) == [arabic]
    assert await queue(world, world.moderator, QueueFilter(language="nb")) == [bokmal]
    assert await queue(world, world.moderator, QueueFilter(is_late=True)) == []
    with time_shifted(timedelta(days=4)):
        assert await queue(world, world.moderator, QueueFilter(is_late=True)) == [arabic, bokmal]
        assert await queue(world, world.moderator, QueueFilter(is_late=False)) == []


async def test_severe_case_is_late_after_four_hours(world: World) -> None:
    await world.submit(teacher_for=None, severity=3)
    with time_shifted(timedelta(hours=3, minutes=59)):
        assert (await count_queue(world.db, world.moderator)).late == 0
    with time_shifted(timedelta(hours=4, minutes=1)):
        counts = await count_queue(world.db, world.moderator)
    assert (counts.open, counts.late, counts.severe, counts.second_key) == (1, 1, 1, 0)


async def test_counts_are_by_scope(world: World) -> None:
    await world.submit(teacher_for=None)
    assert (await count_queue(world.db, world.elsewhere)).open == 0
    assert (await count_queue(world.db, world.second, city_id=new_id())).open == 0
    assert (await count_queue(world.db, world.second)).open == 1
    with pytest.raises(NotAllowed):
        await count_queue(world.db, world.teacher)


async def test_queue_pages_neither_lose_nor_repeat(world: World) -> None:
    ids = [(await world.submit(teacher_for=None, severity=number % 3))[1] for number in range(7)]
    seen: list[Id] = []
    request = PageRequest(size=2)
    while True:
        page = await list_queue(world.db, world.moderator, QueueFilter(), request)
        seen += [row.id for row in page.rows]
        if not page.has_next:
            break
        request = PageRequest(size=2, after=page.keys[-1])
    assert len(seen) == len(set(seen)) == 7
    assert seen == await queue(world, world.moderator)
    assert set(seen) == set(ids)


async def test_single_case_is_seen_by_its_reviewers_only(world: World) -> None:
    _, case_id = await world.submit()
    async with world.db.reading() as conn:
        for who, sees in (
            (world.moderator, True), (world.second, True), (world.teacher, True), (world.author, False),
            (world.elsewhere, False), (world.student(), False), (ANONYMOUS, False),
        ):  # fmt: skip
            assert (case_id in await find_visible_cases(conn, who, [case_id])) is sees


async def test_teachers_list_holds_what_waits_for_the_first_key(world: World) -> None:
    keyed, _ = await world.submit()
    _, waiting_id = await world.submit()
    await world.submit(skip_teacher=True)
    await world.submit(keys=1, is_held=True)
    await world.submit(author=world.teacher)
    await world.submit(place=Scope(world.place.city_id, world.place.school_id, new_id()))
    await teacher_keys(world.db, DESK, world.teacher, [keyed])
    rows = (await list_for_teacher(world.db, world.teacher, FIRST)).rows
    assert [row.id for row in rows] == [waiting_id]
    assert (await list_for_teacher(world.db, world.student(), FIRST)).rows == []


async def test_page_of_the_queue_takes_the_same_number_of_queries_for_one_and_for_three(world: World) -> None:
    async def queries() -> int:
        page = await list_queue(world.db, world.moderator, QueueFilter(), FIRST)
        seen: list[object] = []
        async with world.db.reading() as conn:
            with conn.raw.query_logger(seen.append):
                briefs = await brief_cases(conn, DESK, world.moderator, page.rows)
        assert all(brief.submitted is not None for brief in briefs)
        return len(seen)

    await world.submit(teacher_for=None)
    await queries()  # the driver learns the types of the columns once
    for_one = await queries()
    await world.submit(teacher_for=None)
    await world.submit(teacher_for=None)
    assert await queries() == for_one > 0


@pytest.mark.parametrize("city", [True, False])
async def test_queues_first_page_is_an_index_scan(world: World, city: bool) -> None:
    async with world.db.transaction() as tx:
        await tx.execute(
            "insert into moderation_case (id, subject_kind, subject_id, author_id, city_id, zone, cycle, revision_id,"
            " version, review_open, keys, language, translations, skip_teacher, is_held, tags, is_hidden, reopened,"
            " state, severity, reports, opened_at, rank_at, queue_from, due_at, closed_at)"
            " select gen_random_uuid(), 'note', gen_random_uuid(), gen_random_uuid(), case when n % 20 = 0 then $1 else"
            " gen_random_uuid() end, 'Europe/Oslo', 1, gen_random_uuid(), 1, true, 2, 'nb', '{}', false, false, '{}',"
            " false, false, 'NEW', 0, 0, now(), now() - n * interval '1 minute', now(), now(),"
            " case when n % 3 = 0 then null else now() end from generate_series(1, 30000) n",
            world.place.city_id,
        )
    async with world.db.reading() as conn:
        await conn.execute("analyze moderation_case")
        where = "and city_id = $2" if city else ""
        params = [new_id(), *([world.place.city_id] if city else [])]
        rows = await conn.fetch(
            "explain select * from moderation_case where closed_at is null and queue_from <= now()"
            f" and author_id is distinct from $1 {where} order by rank_at, id limit 51",
            *params,
        )
    plan = "\n".join(row[0] for row in rows)
    assert ("moderation_case_city_queue" if city else "moderation_case_queue") in plan
    assert "Sort" not in plan


async def test_decided_case_leaves_the_queue(world: World) -> None:
    subject, case_id = await world.submit(keys=1, teacher_for=None)
    await world.decide(subject, case_id, Verdict.APPROVE)
    assert await queue(world, world.moderator) == []
