"""The application as in production: strangers send the published documents only and see nothing of its inside."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.asgi import create_app
from backend.core.database import Database
from backend.settings import Settings
from graphql_api.trusted import document_id
from tests.api.client import OPERATIONS, Api, started
from tests.places.town import make_account, make_secretariat, sign_in

FREE = "{ __typename }"
PARTNER_KEY = "a-key-that-only-a-partner-has"
SCHEMA = "{ __schema { queryType { name } } }"


@pytest.fixture
def production(database_url: str, tmp_path: Path, use: Any) -> Api:
    """The application with everything that production asks for."""
    settings = Settings.load(
        {
            "STEMME_ENVIRONMENT": "production",
            "DATABASE_URL": database_url,
            "STEMME_SECRET": "Zk3vQ8rT1xW6yB9nM4cL7pD2sF5gH0jK",
            "STEMME_PUBLIC_URL": "https://api.example.org",
            "STEMME_SMTP_URL": "smtp://mail.example.org:587",
            "STEMME_MAIL_FROM": "Stemme <stemme@example.org>",
            "STEMME_MEDIA_FOLDER": str(tmp_path / "media"),
            "STEMME_PARTNER_KEYS": f"{'0' * 64} {document_id(PARTNER_KEY)}",
        }
    )
    app = create_app(settings)
    use(started(app))
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    return Api(use(httpx.AsyncClient(transport=transport, base_url="https://api.example.org")))


def codes(answer: Any) -> list[str]:
    return [error["extensions"]["code"] for error in answer.get("errors", ())]


async def post(api: Api, body: dict[str, Any]) -> Any:
    return (await api.http.post("/graphql", json=body)).json()


async def test_strangers_and_members_send_published_documents_only(production: Api, db: Database) -> None:
    member = await sign_in(db, await make_account(db))
    text = (OPERATIONS / "Cities.graphql").read_text("utf-8")
    for token in (None, member):
        assert codes(await production.send(FREE, as_=token)) == ["UNTRUSTED_DOCUMENT"]
        assert codes(await production.send(SCHEMA, as_=token)) == ["UNTRUSTED_DOCUMENT"]
        assert (await production.send(text, as_=token))["data"]["cities"]["edges"] == []
        assert codes(await production.send(text + "\nquery Other { __typename }", as_=token)) == ["UNTRUSTED_DOCUMENT"]


async def test_documents_run_by_their_id(production: Api) -> None:
    for file in sorted(OPERATIONS.glob("*.graphql")):
        answer = await post(production, {"documentId": document_id(file.read_text("utf-8"))})
        assert not {"PERSISTED_QUERY_NOT_FOUND", "UNTRUSTED_DOCUMENT", "INTERNAL"} & {
            error.get("extensions", {}).get("code") for error in answer.get("errors", ())
        }
    assert codes(await post(production, {"documentId": "0" * 64})) == ["PERSISTED_QUERY_NOT_FOUND"]
    sha256 = document_id((OPERATIONS / "Reasons.graphql").read_text("utf-8"))
    by_extension = {"persistedQuery": {"version": 1, "sha256Hash": sha256}}
    assert (await post(production, {"extensions": by_extension}))["data"]["reasons"]


async def test_staff_send_any_document(production: Api, db: Database) -> None:
    account_id = (await make_secretariat(db)).require_account()
    token = await sign_in(db, account_id)
    assert (await production.send(SCHEMA, as_=token))["data"]["__schema"]["queryType"]["name"] == "Query"
    rested = await sign_in(db, account_id, second_factor=False)
    assert codes(await production.send(FREE, as_=rested)) == ["UNTRUSTED_DOCUMENT"]


@pytest.mark.parametrize("key", ["", "0" * 64, PARTNER_KEY + " x", document_id(PARTNER_KEY)])
async def test_partners_send_any_document_with_their_key_alone(production: Api, key: str) -> None:
    async def ask(document: str, given: str) -> Any:
        headers = {"x-api-key": given}
        return (await production.http.post("/graphql", json={"query": document}, headers=headers)).json()

    assert (await ask(SCHEMA, PARTNER_KEY))["data"]["__schema"]["queryType"]["name"] == "Query"
    assert (await ask("{ viewer { id } }", PARTNER_KEY))["data"] == {"viewer": None}
    assert codes(await ask(FREE, key)) == ["UNTRUSTED_DOCUMENT"]


async def test_explorer_is_off_and_the_schema_is_served(production: Api) -> None:
    page = await production.http.get("/graphql", headers={"accept": "text/html"})
    assert page.status_code >= 400
    assert "graphiql" not in page.text.lower()
    assert (await production.http.get("/graphql/graphiql/index.html")).status_code == 404
    served = await production.http.get("/schema.graphql")
    published = (OPERATIONS.parent / "schema.graphql").read_text("utf-8")
    assert (served.status_code, served.text.strip()) == (200, published.strip())


async def test_faults_are_masked(production: Api, db: Database) -> None:
    async with db.transaction() as tx:
        await tx.execute("alter table city rename to town")
    answer = await production.send((OPERATIONS / "Cities.graphql").read_text("utf-8"))
    async with db.transaction() as tx:
        await tx.execute("alter table town rename to city")
    [error] = answer["errors"]
    assert error["extensions"]["code"] == "INTERNAL"
    assert "city" not in str(error).replace("cities", "")
    assert "relation" not in str(answer)
