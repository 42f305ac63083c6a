"""Refusals in the seven languages of the product, as the request asks for or the person has chosen."""

import itertools

from backend.core.database import Database
from graphql_api.messages import message
from tests.api.client import OPERATIONS, Api
from tests.places.town import make_account, sign_in

LANGUAGES = {
    "en": "en",
    "nb-NO,nb;q=0.9": "nb",
    "nn": "nn",
    "sv-SE": "sv",
    "da": "da",
    "fi, en;q=0.1": "fi",
    "is": "is",
}
_tries = itertools.count()
OTHERS = {"no": "nb", "xx": "en", "de-DE,sv;q=0.5": "sv", "*": "en", "": "en", "nb;q=0, da": "da", "\xe6": "en"}


async def refusal(api: Api, accept: str, token: str | None = None) -> str:
    """What somebody is told who signs in with a wrong passphrase."""
    headers = {b"accept-language": accept.encode("latin-1")}
    if token:
        headers[b"authorization"] = f"Bearer {token}".encode()
    document = (OPERATIONS / "SessionStart.graphql").read_text("utf-8")
    variables = {"input": {"handle": f"nobody-{next(_tries)}", "passphrase": "not the right words"}}
    reply = await api.http.post("/graphql", json={"query": document, "variables": variables}, headers=headers)
    return str(reply.json()["data"]["sessionStart"]["message"])


async def test_refusal_is_in_the_language_that_is_asked_for(api: Api) -> None:
    told = {await refusal(api, accept) for accept in LANGUAGES}
    assert len(told) == len(LANGUAGES)
    for accept, locale in {**LANGUAGES, **OTHERS}.items():
        text = await refusal(api, accept)
        assert text == message(locale, "sign_in_failed", {}), accept
        assert not {"{", "}", "%"} & set(text)


async def test_settings_of_the_person_count_when_the_request_says_nothing(api: Api, db: Database) -> None:
    token = await sign_in(db, await make_account(db))
    await api.do("LocaleChange", as_=token, locale="fi")
    reply = await api.refuse("SessionRevoke", as_=token, sessionId="x")
    assert reply == ("NotFound", "not_found")
    told = (await api.run("SessionRevoke", as_=token, input={"sessionId": "x"}))["message"]
    assert told == message("fi", "not_found", {"kind": "Session"})
