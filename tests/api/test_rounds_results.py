"""A result over HTTP: looked at, fixed, announced, read by everybody, and recounted from what is published."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from backend.cli import main
from backend.core.database import Database
from graphql_api.node_ids import global_id
from tests.api.client import Api
from tests.places.town import sign_in
from tests.rounds.arena import Arena, make_arena


@pytest.fixture
def arena(db: Database, runner: asyncio.Runner) -> Arena:
    return runner.run(make_arena(db))


async def test_result_is_confirmed_announced_and_recounted(api: Api, arena: Arena, tmp_path: Path) -> None:
    round_id = global_id("Round", arena.round_id)
    said: list[Any] = []
    for name, speaking in (("8A", 10), ("8B", 6), ("8C", 2)):
        _, people, statements = await arena.competing_class(name, size=10, speaking=speaking)
        said += statements
    student = await sign_in(arena.db, people[0])
    with arena.frozen():
        counts = await api.run("Standings", as_=student, roundId=round_id)
        assert [edge["node"]["participationPercent"] for edge in counts["edges"]] == [100, 60, 20]
        assert {edge["node"]["result"] for edge in counts["edges"]} == {None}
        assert "errors" in await api.send(
            "query($r: ID!) { standings(roundId: $r) { edges { cursor } } }", {"r": round_id}
        )
    await arena.draw()
    await arena.give_scores(said, 5, 4, 4)
    await arena.give_hand(said[:6], said[:3])
    editor = (await arena.editor()).require_account()
    with arena.over():
        as_ = await sign_in(arena.db, editor)
        assert await api.run("ProvisionalResult", as_=student, roundId=round_id) is None
        seen = await api.run("ProvisionalResult", as_=as_, roundId=round_id)
        for page, code in (("first: 101", "PAGE_SIZE"), ("first: 1, last: 1", "FIRST_AND_LAST")):
            asked = f'{{ provisionalResult(roundId: "{round_id}", {page}) {{ digest }} }}'
            answer = await api.send(asked, as_=as_)
            assert [error["extensions"]["code"] for error in answer["errors"]] == [code]
        refused = await api.run("RoundConfirm", as_=as_, input={"roundId": round_id, "digest": "0" * 64})
        assert (refused["code"], refused["path"]) == ("result_changed", ["digest"])
        fixed = await api.do("RoundConfirm", as_=as_, roundId=round_id, digest=seen["digest"])
        assert (fixed["state"], fixed["seed"]) == ("CONFIRMED", None)
        assert await api.run("RoundPublication", roundId=round_id) is None
        announced = await api.do("RoundAnnounce", as_=as_, roundId=round_id)
        assert announced["state"] == "ANNOUNCED"
        shown = [edge["node"] for edge in (await api.run("Standings", roundId=round_id))["edges"]]
        assert shown == [edge["node"] | {"participationPercent": None} for edge in seen["standings"]["edges"]]
        assert shown[0]["classes"][0]["name"] == "8A"
        assert shown[-1]["result"]["unrankedFor"] == "TOO_FEW_ENTRIES"
        file = tmp_path / "round.json"
        file.write_text(await api.run("RoundPublication", roundId=round_id), "utf-8")
    done = CliRunner().invoke(main, ["recount-round", str(file)])
    assert done.exit_code == 0, done.output
    assert "3 classes: the result agrees to the last digit." in done.output
    for one in shown[:2]:
        assert one["result"]["score"]["exact"] in done.output
