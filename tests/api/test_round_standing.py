"""Following a round over a real WebSocket: counts as they change, the freeze, the result, and every way it ends."""

import asyncio
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from backend.asgi import create_app
from backend.core.database import Connection, Database
from backend.core.ids import Id, new_id
from backend.rounds import confirming, running, standings
from backend.rounds.standings import LiveStanding
from backend.rounds.store.rounds import Round
from backend.rounds.watching import RoundWatch
from backend.settings import Settings
from graphql_api.node_ids import global_id
from tests.api.client import Api
from tests.api.sockets import line, serving, signed_in
from tests.conftest import Use
from tests.places.town import make_account, sign_in
from tests.rounds.arena import Arena, make_arena

OPENED = timedelta(hours=6)  # ago


@pytest.fixture
def arena(db: Database, runner: asyncio.Runner) -> Arena:
    """A round that has been open for some hours by the real clock, which is the one that the server goes by."""

    async def make() -> Arena:
        arena = await make_arena(db)
        await arena.shift(OPENED + timedelta(hours=1))
        return arena

    return runner.run(make())


@pytest.fixture
def address(settings: Settings, use: Use) -> str:
    """The whole application on a port, looking often."""
    address: str = use(serving(create_app(settings, live_seconds=0.05)))
    return address


@pytest.fixture
def follow(arena: Arena) -> Any:
    return {"roundId": global_id("Round", arena.round_id)}


def counts(seen: Any) -> dict[str, int | None]:
    """The live counts by class."""
    assert all(edge["node"]["result"] is None for edge in seen["standings"]["edges"])
    return {
        edge["node"]["classes"][0]["name"]: edge["node"]["participationPercent"] for edge in seen["standings"]["edges"]
    }


async def member(arena: Arena) -> str:
    return await sign_in(arena.db, await make_account(arena.db))


async def test_counts_arrive_as_they_change(arena: Arena, address: str, follow: Any) -> None:
    class_id, people, _ = await arena.competing_class("8A", size=10, speaking=4)
    async with signed_in(address, await member(arena)) as student:
        await student.subscribe("RoundStanding", **follow)
        first = await student.next()
        assert (first["round"]["id"], first["round"]["state"]) == (follow["roundId"], "OPEN")
        assert counts(first) == {"8A": 40}
        for one in people[4:6]:
            await arena.say(one, class_id)
        assert counts(await student.next()) == {"8A": 60}


async def test_two_clients_share_one_reading(
    arena: Arena, settings: Settings, follow: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await arena.competing_class("8A", size=10, speaking=4)
    readings: list[Id] = []
    read = standings.live_standings

    async def counted(conn: Connection, row: Round, now: datetime) -> list[LiveStanding]:
        readings.append(row.id)
        return await read(conn, row, now)

    monkeypatch.setattr(standings, "live_standings", counted)
    async with serving(create_app(settings, live_seconds=3600)) as address, AsyncExitStack() as clients:
        for _ in range(3):
            client = await clients.enter_async_context(signed_in(address, await member(arena)))
            for id in ("1", "2"):
                await client.subscribe("RoundStanding", id=id, **follow)
                assert counts(await client.next(id=id)) == {"8A": 40}
        assert readings == [arena.round_id]
        # Whoever waits holds no transaction open.
        held = "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in tr%'"
        assert await arena.value(held) == 0


async def test_page_is_the_one_that_was_asked_for(arena: Arena, address: str, follow: Any) -> None:
    for name in ("8A", "8B", "8C"):
        class_id, people, _ = await arena.competing_class(name, size=10, speaking=4)
    async with signed_in(address, await member(arena)) as client:
        await client.subscribe("RoundStanding", first=2, **follow)
        page = await client.next()
        assert counts(page) == {"8A": 40, "8B": 40}
        after = page["standings"]["pageInfo"]["endCursor"]
        await client.subscribe("RoundStanding", id="2", first=2, after=after, **follow)
        assert counts(await client.next(id="2")) == {"8C": 40}
        for one in people[4:8]:
            await arena.say(one, class_id)
        assert counts(await client.next(id="2")) in ({"8C": 60}, {"8C": 80})  # and nothing on the first page
        for page_of, code in (("first: 101", "PAGE_SIZE"), ('after: "x"', "INVALID_CURSOR")):
            text = "subscription($r: ID!) { roundStanding(roundId: $r) { standings(PAGE) { edges { cursor } } } }"
            payload = {"query": text.replace("PAGE", page_of), "variables": {"r": follow["roundId"]}}
            await client.say("subscribe", id="3", payload=payload)
            while (message := await client.hear())["id"] != "3":
                assert message["id"] == "2"
            assert [error["extensions"]["code"] for error in message["payload"]] == [code]


async def test_what_is_done_in_the_freeze_is_not_told(arena: Arena, address: str, follow: Any) -> None:
    class_id, people, _ = await arena.competing_class("8A", size=10, speaking=4)
    freezes_at = arena.opens_at + timedelta(hours=4)
    await arena.write("update round set freezes_at = $2 where id = $1", arena.round_id, freezes_at)
    async with signed_in(address, await member(arena)) as client:
        await client.subscribe("RoundStanding", **follow)
        assert counts(await client.next()) == {"8A": 40}
        for one in people[4:10]:
            await arena.say(one, class_id, after=timedelta(hours=4, minutes=30))
        # The next thing that is told is something else, and the counts in it are those of the freeze.
        await arena.write("update round set paused_at = clock_timestamp() where id = $1", arena.round_id)
        paused = await client.next()
        assert paused["round"]["state"] == "PAUSED"
        assert counts(paused) == {"8A": 40}
        # They were done, and would count without the freeze.
        await arena.write(
            "update round set paused_at = null, freezes_at = closes_at, frozen_at = null where id = $1", arena.round_id
        )
        assert counts(await client.next()) == {"8A": 100}


async def test_result_arrives_at_the_announcement_and_nothing_after_it(
    arena: Arena, address: str, follow: Any, api: Api
) -> None:
    said = (await arena.competing_class("8A", size=10, speaking=10))[2]
    said += (await arena.competing_class("8B", size=10, speaking=6))[2]
    await arena.draw()
    await arena.give_scores(said, 5, 4, 4)
    editor = await arena.editor()
    async with signed_in(address, await member(arena)) as client:
        await client.subscribe("RoundStanding", **follow)
        assert counts(await client.next()) == {"8A": 100, "8B": 60}
        with arena.over():
            found = await standings.provisional_result(arena.db, editor, arena.round_id)
            await confirming.confirm_round(arena.db, editor, arena.round_id, found.digest)
        confirmed = await client.next()
        assert confirmed["round"]["state"] == "CONFIRMED"
        assert set(counts(confirmed)) == {"8A", "8B"}  # and no result
        await arena.write("update round set announces_at = clock_timestamp() where id = $1", arena.round_id)
        announced = await client.next()
        assert announced["round"]["state"] == "ANNOUNCED"
        shown = [edge["node"] for edge in announced["standings"]["edges"]]
        assert [one["result"]["rank"] for one in shown] == [1, 2]
        assert {one["participationPercent"] for one in shown} == {None}
        asked = await api.run("Standings", **follow)
        for one, edge in zip(shown, asked["edges"], strict=True):
            assert one["result"].items() <= edge["node"]["result"].items()
        await client.completed()
        await client.subscribe("RoundStanding", **follow)  # who comes later gets the same, and the end
        assert await client.next() == announced
        await client.completed()


async def test_void_round_completes(arena: Arena, address: str, follow: Any) -> None:
    await arena.competing_class("8A", size=10, speaking=4)
    async with signed_in(address, await member(arena)) as client:
        await client.subscribe("RoundStanding", **follow)
        await client.next()
        await running.void_round(arena.db, await arena.editor(), arena.round_id, "Feil uke.")
        void = await client.next()
        assert (void["round"]["state"], void["round"]["voidReason"], counts(void)) == ("VOID", "Feil uke.", {})
        await client.completed()


async def test_session_that_is_revoked_hears_nothing_more(arena: Arena, address: str, follow: Any, api: Api) -> None:
    class_id, people, _ = await arena.competing_class("8A", size=10, speaking=4)
    token = await member(arena)
    async with signed_in(address, token) as client, signed_in(address, await member(arena)) as other:
        for one in (client, other):
            await one.subscribe("RoundStanding", **follow)
            await one.next()
        await api.do("SessionEnd", as_=token)
        for person in people[4:6]:
            await arena.say(person, class_id)
        with pytest.raises(ConnectionClosed) as closed:
            await client.hear()
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4403, "Forbidden")
        assert counts(await other.next()) == {"8A": 60}


async def test_round_that_may_not_be_seen_any_more_ends_with_an_error(arena: Arena, address: str, follow: Any) -> None:
    class_id, people, _ = await arena.competing_class("8A", size=10, speaking=4)
    async with signed_in(address, await member(arena)) as client:
        await client.subscribe("RoundStanding", **follow)
        await client.next()
        await arena.write("update campaign set status = 'DRAFT' where id = $1", arena.stage.campaign_id)
        for person in people[4:6]:
            await arena.say(person, class_id)
        assert await client.refused() == ["NOT_FOUND"]
        for unseen in (follow["roundId"], global_id("Round", new_id()), global_id("Campaign", new_id()), "x"):
            await client.subscribe("RoundStanding", roundId=unseen)
            assert await client.refused() == ["NOT_FOUND"]


async def test_strangers_do_not_follow(arena: Arena, address: str) -> None:
    for token in (None, "wrong", "x" * 300):
        async with line(address) as client:
            payload = {"authorization": f"Bearer {token}"} if token else {}
            await client.say("connection_init", payload=payload)
            assert await client.closed() == (4403, "Forbidden")


async def test_database_that_is_away_for_a_moment_ends_nothing(
    arena: Arena, address: str, follow: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class_id, people, _ = await arena.competing_class("8A", size=10, speaking=4)
    async with signed_in(address, await member(arena)) as client:
        await client.subscribe("RoundStanding", **follow)
        await client.next()
        failures = iter([True] * 3)
        see = RoundWatch._see

        async def sometimes(watch: RoundWatch, db: Database, round_id: Id) -> Any:
            if next(failures, False):
                raise ConnectionError("the database cannot be reached")
            return await see(watch, db, round_id)

        monkeypatch.setattr(RoundWatch, "_see", sometimes)
        for person in people[4:6]:
            await arena.say(person, class_id)
        assert counts(await client.next()) == {"8A": 60}
        assert next(failures, None) is None
