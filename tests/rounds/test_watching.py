"""Looking at rounds for those who follow them: who is slow gets the latest, and nobody is looked at for nothing."""

import asyncio
from contextlib import aclosing
from datetime import timedelta

from backend.core.ids import new_id
from backend.rounds.rules import RoundState
from backend.rounds.standings import LiveStandings
from backend.rounds.watching import RoundWatch, Seen
from tests.rounds.arena import Arena

OFTEN = 0.02


def watch_of(seconds: float = OFTEN) -> RoundWatch:
    return RoundWatch(LiveStandings(seconds=0), seconds=seconds)


def percent(seen: Seen) -> list[int | None]:
    return [one.participation_percent for one in seen.standings]


async def test_slow_follower_gets_what_is_seen_last_and_not_what_was_between(arena: Arena) -> None:
    class_id, people, _ = await arena.competing_class("8A", size=10, speaking=2)
    watch = watch_of()
    with arena.at(timedelta(hours=3)):
        async with aclosing(watch.follow(arena.db, arena.round_id)) as slow:
            assert percent(await anext(slow)) == [20]
            async with aclosing(watch.follow(arena.db, arena.round_id)) as quick:
                assert percent(await anext(quick)) == [20]
                for step in (40, 60, 80):
                    for one in people[step // 10 - 2 : step // 10]:
                        await arena.say(one, class_id)
                    while percent(await anext(quick)) != [step]:
                        pass
            assert percent(await anext(slow)) == [80]


async def test_round_is_looked_at_while_somebody_follows_it(arena: Arena) -> None:
    watch = watch_of()
    first, second = watch.follow(arena.db, arena.round_id), watch.follow(arena.db, arena.round_id)
    assert (await anext(first)) is (await anext(second))
    assert watch.watched == 1
    await first.aclose()
    assert watch.watched == 1
    await second.aclose()
    assert watch.watched == 0
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_watch_that_is_closed_looks_at_nothing(arena: Arena) -> None:
    watch = watch_of()
    follower = watch.follow(arena.db, arena.round_id)
    await anext(follower)
    await watch.close()
    assert watch.watched == 0
    assert asyncio.all_tasks() == {asyncio.current_task()}
    await follower.aclose()


async def test_round_that_is_over_or_was_never_there_is_told_once(arena: Arena) -> None:
    watch = watch_of()
    await arena.write("update round set voided_at = now(), void_reason = 'x' where id = $1", arena.round_id)
    assert [seen.state async for seen in watch.follow(arena.db, arena.round_id)] == [RoundState.VOID]
    assert [seen.row async for seen in watch.follow(arena.db, new_id())] == [None]
    assert watch.watched == 0


async def test_opening_is_told(arena: Arena) -> None:
    watch = watch_of()
    async with aclosing(watch.follow(arena.db, arena.round_id)) as follower:
        assert (await anext(follower)).state is RoundState.SCHEDULED
        await arena.shift(timedelta(hours=2))
        assert (await anext(follower)).state is RoundState.OPEN
