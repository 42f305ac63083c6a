"""Attacks below the meaning of a request: search words, forged cookies, and what the log keeps."""

import logging
from collections.abc import Callable

import asyncpg
import pytest
import structlog

from backend.core.database import Database
from backend.core.ids import new_id
from tests.api.client import Api

SEARCH = "query($words: String!) { statements(filter: {search: $words}) { edges { node { id } } } }"


@pytest.mark.parametrize(
    "words",
    ["- " * 50, "-" * 100, '-"' * 50, "- or " * 20, "-\u00a0" * 50, "(" * 100, "\\" * 100, "!" * 100, "%" * 100],
)
async def test_search_words_made_of_signs_find_nothing_and_break_nothing(api: Api, words: str) -> None:
    answer = await api.send(SEARCH, {"words": words})
    assert answer == {"data": {"statements": {"edges": []}}}


@pytest.mark.parametrize("authorization", [None, "", "Basic eDp5", "Bearer", "Bearer "])
async def test_cookie_of_another_site_is_refused_whatever_stands_in_authorization(
    api: Api, authorization: str | None
) -> None:
    headers = {"origin": "https://evil.example", "cookie": "stemme=whatever"}
    if authorization is not None:
        headers["authorization"] = authorization
    response = await api.http.post("/graphql", json={"query": "{ __typename }"}, headers=headers)
    assert response.status_code == 403
    assert response.json()["errors"][0]["extensions"]["code"] == "CROSS_SITE"


@pytest.fixture
def format_line(api: Api) -> Callable[..., str]:
    """How the running application writes a log line."""
    assert api
    [handler] = [
        one for one in logging.getLogger().handlers if isinstance(one.formatter, structlog.stdlib.ProcessorFormatter)
    ]

    def format_it(*, failure: BaseException | None = None, **extra: object) -> str:
        info = (type(failure), failure, failure.__traceback__) if failure else None
        record = logging.LogRecord("stemme.test", logging.INFO, __file__, 1, "event", (), info)
        record.__dict__.update(extra)
        return handler.format(record)

    return format_it


def test_log_lines_of_the_running_application_name_nobody(format_line: Callable[..., str]) -> None:
    line = format_line(email="mina@example.org", handle="mina", status=200)
    assert "mina" not in line
    assert "[not logged]" in line
    assert "200" in line


@pytest.mark.parametrize(
    ("sql", "argument"),
    [
        ("insert into city (id, name, country, zone, created_at) values ($1::uuid, null, 'NO', 'x', now())", new_id()),
        ("select $1::int", "mina@example.org\nTraceback of hers"),
    ],
)
async def test_log_of_a_database_fault_quotes_no_row_and_no_argument(
    db: Database, format_line: Callable[..., str], sql: str, argument: object
) -> None:
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)) as caught:
        async with db.transaction() as tx:
            await tx.execute(sql, argument)
    line = format_line(failure=caught.value)
    assert str(argument) not in line
    assert "hers" not in line
    assert "[not logged]" in line
    assert type(caught.value).__name__ in line
