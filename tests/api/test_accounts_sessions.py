"""Coming in over HTTP: sign-up, sign-in with token and cookie, recovery, the second factor."""

import json
import logging
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from backend.core.clock import process_now, time_shifted
from tests.api.client import OPERATIONS, Api

PASSPHRASE = "sol over fjellet i dag"
KEY = "a-client-key-of-more-than-128-bits"
FORM: dict[str, Any] = {
    "handle": "mina",
    "passphrase": PASSPHRASE,
    "pseudonym": "Mina",
    "birthYear": 2011,
    "country": "NO",
}


async def sign_up(api: Api, **changes: Any) -> str:
    made = await api.do("AccountSignUp", **{**FORM, **changes})
    token: str = made["session"]["token"]
    return token


async def test_sign_up_signs_in_and_shows_codes_once(api: Api) -> None:
    made = await api.do("AccountSignUp", **{**FORM, "passphrase": None, "locale": "nb"}, clientMutationKey=KEY)
    assert len(made["passphrase"].split("-")) == 4
    assert len(made["recoveryCode"]) == 24
    assert await api.do("AccountSignUp", **{**FORM, "passphrase": None}, clientMutationKey=KEY) == made
    viewer = await api.run("Viewer", as_=made["session"]["token"])
    assert (viewer["handle"], viewer["pseudonym"], viewer["locale"]) == ("mina", "Mina", "nb")
    assert viewer["secondFactor"] == {"state": "NOT_SET_UP", "recoveryCodesLeft": 0}
    assert viewer["sealedUntil"] is viewer["erasureDueAt"] is viewer["email"] is None


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"handle": "m\u0000ina"}, ("ValidationProblem", "handle_format")),
        ({"pseudonym": "Mi\u202ena"}, ("ValidationProblem", "text_forbidden_character")),
        ({"passphrase": "kort"}, ("ValidationProblem", "passphrase_too_short")),
        ({"passphrase": "x" * 5000}, ("ValidationProblem", "passphrase_too_long")),
        ({"country": "ZZ"}, ("ValidationProblem", "country_unknown")),
        ({"birthYear": 1700}, ("ValidationProblem", "birth_year")),
        ({"email": "x"}, ("ValidationProblem", "email_format")),
        ({"clientMutationKey": "short"}, ("ValidationProblem", "client_key_length")),
    ],
)
async def test_unfit_sign_up_is_a_problem(api: Api, change: dict[str, Any], problem: tuple[str, str]) -> None:
    assert await api.refuse("AccountSignUp", **{**FORM, **change}) == problem


async def test_taken_handle_is_a_conflict_with_its_field(api: Api) -> None:
    await sign_up(api)
    result = await api.run("AccountSignUp", input={**FORM, "handle": "Mina"})
    assert (result["__typename"], result["code"], result["path"]) == ("Conflict", "handle_taken", ["handle"])
    assert result["message"]


async def test_sign_in_answers_the_same_for_unknown_handle(api: Api) -> None:
    await sign_up(api)
    wrong = [
        await api.run("SessionStart", input={"handle": handle, "passphrase": "wrong"}) for handle in ("mina", "nobody")
    ]
    assert wrong[0] == wrong[1]
    assert (wrong[0]["__typename"], wrong[0]["code"]) == ("NotAllowed", "sign_in_failed")


async def test_session_works_until_it_is_ended_or_revoked(api: Api) -> None:
    first = await sign_up(api)
    begun = await api.do("SessionStart", handle="mina", passphrase=PASSPHRASE, device="PC", sessionKind="SHARED")
    sessions = (await api.run("ViewerSessions", as_=begun["token"]))["sessions"]
    assert [(one["device"], one["kind"], one["isCurrent"]) for one in sessions] == [
        ("PC", "SHARED", True),
        (None, "PERSONAL", False),
    ]
    await api.do("SessionRevoke", as_=begun["token"], sessionId=sessions[1]["id"])
    assert await api.run("Viewer", as_=first) is None
    again = await api.refuse("SessionRevoke", as_=begun["token"], sessionId=sessions[1]["id"])
    assert again == ("Conflict", "session_ended")
    ended = await api.run("SessionEnd", as_=begun["token"])
    assert ended["sessionId"] == sessions[0]["id"]
    assert await api.run("Viewer", as_=begun["token"]) is None


async def test_session_of_another_is_not_found(api: Api) -> None:
    mina, ali = await sign_up(api), await sign_up(api, handle="ali")
    sessions = (await api.run("ViewerSessions", as_=ali))["sessions"]
    for wrong in (sessions[0]["id"], "garbage", "😀"):
        assert (await api.refuse("SessionRevoke", as_=mina, sessionId=wrong))[0] == "NotFound"
    assert await api.run("Viewer", as_=ali) is not None
    node = await api.send("query($id: ID!) { node(id: $id) { id } }", {"id": sessions[0]["id"]}, as_=mina)
    assert node == {"data": {"node": None}}


async def test_cookie_session_hides_the_token_and_ends(api: Api) -> None:
    await sign_up(api)
    document = (OPERATIONS / "SessionStart.graphql").read_text("utf-8")
    variables = {"input": {"handle": "mina", "passphrase": PASSPHRASE, "transport": "COOKIE"}}
    answer = await api.http.post("/graphql", json={"query": document, "variables": variables})
    assert answer.json()["data"]["sessionStart"]["token"] is None
    cookie = answer.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert (await api.run("Viewer"))["handle"] == "mina"  # the client keeps cookies as a browser does
    query = {"query": "{ viewer { handle } }"}
    foreign = await api.http.post("/graphql", json=query, headers={"origin": "https://evil.example"})
    assert foreign.status_code == 403
    ended = await api.http.post(
        "/graphql", json={"query": (OPERATIONS / "SessionEnd.graphql").read_text("utf-8"), "variables": {}}
    )
    assert "Max-Age=0" in ended.headers["set-cookie"]
    assert await api.run("Viewer") is None


async def test_recovery_by_code_and_change_by_old_passphrase(api: Api) -> None:
    made = await api.do("AccountSignUp", **FORM)
    assert (await api.refuse("AccountRecover", handle="mina", recoveryCode="WRONG")) == (
        "NotAllowed",
        "recovery_failed",
    )
    done = await api.do("AccountRecover", handle="mina", recoveryCode=made["recoveryCode"])
    assert await api.run("Viewer", as_=made["session"]["token"]) is None
    begun = await api.do("SessionStart", handle="mina", passphrase=done["passphrase"])
    wrong = await api.refuse("PassphraseChange", as_=begun["token"], currentPassphrase="wrong", passphrase=PASSPHRASE)
    assert wrong == ("NotAllowed", "passphrase_wrong")
    change = {"currentPassphrase": done["passphrase"], "passphrase": PASSPHRASE}
    changed = await api.do("PassphraseChange", as_=begun["token"], **change)
    assert changed["passphrase"] is None
    assert (await api.do("SessionStart", handle="mina", passphrase=PASSPHRASE))["token"]


async def test_second_factor_from_enrolment_to_removal(api: Api) -> None:
    token = await sign_up(api)
    begun = await api.do("TotpEnroll", as_=token)
    app = pyotp.TOTP(parse_qs(urlsplit(begun["uri"]).query)["secret"][0])
    assert begun["qrSvg"].startswith("<svg")
    assert (await api.refuse("TotpConfirm", as_=token, code="000000")) == ("NotAllowed", "second_factor_wrong")
    codes = (await api.do("TotpConfirm", as_=token, code=app.at(process_now())))["recoveryCodes"]
    assert len(codes) == 10
    later = await api.do("SessionStart", handle="mina", passphrase=PASSPHRASE)
    assert later["secondFactor"] == "NEEDED"
    verified = await api.do("TotpVerify", as_=later["token"], code=codes[0])
    assert verified["viewer"]["secondFactor"] == {"state": "PASSED", "recoveryCodesLeft": 9}
    assert (await api.refuse("TotpEnroll", as_=token)) == ("Conflict", "second_factor_active")
    with time_shifted(timedelta(seconds=30)):
        removed = await api.do("TotpRemove", as_=token, code=app.at(process_now()))
    assert removed["viewer"]["secondFactor"]["state"] == "NOT_SET_UP"


SIGNED_IN_ONLY: dict[str, dict[str, Any] | None] = {
    "SessionEnd": None,
    "PassphraseChange": {"currentPassphrase": "x", "passphrase": PASSPHRASE},
    "TotpEnroll": {},
    "TotpConfirm": {"code": "000000"},
    "TotpVerify": {"code": "000000"},
    "TotpRemove": {"code": "000000"},
    "EmailChange": {"email": "a@example.org"},
    "PseudonymChange": {"pseudonym": "Ada"},
    "LocaleChange": {"locale": "nb"},
    "ReviewLanguagesSet": {"languages": ["nb"]},
    "ProfileComplete": {"birthYear": 2011, "country": "NO"},
    "AccountErase": {},
    "AccountEraseCancel": None,
    "AccountExport": None,
    "InboxMarkRead": {"upTo": "2026-11-22T00:00:00Z"},
    "ConsentRequest": {"items": [{"purpose": "PUBLISH", "audience": "CITY"}]},
    "ConsentAnswer": {"items": [{"purpose": "PUBLISH", "audience": "CITY", "answer": "YES"}], "wording": "2026_1"},
    "ConsentWithdraw": {"items": [{"purpose": "PUBLISH", "audience": "CITY"}]},
}


@pytest.mark.parametrize("token", [None, "made-up-token", "x" * 5000])
async def test_mutation_without_a_session_is_unauthenticated(api: Api, token: str | None) -> None:
    for name, fields in SIGNED_IN_ONLY.items():
        variables = {} if fields is None else {"input": fields}
        answer = await api.send((OPERATIONS / f"{name}.graphql").read_text("utf-8"), variables, as_=token)
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED", name


async def test_lone_surrogates_in_a_sign_in_are_refused(api: Api) -> None:
    document = (OPERATIONS / "SessionStart.graphql").read_text("utf-8")
    for handle in ("\ud800", "mina\udfff"):
        variables = {"input": {"handle": handle, "passphrase": "\ud800" * 14}}
        body = json.dumps({"query": document, "variables": variables})  # escaped, as a hostile client may send it
        answer = await api.http.post("/graphql", content=body, headers={"content-type": "application/json"})
        result = answer.json()
        assert answer.status_code < 500
        assert "errors" in result or result["data"]["sessionStart"]["code"] == "sign_in_failed"


async def test_secrets_reach_neither_logs_nor_errors(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    made = await api.do("AccountSignUp", **FORM, email="mina@example.org")
    token = made["session"]["token"]
    answers = [
        await api.run("SessionStart", input={"handle": "mina", "passphrase": "a wrong passphrase here"}),
        await api.run("AccountRecover", input={"handle": "mina", "recoveryCode": "SECR-ETSE-CRET"}),
        await api.run(
            "PassphraseChange", as_=token, input={"currentPassphrase": "a wrong passphrase here", "passphrase": "kort"}
        ),
        await api.send("{ viewer { nothing } }", as_=token),
    ]
    seen = caplog.text + str(answers)
    secrets = (PASSPHRASE, token, made["recoveryCode"], "mina@example.org", "a wrong passphrase", "SECR-ETSE-CRET")
    for secret in secrets:
        assert secret not in seen
