"""What editors read of a round over HTTP: a statement to give an award to, and how far the jury is."""

import asyncio
from typing import Any

import pytest

from backend.core.database import Database
from backend.core.viewer import Role, ScopeKind
from backend.rounds import confirming, standings
from backend.rounds.editor_notices import tell_jury_short, tell_to_confirm
from graphql_api.node_ids import global_id
from tests.api.client import Api
from tests.places.town import give, sign_in
from tests.rounds.arena import DAY, Arena, make_arena

PAGES = "query($r: ID!, $first: Int, $last: Int, $after: String, $before: String) { roundEntries(roundId: $r, first: $first, last: $last, after: $after, before: $before) { edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"  # noqa: E501


@pytest.fixture
def arena(db: Database, runner: asyncio.Runner) -> Arena:
    return runner.run(make_arena(db))


async def test_editor_finds_a_statement_and_gives_it_an_award(api: Api, arena: Arena) -> None:
    round_id = global_id("Round", arena.round_id)
    _, people, said = await arena.competing_class("8A")
    other, _, _ = await arena.competing_class("8B")
    editor, teacher = await arena.editor(), await arena.editor()
    await give(arena.db, arena.stage.town.admin, teacher.require_account(), Role.TEACHER, ScopeKind.CLASS, other)
    await arena.draw()
    with arena.judging():
        as_ = await sign_in(arena.db, editor.require_account())
        assert (await api.run("RoundEntries", as_=as_, roundId=round_id))["edges"] == []
    with arena.over():
        as_ = await sign_in(arena.db, editor.require_account())
        page = await api.run("RoundEntries", as_=as_, roundId=round_id, first=7)
        rest = await api.run("RoundEntries", as_=as_, roundId=round_id, after=page["pageInfo"]["endCursor"])
        nodes = {edge["node"]["id"]: edge["node"] for edge in page["edges"] + rest["edges"]}
        assert (len(nodes), page["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (12, True, False)
        mine = nodes[global_id("Statement", said[0])]
        assert (mine["text"], mine["author"]["className"], mine["author"]["pseudonym"]) == (
            "Vi må få snakke.",
            "8A",
            None,
        )
        unknown = global_id("Round", arena.stage.campaign_id)
        for who in (people[0], teacher.require_account(), None):
            seen = await sign_in(arena.db, who) if who else None
            assert await api.run("RoundEntries", as_=seen, roundId=round_id) is None
            assert await api.run("RoundEntries", as_=seen, roundId=unknown) is None
        found = await standings.provisional_result(arena.db, editor, arena.round_id)
        await confirming.confirm_round(arena.db, editor, arena.round_id, found.digest)
        title = [{"locale": "nb", "text": "Modigst"}]
        given = await api.do("AwardGive", as_=as_, roundId=round_id, title=title, statementId=mine["id"])
        assert given["statement"]["id"] == mine["id"]


async def test_list_of_entries_is_the_same_from_both_ends_and_bounded(api: Api, arena: Arena) -> None:
    variables = {"r": global_id("Round", arena.round_id)}
    await arena.competing_class("8A")
    editor = await arena.editor()

    async def ask(**page: Any) -> Any:
        return await api.send(PAGES, variables | page, as_=as_)

    with arena.over():
        as_ = await sign_in(arena.db, editor.require_account())
        whole = (await ask())["data"]["roundEntries"]["edges"]
        first = (await ask(first=4))["data"]["roundEntries"]
        last = (await ask(last=2))["data"]["roundEntries"]
        assert first["edges"] + last["edges"] == whole
        assert len(whole) == 6
        before = (await ask(last=4, before=last["pageInfo"]["startCursor"]))["data"]["roundEntries"]
        assert before["edges"] == first["edges"]
        for page, code in (
            ({"first": 101}, "PAGE_SIZE"), ({"first": 1, "last": 1}, "FIRST_AND_LAST"),
            ({"after": "x"}, "INVALID_CURSOR"),
        ):  # fmt: skip
            assert [error["extensions"]["code"] for error in (await ask(**page))["errors"]] == [code]


async def test_editor_sees_how_far_the_jury_is(api: Api, arena: Arena) -> None:
    round_id = global_id("Round", arena.round_id)
    _, people, _ = await arena.competing_class("8A", size=10, speaking=10)
    juror, editor = await arena.juror(), (await arena.editor()).require_account()
    await arena.draw()
    with arena.judging():
        as_ = await sign_in(arena.db, editor)
        assert await api.run("JuryProgress", as_=as_, roundId=round_id) == {
            "drawnEntries": 5, "lackingScores": 5,
            "jurors": [{"pseudonym": "A juror", "asked": 5, "scored": 0, "abstained": 0}],
        }  # fmt: skip
        for who in (people[0], juror.require_account(), None):
            seen = await sign_in(arena.db, who) if who else None
            assert await api.run("JuryProgress", as_=seen, roundId=round_id) is None
    with arena.open():
        as_ = await sign_in(arena.db, editor)
        assert await api.run("JuryProgress", as_=as_, roundId=round_id) is None


async def test_editor_reads_in_words_what_waits(api: Api, arena: Arena) -> None:
    await arena.competing_class("8A", size=10, speaking=10)
    editor = (await arena.editor()).require_account()
    await arena.draw()
    with arena.at(8 * DAY):
        await tell_jury_short(arena.db)
    with arena.over():
        await tell_to_confirm(arena.db)
        as_ = await sign_in(arena.db, editor)
        inbox = [edge["node"] for edge in (await api.run("ViewerInbox", as_=as_))["inbox"]["edges"]]
    round_id = global_id("Round", arena.round_id)
    about = [(one["kind"], one["subjectId"]) for one in inbox if one["subjectId"] == round_id]
    assert about == [("round_to_confirm", round_id), ("jury_short", round_id)]
    assert all(len(one["message"]) > 20 for one in inbox)


async def test_student_is_led_to_what_was_sent_back_and_finds_the_own_line(api: Api, arena: Arena) -> None:
    round_id = global_id("Round", arena.round_id)
    class_id, people, _ = await arena.competing_class("8A")
    await arena.competing_class("8B")
    await arena.say(people[9], class_id, visibility="UNPUBLISHED", review="CHANGES_REQUESTED")
    with arena.frozen():
        as_ = await sign_in(arena.db, people[9])
        [week] = await api.run("MyWeek", as_=as_, locale="nb")
        assert (week["own"]["todo"], week["round"]["id"]) == ("CHANGE_STATEMENT", round_id)
        assert week["round"]["campaign"] == {"id": global_id("Campaign", arena.stage.campaign_id)}
        assert (week["round"]["vocabulary"], week["round"]["topic"]) == ([], None)
        whole = await api.run("Standings", as_=as_, roundId=round_id)
        own = await api.run("Standings", as_=as_, roundId=round_id, classId=week["schoolClass"]["id"])
        assert own["edges"] == [one for one in whole["edges"] if one["node"]["classes"][0]["name"] == "8A"]
        wrong = "query($r: ID!) { standings(roundId: $r, classId: $r) { edges { cursor } } }"
        assert (await api.send(wrong, {"r": round_id}, as_=as_))["data"] == {"standings": None}
