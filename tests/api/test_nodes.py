"""`node` and `nodes` for every type that has a global id, for those who may see it and for everybody else."""

import asyncio

import pytest
from graphql import GraphQLInterfaceType

from backend.core.database import Database
from backend.core.ids import new_id
from graphql_api.node_ids import global_id
from graphql_api.schema import schema
from tests.api.client import Api
from tests.api.stocked import Stocked, stock
from tests.campaigns.stage import make_stage

QUERY = "query($id: ID!, $ids: [ID!]!) { node(id: $id) { __typename id } nodes(ids: $ids) { __typename id } }"
# What anybody may read without signing in, and what nobody has who is not its owner or reviewer.
PUBLIC = {"Campaign", "City", "Round", "School"}
SEEN_BY = {
    "Appeal": "reviewer", "Case": "moderator", "RoleGrant": "boss", "SchoolClass": "author", "Seat": "author",
    "ShareCard": "sharer", "SocialExport": "boss", "Takedown": "boss",
    "Report": "reporter", "ClassUnion": "boss", "JuryEntry": "juror",
}  # fmt: skip


@pytest.fixture
def house(api: Api, db: Database, runner: asyncio.Runner) -> Stocked:
    async def make() -> Stocked:
        return await stock(api, await make_stage(db))

    return runner.run(make())


def node_types() -> set[str]:
    interface = schema().core.type_map["Node"]
    assert isinstance(interface, GraphQLInterfaceType)
    return {kind.name for kind in schema().core.get_possible_types(interface)}


async def test_every_node_type_is_found_by_its_id_and_by_nobody_else(house: Stocked) -> None:
    assert set(house.nodes) == node_types()
    nobody = await house.session("nobody")
    for name, text in house.nodes.items():
        seeing = await house.session(SEEN_BY.get(name, "author"))
        for token, sees in ((seeing, True), (nobody, name in PUBLIC), (None, name in PUBLIC)):
            answer = await house.api.send(QUERY, {"id": text, "ids": [text, text]}, as_=token)
            node = {"__typename": name, "id": text} if sees else None
            assert answer == {"data": {"node": node, "nodes": [node, node]}}, name


async def test_unknown_and_malformed_ids_are_null_for_every_type(house: Stocked) -> None:
    row = new_id()
    ids = [*(global_id(name, row) for name in sorted(node_types())), "", "x", "\x00", "\u202e", "Q2FzZTp4", "x" * 9_000]
    answer = await house.api.send(QUERY, {"id": ids[0], "ids": ids}, as_=await house.session("boss"))
    assert answer == {"data": {"node": None, "nodes": [None] * len(ids)}}


async def test_ids_do_not_tell_their_kind_at_a_glance(house: Stocked) -> None:
    assert all(name not in text for name, text in house.nodes.items())
    assert len(set(house.nodes.values())) == len(house.nodes) - 0


async def test_notices_and_decisions_lead_to_what_they_are_about(house: Stocked) -> None:
    token = await house.session("author")
    notices = (await house.api.run("ViewerInbox", as_=token, first=100))["inbox"]["edges"]
    decisions = (await house.api.run("ViewerDecisions", as_=token))["edges"]
    ids = [edge["node"]["subjectId"] for edge in [*notices, *decisions] if edge["node"]["subjectId"] is not None]
    assert ids
    assert None not in await house.api.run("Nodes", as_=token, ids=ids)
