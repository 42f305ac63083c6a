"""People over HTTP: profile, e-mail, inbox, consent with and without a guardian, copies and leaving."""

import json
from datetime import timedelta
from typing import Any

import pytest

from backend.core.clock import time_shifted
from backend.core.database import Database
from tests.api.client import Api

PASSPHRASE = "sol over fjellet i dag"
FORM = {"handle": "mina", "passphrase": PASSPHRASE, "pseudonym": "Mina", "birthYear": 2014, "country": "NO"}
CITY = {"purpose": "PUBLISH", "audience": "CITY"}
YES = {**CITY, "answer": "YES"}
WORDING = "2026_1"


async def sign_up(api: Api, **changes: Any) -> str:
    made = await api.do("AccountSignUp", **{**FORM, **changes})
    token: str = made["session"]["token"]
    return token


async def mailed(db: Database, param: str) -> str:
    async with db.reading() as conn:
        value: str = await conn.fetch_value(
            "select params->>$1 from outgoing_mail order by at desc, id desc limit 1", param
        )
        return value


async def test_profile_changes_show_in_the_viewer(api: Api) -> None:
    token = await sign_up(api)
    assert (await api.do("PseudonymChange", as_=token, pseudonym="سارة"))["viewer"]["pseudonym"] == "سارة"
    assert (await api.do("LocaleChange", as_=token, locale="nn"))["viewer"]["locale"] == "nn"
    changed = await api.do("ReviewLanguagesSet", as_=token, languages=["nb", "AR"])
    assert changed["viewer"]["reviewLanguages"] == ["nb", "ar"]
    known = await api.refuse("ProfileComplete", as_=token, birthYear=2000, country="NO")
    assert known == ("Conflict", "birth_year_known")
    blocked = await api.refuse("PseudonymChange", as_=token, pseudonym="Læreren")
    assert blocked == ("ValidationProblem", "pseudonym_staff")
    assert (await api.run("Viewer", as_=token))["pseudonym"] == "سارة"


async def test_problem_speaks_the_viewers_language(api: Api) -> None:
    token = await sign_up(api, locale="fi")
    finnish = await api.run("PseudonymChange", as_=token, input={"pseudonym": "12345"})
    await api.do("LocaleChange", as_=token, locale="is")
    icelandic = await api.run("PseudonymChange", as_=token, input={"pseudonym": "12345"})
    assert finnish["code"] == icelandic["code"]
    assert finnish["message"] != icelandic["message"]


async def test_email_is_proved_by_the_mailed_code_without_a_session(api: Api, db: Database) -> None:
    token = await sign_up(api)
    assert (await api.do("EmailChange", as_=token, email="mina@example.org"))["email"] == "mina@example.org"
    assert (await api.run("Viewer", as_=token))["email"] is None
    assert (await api.refuse("EmailVerify", code="WRONG")) == ("NotFound", "email_code_unknown")
    assert (await api.do("EmailVerify", code=await mailed(db, "code")))["email"] == "mina@example.org"
    assert (await api.run("Viewer", as_=token))["email"] == "mina@example.org"


async def test_inbox_pages_and_is_marked_as_read(api: Api, db: Database) -> None:
    token = await sign_up(api, email="mina@example.org")
    await api.do("EmailVerify", code=await mailed(db, "code"))
    await api.do("PassphraseChange", as_=token, currentPassphrase=PASSPHRASE, passphrase="en hest paa taket")
    page = (await api.run("ViewerInbox", as_=token, first=1))["inbox"]
    assert [edge["node"]["kind"] for edge in page["edges"]] == ["passphrase_changed"]
    assert page["edges"][0]["node"]["message"].startswith("Your passphrase was changed")
    assert page["pageInfo"]["hasNextPage"]
    rest = (await api.run("ViewerInbox", as_=token, first=9, after=page["pageInfo"]["endCursor"]))["inbox"]
    assert [edge["node"]["kind"] for edge in rest["edges"]] == ["email_verified"]
    newest = page["edges"][0]["node"]
    assert (await api.do("InboxMarkRead", as_=token, upTo=newest["at"]))["count"] == 2
    node = await api.send("query($id: ID!) { node(id: $id) { ... on Notice { readAt } } }", {"id": newest["id"]},
                          as_=token)  # fmt: skip
    assert node["data"]["node"]["readAt"] is not None
    other = await sign_up(api, handle="ali")
    hidden = await api.send("query($id: ID!) { node(id: $id) { id } }", {"id": newest["id"]}, as_=other)
    assert hidden["data"]["node"] is None


async def test_child_asks_guardian_answers_and_takes_back(api: Api, db: Database) -> None:
    token = await sign_up(api)
    own = await api.do("ConsentAnswer", as_=token, items=[YES], wording=WORDING)
    assert own["items"][0]["missing"] == "consent_guardian_missing"
    asked = await api.do("ConsentRequest", as_=token, items=[CITY], guardianEmail="parent@example.org")
    key = await mailed(db, "code")
    assert key not in str(asked)
    page = await api.run("ConsentByKey", key=key, locale="is")
    assert (page["childHandle"], page["childPseudonym"], page["wording"]) == ("mina", "Mina", WORDING)
    assert [item["text"] for item in page["items"]] != [
        item["text"] for item in (await api.run("ConsentByKey", key=key, locale="fi"))["items"]
    ]
    seen = (await api.run("ConsentByKey", key=key, locale="en"))["items"][0]
    assert (seen["missing"], seen["missingMessage"]) == (
        "consent_guardian_missing", "Your yes is missing. Nothing is shown without it.",  # not the child's words
    )  # fmt: skip
    given = await api.do("ConsentAnswer", key=key, items=[YES], wording=page["wording"])
    assert given["items"][0]["missing"] == "consent_not_yet"
    with time_shifted(timedelta(hours=24)):
        standings = (await api.run("ViewerConsents", as_=token))["consentStandings"]
        assert (
            next(one for one in standings if (one["purpose"], one["audience"]) == ("PUBLISH", "CITY"))["missing"]
            is None
        )
        await api.do("ConsentWithdraw", key=key, items=[CITY])
        ledger = (await api.run("ViewerConsents", as_=token))["consents"]
    assert [(row["grantedBy"], row["withdrawnAt"] is None) for row in ledger] == [("GUARDIAN", False), ("SELF", True)]
    twice = await api.refuse("ConsentWithdraw", key=key, items=[CITY])
    assert twice == ("Conflict", "consent_not_given")


async def test_wrong_key_opens_and_does_nothing(api: Api) -> None:
    assert await api.run("ConsentByKey", key="AAAA-BBBB-CCCC-DDDD-EEEE") is None
    key, unknown = "x" * 3000, ("NotFound", "guardian_key_unknown")
    assert await api.refuse("ConsentAnswer", key=key, items=[YES], wording=WORDING) == unknown
    assert await api.refuse("ConsentWithdraw", key=key, items=[CITY]) == unknown


@pytest.mark.parametrize(
    ("items", "wording", "code"),
    [
        ([], WORDING, "consent_questions"),
        ([YES, YES], WORDING, "consent_questions"),
        ([{"purpose": "PUBLISH", "answer": "YES"}], WORDING, "consent_audience"),
        ([YES], "1999", "wording_outdated"),
    ],
)
async def test_malformed_answer_is_a_problem(api: Api, items: list[Any], wording: str, code: str) -> None:
    token = await sign_up(api)
    refused = await api.refuse("ConsentAnswer", as_=token, items=items, wording=wording)
    assert refused == ("ValidationProblem", code)


async def test_own_yes_is_taken_back_at_once(api: Api) -> None:
    token = await sign_up(api, birthYear=2010)
    await api.do("ConsentAnswer", as_=token, items=[YES], wording=WORDING)
    done = await api.do("ConsentWithdraw", as_=token, items=[CITY])
    assert done["items"][0]["missing"] == "consent_self_missing"
    grown = await api.refuse("ConsentRequest", as_=token, items=[CITY], guardianEmail="p@example.org")
    assert grown == ("NotAllowed", "guardian_not_needed")


async def test_copy_and_leaving_and_staying(api: Api) -> None:
    token = await sign_up(api)
    copy = json.loads((await api.run("AccountExport", as_=token))["json"])
    assert copy["accounts"]["account"]["handle"] == "mina"
    left = await api.do("AccountErase", as_=token, publishedStatements="KEEP_WITHOUT_AUTHOR")
    assert left["viewer"]["erasureDueAt"] is not None
    assert (await api.refuse("AccountErase", as_=token)) == ("Conflict", "erasure_requested")
    stayed = await api.run("AccountEraseCancel", as_=token)
    assert stayed["viewer"]["erasureDueAt"] is None
    again = await api.run("AccountEraseCancel", as_=token)
    assert (again["__typename"], again["code"]) == ("Conflict", "erasure_not_requested")


async def test_whoever_leaves_does_nothing_that_others_see_until_they_stay(api: Api) -> None:
    token = await sign_up(api)
    await api.do("AccountErase", as_=token)
    limited = ("NotAllowed", "account_restricted")
    assert await api.refuse("PseudonymChange", as_=token, pseudonym="Ada") == limited
    upload = {"contentType": "image/jpeg", "bytes": 9, "sha256": "0" * 64}
    assert await api.refuse("UploadRequest", as_=token, **upload) == limited
    assert json.loads((await api.run("AccountExport", as_=token))["json"])["accounts"]["account"]["handle"] == "mina"
    await api.run("AccountEraseCancel", as_=token)
    assert (await api.do("PseudonymChange", as_=token, pseudonym="Ada"))["viewer"]["pseudonym"] == "Ada"
