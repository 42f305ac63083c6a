"""Global ids, `node` and `nodes`, connections."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.errors import NotFound
from backend.core.ids import new_id
from graphql_api.node_ids import global_id, parse_id, parse_ids, split_id
from tests.graphql_api.sample import NOTE_IDS, Api

NODES = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"


def test_id_of_another_type_is_not_found() -> None:
    row = new_id()
    assert parse_id(global_id("Note", row), "Note") == row
    with pytest.raises(NotFound):
        parse_id(global_id("Case", row), "Note")


@given(st.text(max_size=80))
def test_any_text_is_an_id_of_ours_or_none(text: str) -> None:
    parts = split_id(text)
    assert parts is None or global_id(*parts) == text


def test_ids_have_one_spelling() -> None:
    text = global_id("Note", new_id())
    assert split_id(text + "=") is None
    assert split_id(f" {text}") is None
    assert parse_ids([text, text], "Note", path=("ids",))[0] == parse_id(text, "Note")


async def test_nodes_keep_the_order_and_give_null_for_the_rest(api: Api) -> None:
    seen, hidden = global_id("Note", NOTE_IDS[1]), global_id("Note", NOTE_IDS[6])
    reply = await api.query(NODES, {"ids": [hidden, seen, "x", global_id("Other", NOTE_IDS[1]), seen]})
    note = {"__typename": "Note", "id": seen}
    assert reply.json == {"data": {"nodes": [None, note, None, None, note]}}


async def test_node_by_id(api: Api) -> None:
    reply = await api.query(f'{{ node(id: "{global_id("Note", NOTE_IDS[0])}") {{ ... on Note {{ mood at }} }} }}')
    assert reply.json == {"data": {"node": {"mood": "GLAD", "at": "2026-03-01T08:00:00Z"}}}


async def test_more_than_100_nodes_are_refused(api: Api) -> None:
    reply = await api.query(NODES, {"ids": ["x"] * 101})
    assert reply.codes == ["TOO_MANY_IDS"]


async def test_connection_has_cursors_and_page_info(api: Api) -> None:
    reply = await api.query("{ notes(first: 2) { edges { cursor node { rank } } pageInfo { endCursor hasNextPage } } }")
    notes = reply.json["data"]["notes"]
    assert [edge["node"]["rank"] for edge in notes["edges"]] == [0, 1]
    assert notes["pageInfo"] == {"endCursor": notes["edges"][-1]["cursor"], "hasNextPage": True}
    assert (
        await api.query(f'{{ notes(after: "{notes["edges"][0]["cursor"]}") {{ edges {{ cursor }} }} }}')
    ).status == 200


async def test_empty_page_has_no_cursors(api: Api) -> None:
    reply = await api.query("{ notes(first: 0) { edges { cursor } pageInfo { startCursor endCursor } } }")
    assert reply.json["data"]["notes"] == {"edges": [], "pageInfo": {"startCursor": None, "endCursor": None}}
