"""Judging over HTTP: jurors score and abstain, other classes are dealt and mark, with the documents that apps send."""

import asyncio
from typing import Any

import pytest

from backend.core.database import Database
from graphql_api.node_ids import global_id
from tests.api.client import Api
from tests.places.town import sign_in
from tests.rounds.arena import Arena, make_arena


@pytest.fixture
def arena(db: Database, runner: asyncio.Runner) -> Arena:
    return runner.run(make_arena(db))


async def test_juror_scores_and_leaves_to_others(api: Api, arena: Arena) -> None:
    await arena.competing_class("8A", size=10, speaking=10)
    juror = (await arena.juror()).require_account()
    await arena.draw()
    with arena.judging():
        as_ = await sign_in(arena.db, juror)
        page = await api.run("JuryEntries", as_=as_, roundId=global_id("Round", arena.round_id))
        entries = [edge["node"] for edge in page["edges"]]
        assert len(entries) == 5
        first, second = entries[:2]
        assert (first["text"], first["state"], first["score"]) == ("Vi må få snakke.", "ASSIGNED", None)
        assert first["round"]["state"] == "JUDGING"
        given = {"entryId": first["id"], "wordingId": first["wordingId"], "score": 4}
        scored = await api.do("EntryScore", as_=as_, **given)
        assert {**first, "__typename": "JuryEntry", "state": "SCORED", "score": 4} == scored
        left = await api.do("EntryAbstain", as_=as_, entryId=second["id"], reason="KNOWS_AUTHOR")
        assert (left["state"], left["abstainedFor"]) == ("ABSTAINED", "KNOWS_AUTHOR")
        assert await api.refuse("EntryScore", as_=as_, **{**given, "score": 6}) == ("ValidationProblem", "score_range")
        nobody = await sign_in(arena.db, (await arena.editor()).require_account())
        assert (await api.run("JuryEntries", as_=nobody))["edges"] == []
        assert (await api.refuse("EntryScore", as_=nobody, **given))[0] == "NotFound"
        page = await api.run("JuryEntries", as_=as_, first=2)
        assert page["pageInfo"]["hasNextPage"]
    with arena.over():
        as_ = await sign_in(arena.db, juror)
        assert (await api.run("JuryEntries", as_=as_))["edges"] == []
        assert await api.refuse("EntryScore", as_=as_, **given) == ("Closed", "judging_over")


async def test_student_is_dealt_a_hand_and_marks(api: Api, arena: Arena) -> None:
    round_id = global_id("Round", arena.round_id)
    people = [(await arena.competing_class(name))[1] for name in ("8A", "8B", "8C")]
    with arena.open():
        as_ = await sign_in(arena.db, people[0][0])
        assert await api.refuse("EntriesDeal", as_=as_, roundId=round_id) == ("Closed", "judging_not_begun")
    with arena.judging():
        as_ = await sign_in(arena.db, people[0][0])
        assert await todo(api, as_) == "MARK_VOICES"
        assert await api.run("MyHand", as_=as_, roundId=round_id) is None
        hand = await api.do("EntriesDeal", as_=as_, roundId=round_id)
        assert (len(hand["cards"]), hand["mostMarks"], hand["isHandedIn"]) == (6, 3, False)
        assert {card["text"] for card in hand["cards"]} == {"Vi må få snakke."}
        assert {"__typename": "Hand", **await api.run("MyHand", as_=as_, roundId=round_id)} == hand
        ids = [card["id"] for card in hand["cards"]]
        refused = await api.run("EntryMark", as_=as_, input={"roundId": round_id, "cardIds": ids})
        assert (refused["code"], refused["path"]) == ("too_many_marks", ["cardIds"])
        marked = await api.do("EntryMark", as_=as_, roundId=round_id, cardIds=ids[1:3])
        assert ([card["isMarked"] for card in marked["cards"]], marked["isHandedIn"]) == (
            [False, True, True, False, False, False], True
        )  # fmt: skip
        assert await api.refuse("EntryMark", as_=as_, roundId=round_id, cardIds=ids[:1]) == (
            "Conflict", "already_marked"
        )  # fmt: skip
        assert await todo(api, as_) == "NOTHING"
        other = await sign_in(arena.db, people[1][0])
        assert await api.run("MyHand", as_=other, roundId=round_id) is None
        await api.do("EntriesDeal", as_=other, roundId=round_id)
        assert (await api.refuse("EntryMark", as_=other, roundId=round_id, cardIds=["x"]))[0] == "NotFound"


async def todo(api: Api, as_: str) -> Any:
    [week] = await api.run("MyWeek", as_=as_)
    return week["own"]["todo"]
