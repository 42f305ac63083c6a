"""What goes wrong comes back as a typed problem, a top-level code or a masked fault, never as more than that."""

import logging
from typing import Any

import pytest

from tests.graphql_api.sample import Api

WRITE = """mutation($input: NoteWriteInput!) { noteWrite(input: $input) {
  __typename
  ... on Problem { code message path }
  ... on Conflict { currentState } ... on ConsentRequired { purpose audience } ... on RateLimited { retryAfterSeconds }
} }"""


async def write(api: Api, way: str) -> Any:
    return await api.query(WRITE, {"input": {"text": "x", "failWith": way}})


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        ("validation", {"__typename": "ValidationProblem", "code": "text_too_long", "path": ["altText"]}),
        ("not_allowed", {"__typename": "NotAllowed", "code": "not_allowed"}),
        ("not_found", {"__typename": "NotFound", "code": "not_found"}),
        ("conflict", {"__typename": "Conflict", "currentState": "in_review"}),
        ("consent", {"__typename": "ConsentRequired", "purpose": "PUBLISH", "audience": "CITY"}),
        ("closed", {"__typename": "Closed", "code": "closed"}),
        ("rate", {"__typename": "RateLimited", "retryAfterSeconds": 60}),
        ("overload", {"__typename": "RateLimited", "code": "try_again", "retryAfterSeconds": 1}),
    ],
)
async def test_mutation_refusal_is_a_member_of_the_union(api: Api, way: str, expected: dict[str, Any]) -> None:
    reply = await write(api, way)
    problem = reply.json["data"]["noteWrite"]
    assert "errors" not in reply.json
    assert problem.items() >= expected.items()
    assert problem["message"]


async def test_problem_messages_are_in_the_asked_language(api: Api) -> None:
    norwegian = await api.query(WRITE, {"input": {"text": "x", "failWith": "not_found"}}, accept_language="nb")
    english = await api.query(WRITE, {"input": {"text": "x", "failWith": "not_found"}}, accept_language="en")
    assert norwegian.json["data"]["noteWrite"]["message"] != english.json["data"]["noteWrite"]["message"]


async def test_not_signed_in_is_a_top_level_error(api: Api) -> None:
    reply = await write(api, "unauthenticated")
    assert reply.status == 200
    assert reply.codes == ["UNAUTHENTICATED"]
    assert reply.json["data"] is None


async def test_ended_session_is_401(api: Api) -> None:
    reply = await api.query("{ __typename }", authorization="Bearer gone")
    assert (reply.status, reply.codes) == (401, ["UNAUTHENTICATED"])
    assert reply.response.headers["www-authenticate"] == "Bearer"


async def test_limited_sign_in_is_429_and_broken_one_500(api: Api) -> None:
    limited = await api.query("{ __typename }", authorization="Bearer limited")
    broken = await api.query("{ __typename }", authorization="Bearer crash")
    assert (limited.status, limited.response.headers["retry-after"]) == (429, "30")
    assert (broken.status, broken.codes) == (500, ["INTERNAL"])
    assert "secret" not in broken.response.text


@pytest.mark.parametrize("query", ['{ failing(with: "crash") }', None])
async def test_unforeseen_fault_is_masked_and_logged_whole(
    api: Api, query: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        reply = await (api.query(query) if query else write(api, "crash"))
    error = reply.json["errors"][0]
    assert "kari" not in reply.response.text
    assert error["extensions"] == {"code": "INTERNAL", "requestId": reply.response.headers["x-request-id"]}
    logged = [record for record in caplog.records if record.message == "operation_failed"]
    assert logged[0].exc_info is not None
    assert logged[0].request_id == reply.response.headers["x-request-id"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("way", ["not_found", "not_allowed"])
async def test_query_for_what_may_not_be_seen_is_null_without_a_trace(api: Api, way: str) -> None:
    reply = await api.query(f'{{ failing(with: "{way}") }}')
    assert reply.json == {"data": {"failing": None}}


async def test_query_refusal_names_code_and_argument(api: Api) -> None:
    reply = await api.query("{ notes(first: 101) { edges { cursor } } }")
    assert reply.json["errors"][0]["extensions"] == {"code": "PAGE_SIZE", "argument": ["first"]}
    broken = await api.query('{ notes(after: "x") { edges { cursor } } }')
    assert broken.codes == ["INVALID_CURSOR"]


async def test_number_of_errors_is_bounded(api: Api) -> None:
    reply = await api.query("{ failures { value } }")
    assert len(reply.json["errors"]) == 21
    assert reply.json["errors"][-1]["extensions"]["code"] == "MORE_ERRORS"
    assert "80" in reply.json["errors"][-1]["message"]


async def test_slow_operation_is_stopped_and_names_the_limit(api: Api) -> None:
    quick = Api(api.settings, graphql_timeout_seconds=0.05)
    reply = await quick.query("{ slow }")
    assert (reply.status, reply.codes) == (503, ["TIMEOUT"])
    assert "0.05" in reply.json["errors"][0]["message"]


@pytest.mark.parametrize("value", ["2026-03-01T08:00:00", "yesterday", 5])
async def test_time_without_zone_is_refused(api: Api, value: object) -> None:
    reply = await api.query(WRITE, {"input": {"text": "x", "at": value}})
    assert reply.status == 400
    assert "zone" in reply.json["errors"][0]["message"]


async def test_language_tag_is_checked(api: Api) -> None:
    assert (await api.query(WRITE, {"input": {"text": "x", "language": "nb"}})).status == 200
    assert (await api.query(WRITE, {"input": {"text": "x", "language": "klingonish!"}})).status == 400
