"""What everybody sees of a round that runs: how far classes have come, in steps that stand still from the freeze on."""

from datetime import timedelta

import pytest

from backend.core.errors import Unauthenticated
from backend.core.paging import PageRequest
from backend.core.viewer import ANONYMOUS, Viewer
from backend.rounds import freezing, listing, reflecting, running
from backend.rounds.my_week import my_week
from backend.rounds.standings import LiveStandings
from backend.rounds.store import standings as store
from tests.campaigns.stage import together
from tests.rounds.arena import DAY, Arena
from tests.rounds.results import listed


async def steps(arena: Arena, viewer: Viewer) -> dict[str, int | None]:
    """What everybody sees meanwhile, by class."""
    rows = await listed(arena, viewer)
    assert all(row.result is None for row in rows)
    return {row.classes[0].name: row.participation_percent for row in rows}


async def test_counts_stand_still_from_the_freeze_on_and_agree_with_my_week(arena: Arena) -> None:
    class_id = await arena.new_class("8A")
    small = await arena.new_class("8B")
    people, few = await arena.crowd(class_id, 10), await arena.crowd(small, 8)
    for one in people[:5]:
        await arena.say(one, class_id, audience="CLASS")
    await arena.say(few[0], small)
    await arena.say(people[5], class_id, after=3 * DAY + timedelta(hours=1))
    viewer = await arena.viewer(people[9])
    with arena.at(3 * DAY - timedelta(hours=1)):
        assert await steps(arena, viewer) == {"8A": 40, "8B": None}
    for moment in (arena.frozen, arena.closed, arena.judging, arena.over):
        with moment():
            assert await steps(arena, viewer) == {"8A": 40, "8B": None}
    with arena.frozen():
        rows, _ = await my_week(arena.db, viewer)
    assert [row.participation_percent for row in rows] == [40]
    async with arena.db.reading() as conn:
        assert await store.participants(conn, await arena.round()) == {class_id: 6, small: 1}


async def test_counts_of_a_paused_round_stay_frozen_after_the_pause(arena: Arena) -> None:
    class_id = await arena.new_class("8A")
    people = await arena.crowd(class_id, 10)
    await arena.say(people[0], class_id)
    await arena.say(people[1], class_id, after=3 * DAY + timedelta(hours=2))
    viewer, editor = await arena.viewer(people[9]), await arena.editor()
    with arena.at(3 * DAY + timedelta(hours=5)):
        before = await steps(arena, viewer)
        await running.pause_round(arena.db, editor, arena.round_id)
    with arena.at(6 * DAY):
        assert await steps(arena, viewer) == before == {"8A": 0}
        await running.resume_round(arena.db, editor, arena.round_id)
        assert await steps(arena, viewer) == before


async def test_frozen_counts_do_not_fall_with_what_is_taken_back_or_removed_later(arena: Arena) -> None:
    class_id = await arena.new_class("8A")
    people = await arena.crowd(class_id, 10)
    with arena.open():
        for one in people[:4]:
            await reflecting.mark_reflection(arena.db, await arena.viewer(one), arena.round_id)
    await arena.say(people[4], class_id, audience="CLASS")
    viewer = await arena.viewer(people[9])
    with arena.frozen():
        await freezing.freeze_due(arena.db)
        await freezing.freeze_due(arena.db)
        for one in people[:4]:
            await reflecting.unmark_reflection(arena.db, await arena.viewer(one), arena.round_id)
        async with arena.db.transaction() as tx:
            await tx.execute("update statement set visibility = 'REMOVED'")
        assert await steps(arena, viewer) == {"8A": 40}
        [week], _ = await my_week(arena.db, viewer)
        assert week.participation_percent == 40
    with arena.judging():
        assert await steps(arena, viewer) == {"8A": 40}
    async with arena.db.reading() as conn:
        assert await store.participants(conn, await arena.round()) == {}


async def test_first_who_looks_after_the_freeze_keeps_the_counts(arena: Arena) -> None:
    """The worker may be dead."""
    class_id = await arena.new_class("8A")
    people = await arena.crowd(class_id, 10)
    await arena.say(people[0], class_id)
    await arena.say(people[1], class_id)
    viewer = await arena.viewer(people[9])
    with arena.frozen():
        assert await steps(arena, viewer) == {"8A": 20}
        async with arena.db.transaction() as tx:
            await tx.execute("update statement set visibility = 'REMOVED'")
        assert await steps(arena, viewer) == {"8A": 20}
        assert (await arena.round()).frozen_at is not None


async def test_class_does_not_come_into_the_list_with_its_first_participant(arena: Arena) -> None:
    """Else whoever watches would learn of a reflection when it is made."""
    small, class_id = await arena.new_class("8A"), await arena.new_class("8B")
    people, few = await arena.crowd(class_id, 10), await arena.crowd(small, 2)
    with arena.open():
        viewer = await arena.viewer(people[9])
        before = await steps(arena, viewer)
        for one in (people[0], few[0]):
            await reflecting.mark_reflection(arena.db, await arena.viewer(one), arena.round_id)
        assert await steps(arena, viewer) == before == {"8A": None, "8B": 0}


async def test_nothing_is_shown_before_the_opening_or_of_a_void_round(arena: Arena) -> None:
    _, people, _ = await arena.competing_class("8A")
    viewer = await arena.viewer(people[0])
    assert await listed(arena, viewer) == []
    with arena.open():
        await running.void_round(arena.db, await arena.editor(), arena.round_id, "Feil uke.")
        assert await listed(arena, viewer) == []


async def test_counts_are_for_whoever_is_signed_in(arena: Arena) -> None:
    await arena.competing_class("8A")
    with arena.open(), pytest.raises(Unauthenticated):
        await listed(arena, ANONYMOUS)


async def test_live_counts_are_read_once_for_many(arena: Arena) -> None:
    _, people, _ = await arena.competing_class("8A", size=10, speaking=2)
    viewer, live = await arena.viewer(people[0]), LiveStandings(seconds=60)

    async def ask() -> list[int | None]:
        page = await listing.list_standings(arena.db, viewer, live, arena.round_id, PageRequest(10))
        return [row.participation_percent for row in page.rows]

    with arena.at(2 * DAY):
        done, failed = await together(*(ask() for _ in range(8)))
        assert (done, failed) == ([[20]] * 8, [])
        async with arena.db.transaction() as tx:
            await tx.execute("update statement set visibility = 'REMOVED'")
        assert await ask() == [20]
        assert await steps(arena, viewer) == {"8A": 0}
