"""A guardian over HTTP, by key and without an account: reads what their yes carries, appeals, reads the answer."""

import asyncio
import json
from typing import Any

import pytest

from backend.accounts import personal_data
from backend.campaigns.personal import PERSONAL
from backend.campaigns.rules import Audience
from backend.core.database import Database
from graphql_api.node_ids import global_id
from tests.api.client import OPERATIONS, Api
from tests.campaigns.family import CITY, WORDS, Family, give_key, make_child, make_family
from tests.campaigns.stage import make_stage
from tests.places.town import sign_in

TEXT = "Barnet mitt skriver om skolen. Det er ikke reklame."


@pytest.fixture
def family(api: Api, db: Database, runner: asyncio.Runner) -> Family:
    """A child of a class, and the key that its guardian said yes with."""

    async def make() -> Family:
        return await make_family(await make_stage(db))

    personal_data.register(PERSONAL)
    return runner.run(make())


async def page(api: Api, family: Family, **variables: Any) -> Any:
    return await api.run("ConsentByKey", key=family.code, **variables)


async def appeal(api: Api, decision_id: str, key: str, *, as_: str | None = None) -> Any:
    return await api.run("AppealFile", as_=as_, input={"decisionId": decision_id, "text": TEXT, "key": key})


async def test_page_shows_statements_and_refusals_until_the_yes_is_taken_back(api: Api, family: Family) -> None:
    stage = family.stage
    for number in range(3):
        await stage.publish(family.child, f"Ord {number}.", audience=Audience.CITY)
    await stage.publish(family.child, "For skolen.", audience=Audience.SCHOOL)
    await family.refuse("Ikke slik.")
    first = await page(api, family, first=2)
    assert [edge["node"]["text"] for edge in first["statements"]["edges"]] == ["Ord 2.", "Ord 1."]
    node = first["statements"]["edges"][0]["node"]
    assert (node["language"], node["direction"], node["audience"]) == ("nb", "LTR", "CITY")
    rest = await page(api, family, first=2, after=first["statements"]["pageInfo"]["endCursor"])
    assert [edge["node"]["text"] for edge in rest["statements"]["edges"]] == ["Ord 0."]
    [refused] = first["decisions"]
    assert (refused["verdict"], refused["audience"], refused["reason"]["code"]) == ("REJECT", "CITY", "SPAM")
    assert refused["appealUntil"] is not None
    assert not any(secret in json.dumps(first, ensure_ascii=False) for secret in ("Ikke slik.", WORDS, "For skolen."))
    told = {(await page(api, family, locale=one))["decisions"][0]["redress"] for one in ("en", "nb", "fi", "is")}
    assert len(told) == 4
    await api.do("ConsentWithdraw", key=family.code, items=[{"purpose": "PUBLISH", "audience": "CITY"}])
    after = await page(api, family)
    assert (after["statements"]["edges"], after["decisions"]) == ([], [])


async def test_page_by_get_changes_nothing(api: Api, family: Family) -> None:
    await family.stage.publish(family.child, audience=Audience.CITY)
    before = await family.stage.value("select count(*) from audit_entry"), await family.reads()
    query = {
        "query": (OPERATIONS / "ConsentByKey.graphql").read_text("utf-8"),
        "variables": json.dumps({"key": family.code}),
    }
    got = (await api.http.get("/graphql", params=query, headers={"accept": "application/json"})).json()
    assert len(got["data"]["consentByKey"]["statements"]["edges"]) == 1
    assert (await family.stage.value("select count(*) from audit_entry"), await family.reads()) == before
    sent = {"query": (OPERATIONS / "AppealFile.graphql").read_text("utf-8"), "variables": "{}"}
    assert (await api.http.get("/graphql", params=sent)).status_code == 405


async def test_guardian_appeals_and_both_read_the_answer(api: Api, db: Database, family: Family) -> None:
    _, row_id = await family.refuse("Ikke slik.")
    child = await sign_in(db, family.child.require_account())
    [refused] = (await page(api, family))["decisions"]
    assert refused["decisionId"] == global_id("Decision", row_id)
    filed = await appeal(api, refused["decisionId"], family.code)
    assert (filed["__typename"], filed["side"], filed["state"], filed["text"]) == (
        "OwnAppeal",
        "GUARDIAN",
        "FILED",
        TEXT,
    )
    again = await appeal(api, refused["decisionId"], family.code)
    assert (again["code"], again["currentState"]) == ("already_appealed", "FILED")
    own = await api.refuse("AppealFile", as_=child, decisionId=refused["decisionId"], text="Jeg også.")
    assert own == ("Conflict", "already_appealed")
    reviewer = await sign_in(db, family.stage.second.require_account())
    async with db.transaction() as tx:
        await tx.execute("update account set review_languages = '{nb}' where id = $1", family.stage.second.account_id)
    [edge] = (await api.run("AppealQueue", as_=reviewer, first=5))["edges"]
    assert (edge["node"]["side"], edge["node"]["text"]) == ("GUARDIAN", TEXT)
    answer = {"appealId": edge["node"]["id"], "answer": "UPHELD", "text": "Vi har sett på det.", "textLanguage": "nb"}
    await api.do("AppealDecide", as_=reviewer, **answer)
    [after] = (await page(api, family))["decisions"]
    assert (after["appeal"]["answer"], after["appeal"]["text"], after["appealUntil"]) == (
        "Vi har sett på det.",
        TEXT,
        None,
    )
    [seen] = (await api.run("ViewerDecisions", as_=child, first=5))["edges"]
    theirs = seen["node"]["viewerAppeal"]
    assert (theirs["side"], theirs["text"], theirs["answer"]) == ("GUARDIAN", None, "Vi har sett på det.")
    node = await api.send(
        "query($id: ID!) { node(id: $id) { ... on OwnAppeal { text answer } } }", {"id": theirs["id"]}, as_=child
    )
    assert node["data"]["node"] == {"text": None, "answer": "Vi har sett på det."}
    kinds = [one["node"]["kind"] for one in (await api.run("ViewerInbox", as_=child))["inbox"]["edges"]]
    assert {"guardian_appealed", "guardian_appeal_upheld"} <= set(kinds)


async def test_childs_appeal_shows_without_its_words(api: Api, db: Database, family: Family) -> None:
    _, row_id = await family.refuse("Ikke slik.")
    child = await sign_in(db, family.child.require_account())
    await api.do("AppealFile", as_=child, decisionId=global_id("Decision", row_id), text="Det handler om hjemme.")
    async with db.transaction() as tx:
        await tx.execute("update appeal set state = 'UPHELD', answer = 'Om hjemme.', answer_language = 'nb'")
    [seen] = (await page(api, family))["decisions"]
    assert (seen["appeal"]["side"], seen["appeal"]["state"]) == ("AUTHOR", "UPHELD")
    assert (seen["appeal"]["text"], seen["appeal"]["answer"], seen["appeal"]["answerLanguage"]) == (None, None, None)


async def test_wrong_key_and_somebody_elses_decision_get_the_same_answer(
    api: Api, db: Database, family: Family
) -> None:
    _, row_id = await family.refuse("Ikke slik.")
    other = await make_child(family.stage)
    others_key = await give_key(family.stage, other, [CITY])
    decision_id = global_id("Decision", row_id)
    answers = [await appeal(api, decision_id, key) for key in ("AAAA-BBBB-CCCC-DDDD-EEEE", others_key, "", "x" * 3000)]
    answers.append(await appeal(api, global_id("Decision", other.require_account()), family.code))
    assert answers == answers[:1] * 5
    assert (answers[0]["__typename"], answers[0]["code"], answers[0]["path"]) == (
        "NotFound", "not_found", ["decisionId"],
    )  # fmt: skip
    child = await sign_in(db, family.child.require_account())
    refused = await appeal(api, decision_id, family.code, as_=child)
    assert (refused["__typename"], refused["code"]) == ("NotAllowed", "guardian_key_by_child")
    nobody = await api.send(
        (OPERATIONS / "AppealFile.graphql").read_text("utf-8"),
        {"input": {"decisionId": decision_id, "text": TEXT}},
    )
    assert nobody["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    for locale in ("en", "nb", "nn", "sv", "da", "fi", "is"):
        assert await api.run("ConsentByKey", key="AAAA-BBBB-CCCC-DDDD-EEEE", locale=locale) is None
    assert await family.stage.value("select count(*) from appeal") == 0
