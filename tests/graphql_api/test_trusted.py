"""In production anonymous callers send the published documents only; introspection is for staff."""

from pathlib import Path

import pytest
from graphql import get_introspection_query

from graphql_api.trusted import TrustedDocuments, document_id
from tests.graphql_api.sample import TRUSTED, Api

FREE = "{ __typename }"
INTROSPECTION = "{ __schema { queryType { name } } }"


async def test_anonymous_free_document_is_refused_in_production(production: Api) -> None:
    reply = await production.query(FREE)
    assert (reply.status, reply.codes) == (400, ["UNTRUSTED_DOCUMENT"])


@pytest.mark.parametrize("text", [TRUSTED, TRUSTED.strip(), f"\n{TRUSTED}"])
async def test_anonymous_trusted_text_runs_in_production(production: Api, text: str) -> None:
    assert len((await production.query(text)).json["data"]["notes"]["edges"]) == 2


@pytest.mark.parametrize(
    "body",
    [
        {"documentId": document_id(TRUSTED)},
        {"documentId": "sha256:" + document_id(TRUSTED.strip())},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": document_id(TRUSTED)}}},
        {"query": TRUSTED, "documentId": document_id(TRUSTED)},
    ],
)
async def test_anonymous_trusted_id_runs_in_production(production: Api, body: dict[str, object]) -> None:
    assert len((await production.post(body)).json["data"]["notes"]["edges"]) == 2


async def test_unknown_id_and_wrong_id_are_refused(api: Api) -> None:
    assert (await api.post({"documentId": "0" * 64})).codes == ["PERSISTED_QUERY_NOT_FOUND"]
    assert (await api.post({"query": FREE, "documentId": "0" * 64})).codes == ["BAD_REQUEST"]


async def test_staff_send_any_document_and_introspect_in_production(production: Api) -> None:
    assert (await production.query(FREE, authorization="Bearer staff")).status == 200
    assert (await production.query(INTROSPECTION, authorization="Bearer staff")).status == 200


async def test_anyone_introspects_in_development(api: Api) -> None:
    assert (await api.query(INTROSPECTION)).json == {"data": {"__schema": {"queryType": {"name": "Query"}}}}


async def test_the_whole_introspection_that_tools_send_is_within_the_limits(api: Api) -> None:
    query = get_introspection_query(input_value_deprecation=True, schema_description=True, specified_by_url=True)
    reply = await api.query(query)
    assert "errors" not in reply.json
    assert reply.json["data"]["__schema"]["types"]


def test_folder_of_documents_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "a.graphql").write_text("query A { __typename }\n", "utf-8")
    (tmp_path / "notes.txt").write_text("query B { __typename }", "utf-8")
    documents = TrustedDocuments.load(tmp_path)
    assert "query A { __typename }" in documents
    assert "query B { __typename }" not in documents
