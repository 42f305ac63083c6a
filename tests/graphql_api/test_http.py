"""GraphQL over HTTP: the points of the specification's audit, and what else HTTP asks for."""

import json
from typing import Any

import pytest

from tests.graphql_api.sample import Api

RESPONSE_JSON = "application/graphql-response+json"
JSON = "application/json"
TYPENAME = {"query": "{ __typename }"}


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (RESPONSE_JSON, RESPONSE_JSON),
        (JSON, JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (f"{RESPONSE_JSON}; charset=utf-8, {JSON}; charset=utf-8", RESPONSE_JSON),
        (f"{RESPONSE_JSON};q=0.5, {JSON};q=0.9", JSON),
    ],
)
async def test_post_answers_in_the_accepted_type(api: Api, accept: str, expected: str) -> None:
    reply = await api.send("POST", json=TYPENAME, headers={"accept": accept})
    assert reply.status == 200
    assert reply.response.headers["content-type"] == f"{expected}; charset=utf-8"
    assert reply.json == {"data": {"__typename": "Query"}}


async def test_post_without_accept_answers_json(api: Api) -> None:
    reply = await api.send("POST", json=TYPENAME, headers={"accept": ""})
    assert (reply.status, reply.response.headers["content-type"]) == (200, "application/json; charset=utf-8")


@pytest.mark.parametrize("accept", ["text/plain", "application/json;q=0", "application/json; charset=latin-1"])
async def test_post_with_unusable_accept_is_406(api: Api, accept: str) -> None:
    reply = await api.send("POST", json=TYPENAME, headers={"accept": accept})
    assert (reply.status, reply.codes) == (406, ["NOT_ACCEPTABLE"])


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_other_methods_are_405_with_allow(api: Api, method: str) -> None:
    reply = await api.send(method, json=TYPENAME)
    assert (reply.status, reply.response.headers["allow"]) == (405, "GET, POST")


async def test_get_runs_queries_with_variables(api: Api) -> None:
    query = "query Q($t: String!) { echo(text: $t) }"
    reply = await api.send("GET", params={"query": query, "variables": '{"t": "æ 日"}', "operationName": "Q"})
    assert (reply.status, reply.json) == (200, {"data": {"echo": "æ 日"}})


async def test_get_refuses_mutations_with_405(api: Api) -> None:
    reply = await api.send("GET", params={"query": 'mutation { noteWrite(input: {text: "x"}) { __typename } }'})
    assert (reply.status, reply.response.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    "raw",
    ["query=%ff", "query=a&query=b", "variables=%7B%7D", "query=%7Ba%7D&variables=[1]", "query=%7Ba%7D&variables=x"],
)
async def test_get_with_bad_parameters_is_400(api: Api, raw: str) -> None:
    assert (await api.send("GET", f"/graphql?{raw}")).status == 400


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"query": {"obj": "ect"}},
        {"query": 0},
        {"query": False},
        {"query": ["array"]},
        {"query": ""},
        {"query": "{ __typename }", "operationName": {"obj": "ect"}},
        {"query": "{ __typename }", "operationName": 0},
        {"query": "{ __typename }", "variables": "string"},
        {"query": "{ __typename }", "variables": ["array"]},
        {"query": "{ __typename }", "extensions": "string"},
        {"query": "{ __typename }", "extensions": {"persistedQuery": 1}},
        {"query": "{ __typename }", "documentId": 1},
        "text",
        1,
        None,
    ],
)
@pytest.mark.parametrize("accept", [RESPONSE_JSON, JSON])
async def test_post_with_wrong_parameter_types_is_400(api: Api, body: object, accept: str) -> None:
    reply = await api.send("POST", content=json.dumps(body), headers={"accept": accept, "content-type": JSON})
    assert reply.status == 400
    assert "data" not in reply.json
    assert reply.json["errors"][0]["message"]


async def test_post_with_null_parameters_is_answered(api: Api) -> None:
    body = {"query": "{ __typename }", "operationName": None, "variables": None, "extensions": None, "unknown": 1}
    assert (await api.post(body)).json == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b'{"query": "\\ud800"}', b'{"query": NaN}'])
async def test_post_with_broken_json_is_400(api: Api, content: bytes) -> None:
    for accept in (RESPONSE_JSON, JSON):
        reply = await api.send("POST", content=content, headers={"accept": accept, "content-type": JSON})
        assert reply.status == 400
        assert reply.codes == ["BAD_REQUEST"]


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json; charset=latin-1"],
)
async def test_post_of_another_content_type_is_415(api: Api, content_type: str) -> None:
    reply = await api.send("POST", content=json.dumps(TYPENAME), headers={"content-type": content_type})
    assert (reply.status, reply.codes) == (415, ["UNSUPPORTED_MEDIA_TYPE"])


async def test_post_of_a_compressed_body_is_415(api: Api) -> None:
    reply = await api.send("POST", content=b"x", headers={"content-type": JSON, "content-encoding": "gzip"})
    assert reply.status == 415


async def test_post_with_charset_utf_8_is_answered(api: Api) -> None:
    reply = await api.send("POST", content=json.dumps(TYPENAME), headers={"content-type": f'{JSON}; charset="UTF-8"'})
    assert reply.status == 200


async def test_batch_is_refused_by_name(api: Api) -> None:
    reply = await api.post([TYPENAME, TYPENAME])
    assert (reply.status, reply.codes) == (400, ["BATCH_REFUSED"])


@pytest.mark.parametrize("declared", [True, False])
async def test_body_over_the_limit_is_413(api: Api, declared: bool) -> None:
    content = json.dumps({"query": "{ __typename }", "variables": {"x": "a" * 262_144}}).encode()

    async def stream() -> Any:
        yield content[:1000]
        yield content[1000:]

    reply = await api.send("POST", content=content if declared else stream(), headers={"content-type": JSON})
    assert (reply.status, reply.codes) == (413, ["LIMIT_EXCEEDED"])
    assert "262144" in reply.json["errors"][0]["message"]


@pytest.mark.parametrize("query", ["{", "{ unknown }", "query A { __typename } query B { __typename }"])
async def test_document_that_cannot_run_is_400_and_200_for_old_clients(api: Api, query: str) -> None:
    new = await api.send("POST", json={"query": query}, headers={"accept": RESPONSE_JSON})
    old = await api.send("POST", json={"query": query}, headers={"accept": JSON})
    assert (new.status, old.status) == (400, 200)
    assert new.json == old.json
    assert "data" not in new.json


async def test_parse_and_validation_errors_keep_their_locations(api: Api) -> None:
    for query in ("{ notes(", "{ notes { edges { cursor } } unknown }"):
        error = (await api.query(query)).json["errors"][0]
        assert error["locations"][0]["line"] == 1
        assert "Syntax Error" in error["message"] or "unknown" in error["message"]


async def test_wrong_variables_are_400_with_their_name(api: Api) -> None:
    reply = await api.query("query Q($t: String!) { echo(text: $t) }", {"t": 1})
    assert reply.status == 400
    assert "$t" in reply.json["errors"][0]["message"]


@pytest.mark.parametrize("literal", ["9" * 5_000, "9" * 20, '"kari-secret"', "1e999"])
async def test_wrong_literal_is_refused_without_its_text_and_without_our_inside(api: Api, literal: str) -> None:
    reply = await api.send("POST", json={"query": f"{{ notes(first: {literal}) {{ edges {{ cursor }} }} }}"})
    [error] = reply.json["errors"]
    assert "Int" in error["message"]
    assert "sys." not in error["message"]
    assert literal not in error["message"]


@pytest.mark.parametrize("value", ["kari-secret", ["kari-secret"], {"deep": "kari-secret"}])
async def test_wrong_variable_is_named_without_its_value(api: Api, value: object) -> None:
    reply = await api.send(
        "POST", json={"query": "query($n: Int) { notes(first: $n) { edges { cursor } } }", "variables": {"n": value}}
    )
    [error] = reply.json["errors"]
    assert "'$n' has invalid value: Int cannot represent" in error["message"]
    assert "kari" not in str(reply.json)


async def test_operation_is_chosen_by_name(api: Api) -> None:
    query = "query A { a: __typename } query B { b: __typename }"
    assert (await api.post({"query": query, "operationName": "B"})).json == {"data": {"b": "Query"}}
    assert (await api.post({"query": query, "operationName": "C"})).status == 400


async def test_browser_gets_graphiql_in_development_without_foreign_hosts(api: Api, production: Api) -> None:
    page = await api.send("GET", headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert page.response.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.response.headers["content-security-policy"]
    assert "http:" not in page.response.text
    assert "https:" not in page.response.text
    script = await api.send("GET", "/graphql/graphiql/graphiql.min.js")
    assert script.response.headers["content-type"] == "text/javascript; charset=utf-8"
    assert (await api.send("GET", "/graphql/graphiql/..%2fexplorer.py")).status == 404
    assert (await production.send("GET", headers={"accept": "text/html"})).status == 406


async def test_schema_is_published(api: Api) -> None:
    reply = await api.send("GET", "/schema.graphql")
    assert "type Note implements Node" in reply.response.text


async def test_answers_may_not_be_stored_and_set_cookies(api: Api) -> None:
    reply = await api.query('mutation { noteWrite(input: {text: "x"}) { __typename } }')
    assert reply.response.headers["cache-control"] == "no-store"
    assert reply.response.headers["set-cookie"] == "seen=1; HttpOnly"


async def test_allowed_origins_get_cors_headers(api: Api) -> None:
    wanted = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    allowed = await api.send("OPTIONS", headers={"origin": "https://app.example.org", **wanted})
    other = await api.send("OPTIONS", headers={"origin": "https://evil.example", **wanted})
    assert allowed.response.headers["access-control-allow-origin"] == "https://app.example.org"
    assert "access-control-allow-origin" not in other.response.headers
    answer = await api.send("POST", json=TYPENAME, headers={"origin": "https://app.example.org"})
    assert answer.response.headers["access-control-allow-origin"] == "https://app.example.org"
    assert "origin" in answer.response.headers["vary"].lower()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"cookie": "session=staff"}, 200),
        ({"cookie": "session=staff", "origin": "https://evil.example"}, 403),
        ({"cookie": "session=staff", "sec-fetch-site": "cross-site"}, 403),
        ({"cookie": "session=staff", "origin": "http://localhost:8000"}, 200),
        ({"authorization": "Bearer staff", "origin": "https://evil.example"}, 200),
    ],
)
async def test_other_sites_may_not_use_the_cookie(api: Api, headers: dict[str, str], status: int) -> None:
    assert (await api.send("POST", json=TYPENAME, headers=headers)).status == status


async def test_language_is_the_viewers_then_the_headers(api: Api) -> None:
    english_staff = await api.query("{ locale }", authorization="Bearer staff", accept_language="fi")
    anonymous = await api.query("{ locale }", accept_language="fr, sv;q=0.9, en;q=0.1")
    assert english_staff.json["data"] == {"locale": "nb"}
    assert anonymous.json["data"] == {"locale": "sv"}
