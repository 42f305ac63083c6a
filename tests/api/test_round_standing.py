"""Following a round over a real WebSocket: counts as they change, the freeze, the result, and every way it ends."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from backend.asgi import create_app
from backend.core.database import Database
from backend.settings import Settings
from graphql_api.node_ids import global_id
from tests.api.sockets import serving, signed_in
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
