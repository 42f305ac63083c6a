"""Lists over HTTP: pages from both ends, bounds, cursors that refuse garbage, and stability while things are added."""

import asyncio
import base64
import json
from datetime import datetime
from typing import Any

import pytest
from graphql import GraphQLObjectType, get_named_type

from backend.core.database import Database
from backend.core.ids import new_id
from backend.core.paging import Key, encode_cursor
from graphql_api.node_ids import global_id
from graphql_api.schema import schema
from tests.api.client import Api
from tests.api.stocked import Stocked, stock
from tests.campaigns.stage import make_stage
from tests.places.town import sign_in

SIZE = 5
PAGE = "edges { cursor node { NODE } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
# What tells the nodes apart that have no id.
NODE = {"Query.standings": "classes { id: name }"}
# Only for a round whose judging has ended: tested with the results and the editors of rounds. The last over WebSocket.
APART = {"Query.provisionalResult", "Query.roundEntries", "RoundStanding.standings"}


def connections() -> dict[str, GraphQLObjectType]:
    """Every field of the schema that is a page of a list, by `Type.field`."""
    return {
        f"{kind.name}.{name}": get_named_type(one.type)
        for kind in schema().core.type_map.values()
        if isinstance(kind, GraphQLObjectType)
        for name, one in kind.fields.items()
        if "first" in one.args
    }


# How each list is asked for: arguments besides the page's, and who asks.
ASKED = {
    "Query.cities": ("", None), "Query.schools": ("cityId", None), "Query.schoolClasses": ("schoolId", "boss"),
    "Query.viewerClasses": ("", "author"), "Query.seats": ("classId", "boss"), "Query.roles": ("scopeId", "boss"),
    "Query.campaigns": ("", None), "Query.statements": ("", "author"), "Query.ownStatements": ("", "author"),
    "Query.moderationQueue": ("", "moderator"), "Query.approvalQueue": ("", "boss"),
    "Query.appealQueue": ("", "reviewer"), "Query.viewerDecisions": ("", "author"),
    "Query.viewerReports": ("", "reporter"), "Viewer.inbox": ("", "author"),
    "GuardianPage.statements": ("", None), "Query.rounds": ("campaignId", None),
    "Query.standings": ("roundId", "author"), "Query.juryEntries": ("", "juror"),
    "Query.topicProposals": ("campaignId", "author"),
    "Query.shareCards": ("statementId=socialStatementId", "sharer"), "Query.socialExports": ("campaignId", "boss"),
    "Query.takedowns": ("campaignId", "boss"),
}  # fmt: skip


@pytest.fixture
def house(api: Api, db: Database, runner: asyncio.Runner) -> Stocked:
    async def make() -> Stocked:
        return await stock(api, await make_stage(db))

    return runner.run(make())


async def ask(house: Stocked, place: str, page: str) -> Any:
    """The whole answer, and the connection in it if there is one."""
    fixed, who = ASKED[place]
    name = place.partition(".")[2]
    argument, _, known = fixed.partition("=")
    given = ", ".join(part for part in (f'{argument}: "{house.ids[known or argument]}"' if fixed else "", page) if part)
    wanted = PAGE.replace("NODE", NODE.get(place, "id"))
    field = f"{name}({given}) {{ {wanted} }}" if given else f"{name} {{ {wanted} }}"
    parent = {"Viewer": "viewer", "GuardianPage": f'consentByKey(key: "{house.guardian_key}")'}.get(place.split(".")[0])
    text = f"{{ {parent} {{ {field} }} }}" if parent else f"{{ {field} }}"
    answer = await house.api.send(text, as_=await house.session(who) if who else None)
    data = answer.get("data") or {}
    return answer, (data.get(parent.partition("(")[0]) or {}).get(name) if parent else data.get(name)


async def pages(house: Stocked, place: str, size: str, step: str, cursor: str) -> list[list[str]]:
    """All pages from one end: ids of each."""
    found: list[list[str]] = []
    more = ""
    while True:
        answer, page = await ask(house, place, f"{size}: {SIZE}{more}")
        assert page is not None, answer
        found.append([json.dumps(edge["node"]) for edge in page["edges"]])
        if not page["pageInfo"][f"has{'Next' if size == 'first' else 'Previous'}Page"]:
            return found
        more = f', {step}: "{page["pageInfo"][cursor]}"'


def test_every_list_is_asked_for() -> None:
    assert set(connections()) == set(ASKED) | APART
    assert all("totalCount" not in kind.fields for name, kind in connections().items() if name not in APART)


@pytest.mark.parametrize("place", ASKED)
async def test_list_is_the_same_from_both_ends_and_bounded(house: Stocked, place: str) -> None:
    forward = [one for page in await pages(house, place, "first", "after", "endCursor") for one in page]
    backward = await pages(house, place, "last", "before", "startCursor")
    assert [one for page in reversed(backward) for one in page] == forward
    assert len(set(forward)) == len(forward)
    assert forward or place == "Query.moderationQueue"
    for page, code in (
        ("first: 101", "PAGE_SIZE"), ("last: 101", "PAGE_SIZE"), ("first: -1", "PAGE_SIZE"),
        ("first: 1, last: 1", "FIRST_AND_LAST"), ('after: "x"', "INVALID_CURSOR"),
        ('before: "\\u0000"', "INVALID_CURSOR"),
    ):  # fmt: skip
        answer, _ = await ask(house, place, page)
        assert [error["extensions"]["code"] for error in answer["errors"]] == [code], (place, page)


async def test_pages_with_both_bounds_and_flags(house: Stocked) -> None:
    author = house.people["author"]
    _, whole = await ask(house, "Query.ownStatements", "first: 100")
    a, *_, z = (edge["cursor"] for edge in whole["edges"])
    _, between = await ask(house, "Query.ownStatements", f'first: 100, after: "{a}", before: "{z}"')
    assert [edge["cursor"] for edge in between["edges"]] == [edge["cursor"] for edge in whole["edges"]][1:-1]
    _, none = await ask(house, "Query.ownStatements", "first: 0")
    assert none["edges"] == []
    token = await sign_in(house.stage.db, author)
    _, first = await ask(house, "Query.ownStatements", "first: 1")
    words = {"text": "Nyere.", "language": "nb", "audience": "SCHOOL"}
    await house.api.do("StatementDraft", as_=token, campaignId=house.ids["campaignId"], wording=words)
    _, second = await ask(house, "Query.ownStatements", f'first: 1, after: "{first["pageInfo"]["endCursor"]}"')
    assert second["edges"][0]["cursor"] == whole["edges"][1]["cursor"]


@pytest.mark.parametrize(
    "raw",
    [b"", b"\x92\x01\x02", b"\x92\xc0\xc0", b"\x93" + b"\x00" * 40, b"\xd9\xff" + b"x" * 200, b"\xff" * 1_000],
)
async def test_forged_cursor_is_refused_by_name(house: Stocked, raw: bytes) -> None:
    cursor = base64.urlsafe_b64encode(raw).decode() or "="
    for place in ("Query.cities", "Query.statements"):
        answer, _ = await ask(house, place, f'after: "{cursor}"')
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["INVALID_CURSOR"]


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59.999999+00:00"])
async def test_cursor_at_the_ends_of_time_is_an_empty_or_whole_page(house: Stocked, moment: str) -> None:
    cursor = encode_cursor(Key(datetime.fromisoformat(moment), new_id()))
    for place in ("Query.cities", "Query.statements", "Query.ownStatements"):
        answer, page = await ask(house, place, f'after: "{cursor}"')
        assert "errors" not in answer
        assert page is not None


async def test_search_and_filters_with_odd_values_are_answered(house: Stocked) -> None:
    text = "query($f: StatementFilter) { statements(filter: $f, first: 2) { edges { cursor } } }"
    searches = [
        "",
        " ",
        "x" * 100,
        "x" * 101,
        "\x00",
        "\u202e",
        "%",
        "_",
        "'",
        "a & | ! b",
        "🎉",
        "ال",
        "<->",
        ":*",
        "\\",
    ]
    foreign = global_id("Seat", house.stage.campaign_id)
    for wanted in [*({"search": one} for one in searches), {"campaignId": "x"}, {"cityId": foreign}, {"topicId": ""}]:
        answer = await house.api.send(text, {"f": wanted})
        codes = [error["extensions"]["code"] for error in answer.get("errors", ())]
        assert "INTERNAL" not in codes, wanted
