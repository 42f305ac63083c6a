"""Awards over HTTP: given, agreed to, printed, taken back, with the documents that apps send."""

import asyncio

import pytest

from backend.core.database import Database
from backend.rounds import confirming, standings
from graphql_api.node_ids import global_id
from tests.api.client import Api
from tests.places.town import sign_in
from tests.rounds.arena import Arena, make_arena


@pytest.fixture
def arena(db: Database, runner: asyncio.Runner) -> Arena:
    return runner.run(make_arena(db))


async def test_awards_are_given_agreed_to_printed_and_taken_back(api: Api, arena: Arena) -> None:
    round_id = global_id("Round", arena.round_id)
    class_id, people, said = await arena.competing_class("8 <A>", size=10, speaking=6)
    await arena.draw()
    editor = await arena.editor()
    with arena.over():
        found = await standings.provisional_result(arena.db, editor, arena.round_id)
        await confirming.confirm_round(arena.db, editor, arena.round_id, found.digest)
        as_, author = await sign_in(arena.db, editor.require_account()), await sign_in(arena.db, people[0])
        title = [{"locale": "nb", "text": "Modigst & best"}]
        of_class = await api.do(
            "AwardGive", as_=as_, roundId=round_id, title=title, classId=global_id("SchoolClass", class_id)
        )
        assert (of_class["consent"], of_class["isPublic"], of_class["title"]) == ("NOT_NEEDED", False, "Modigst & best")
        mine = await api.do(
            "AwardGive", as_=as_, roundId=round_id, title=title, statementId=global_id("Statement", said[0])
        )
        assert mine["consent"] == "ASKED"
        assert await api.run("RoundAwards", roundId=round_id) == []
        [asked] = await api.run("ViewerAwards", as_=author, withDiploma=True)
        assert (asked["id"], asked["diploma"]) == (mine["id"], None)
        inbox = (await api.run("ViewerInbox", as_=author))["inbox"]["edges"]
        assert [(edge["node"]["kind"], edge["node"]["subjectId"]) for edge in inbox] == [("award_offered", mine["id"])]
        agreed = await api.do("AwardConsent", as_=author, awardId=mine["id"], agrees=True)
        assert (agreed["consent"], agreed["statement"]["id"]) == ("GIVEN", global_id("Statement", said[0]))
        await confirming.announce_round(arena.db, editor, arena.round_id)
        first, second = await api.run("RoundAwards", roundId=round_id, locale="nb", withDiploma=True)
        assert (first["id"], second["id"], second["consent"]) == (of_class["id"], mine["id"], None)
        assert "8 &lt;A&gt;, " in first["diploma"]
        assert "Modigst &amp; best" in first["diploma"]
        assert "Tildelt" in first["diploma"]
        assert "En elev, 8 &lt;A&gt;" in second["diploma"]
        assert "<A>" not in first["diploma"] + second["diploma"]
        taken = await api.do("AwardRescind", as_=as_, awardId=of_class["id"], reason="Feil klasse.")
        assert taken["rescindedAt"] is not None
        first, _ = await api.run("RoundAwards", roundId=round_id, withDiploma=True)
        assert (first["rescindReason"], first["diploma"]) == ("Feil klasse.", None)
        refused = await api.refuse("AwardRescind", as_=as_, awardId=of_class["id"], reason="Igjen.")
        assert refused[0] == "Conflict"
        assert all("diploma" not in one for one in await api.run("RoundAwards", roundId=round_id))
        assert all("diploma" not in one for one in await api.run("ViewerAwards", as_=author))
        nobody = global_id("Round", arena.stage.campaign_id)
        assert await api.run("RoundAwards", roundId=nobody) is None
