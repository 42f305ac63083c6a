"""Every mutation of the schema with inputs made from it: whoever sends whatever gets a typed answer, never a fault."""

import asyncio
import json
import re
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, GraphQLNamedType, get_named_type

from backend.core.database import Database
from graphql_api.schema import schema
from tests.api.client import Api
from tests.api.generated import MANY, document, mutations, valid_input, wrong_inputs
from tests.api.stocked import Stocked, stock
from tests.campaigns.stage import make_stage

PROBLEMS = {kind.name for kind in schema().core.get_possible_types(schema().core.type_map["Problem"])}  # type: ignore[arg-type]
ANYBODY = {
    "accountSignUp", "accountRecover", "sessionStart", "emailVerify", "classJoin", "consentAnswer", "consentWithdraw",
    "appealFile",
}  # fmt: skip
# What somebody without any role may do to nobody but themselves.
ONES_OWN = {
    "accountSignUp",
    "sessionEnd", "pseudonymChange", "localeChange", "reviewLanguagesSet", "accountErase", "accountEraseCancel",
    "accountExport", "inboxMarkRead", "consentAnswer", "consentWithdraw", "totpEnroll", "emailChange", "uploadRequest",
    "statementSupport", "statementUnsupport", "subjectReport", "lessonComplete", "consentRequest", "classJoin",
}  # fmt: skip
# These end what the others need.
LAST = [
    "roundVoid",
    "membershipRemove",
    "campaignClose",
    "classClose",
    "roleRevoke",
    "accountErase",
    "sessionRevoke",
    "sessionEnd",
]
UNCOUNTED = {"audit_entry", "audit_link", "audit_key", "rate_bucket", "repeat", "session", "sign_in_failure"}
LARGEST_ANSWER = 60_000


@pytest.fixture
def house(api: Api, db: Database, runner: asyncio.Runner) -> Stocked:
    async def make() -> Stocked:
        return await stock(api, await make_stage(db))

    return runner.run(make())


async def send(house: Stocked, name: str, given: Any, *, who: str | None) -> tuple[int, dict[str, Any]]:
    """One mutation: (HTTP status, the answer). Where a limit of frequency answers, it is forgotten and asked again."""
    headers = {"authorization": f"Bearer {await house.session(who)}"} if who else {}
    body = json.dumps({"query": document(name), "variables": {"input": given} if given is not None else {}})
    headers["content-type"] = "application/json"
    reply = await house.api.http.post("/graphql", content=body, headers=headers)
    if reply.status_code == 429 or b'"RateLimited' in reply.content:
        async with house.stage.db.transaction() as tx:
            await tx.execute("delete from rate_bucket")
        reply = await house.api.http.post("/graphql", content=body, headers=headers)
    assert len(reply.content) < LARGEST_ANSWER
    return reply.status_code, reply.json()


def fault(status: int, answer: dict[str, Any], name: str) -> str | None:
    """What is wrong with an answer: a fault of the house, an untyped refusal, a message with a hole, a false path."""
    for error in answer.get("errors", ()):
        code = error.get("extensions", {}).get("code")
        if code == "INTERNAL" or (answer.get("data") is not None and code != "UNAUTHENTICATED"):
            return f"{status} {error}"
    if status >= 500:
        return f"{status} {answer}"
    result = (answer.get("data") or {}).get(name)
    told = (result or {}).get("message", "").replace("{x}", "")
    if not names_a_field((result or {}).get("path") or [], mutations()[name]):
        return f"there is no such input field: {result}"
    return f"unfinished message: {result}" if re.search(r"\{\w*\}|%\(|\bNone\b", told) else None


def names_a_field(path: list[str], kind: GraphQLNamedType | None) -> bool:
    """Whether the path leads to a field of the input; a place in a list counts from 0."""
    for name in path:
        if not isinstance(kind, GraphQLInputObjectType):
            return name.isdigit()
        if name not in kind.fields:
            return False
        kind = get_named_type(kind.fields[name].type)
    return True


async def digest(db: Database) -> dict[str, str]:
    """What every table holds, but for the ones that note tries."""
    async with db.reading() as conn:
        tables = await conn.fetch("select tablename as name from pg_tables where schemaname = 'public'")
        names = sorted({row["name"] for row in tables} - UNCOUNTED)
        line = "md5(coalesce(string_agg(t::text, '|' order by t::text), '')) as sum"
        parts = [f"select '{name}' as name, {line} from {name} t" for name in names]
        return {row["name"]: row["sum"] for row in await conn.fetch(" union all ".join(parts))}


async def test_not_signed_in_gets_unauthenticated_or_a_typed_answer(house: Stocked) -> None:
    before = await digest(house.stage.db)
    wrong: list[str] = []
    for name, kind in mutations().items():
        given = valid_input(kind, house, mutation=name, full=name not in ANYBODY) if kind else None
        status, answer = await send(house, name, given, who=None)
        codes = [error["extensions"]["code"] for error in answer.get("errors", ())]
        if name not in ANYBODY and (status, codes) != (200, ["UNAUTHENTICATED"]):
            wrong.append(f"{name}: {status} {answer}")
        if problem := fault(status, answer, name):
            wrong.append(f"{name}: {problem}")
        if name == "accountSignUp":
            before = await digest(house.stage.db)
    assert not wrong, "\n".join(wrong)
    assert await digest(house.stage.db) == before


async def test_nobody_gets_a_problem_and_changes_nothing(house: Stocked) -> None:
    wrong: list[str] = []
    await house.session("nobody")
    after = await digest(house.stage.db)
    for name, kind in mutations().items():
        given = valid_input(kind, house, mutation=name) if kind else None
        before = after
        status, answer = await send(house, name, given, who="nobody")
        after = await digest(house.stage.db)
        result = (answer.get("data") or {}).get(name) or {"__typename": str(answer)}
        if result["__typename"] not in {*PROBLEMS, "StatementsApproved"} and name not in ONES_OWN:
            wrong.append(f"{name}: {answer}")
        elif name not in ONES_OWN and before != after:
            wrong.append(f"{name} changed {[key for key in after if after[key] != before[key]]}")
        if problem := fault(status, answer, name):
            wrong.append(f"{name}: {problem}")
        if name in {"sessionEnd", "accountErase"}:
            house.forget("nobody")
            await house.session("nobody")
            after = await digest(house.stage.db)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("who", ["boss", "author", None])
async def test_wrong_input_in_any_place_is_answered(house: Stocked, who: str | None) -> None:
    found: list[str] = []
    names = [*(name for name in mutations() if name not in LAST), *LAST]
    for name in names:
        kind = mutations()[name]
        if kind is None or (who is None and name not in ANYBODY):
            continue
        given = valid_input(kind, house, mutation=name)
        for label, wrong in wrong_inputs(kind, given, house):
            status, answer = await send(house, name, wrong, who=who)
            result = (answer.get("data") or {}).get(name) or {}
            if status == 401 or name in {"accountErase", "sessionRevoke", "sessionEnd"}:
                house.forget(who or "")
            if problem := fault(status, answer, name):
                found.append(f"{name} {label}: {problem[:300]}")
            elif f"[{MANY}]" in label and result.get("__typename", "ValidationProblem") not in PROBLEMS:
                found.append(f"{name} {label}: no bound: {result}")
    assert not found, "\n".join(found)
