"""Moderation over HTTP with the documents that apps send: from the queue to the answered appeal."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from backend.campaigns.rules import Audience
from backend.core.database import Database
from backend.core.viewer import Role, ScopeKind, Viewer
from graphql_api.node_ids import global_id
from tests.api.client import OPERATIONS, Api
from tests.campaigns.stage import Stage, make_stage
from tests.places.town import make_account, sign_in, staff


def operation(name: str) -> str:
    """The text of a published document."""
    return (OPERATIONS / f"{name}.graphql").read_text("utf-8")


@dataclass(slots=True)
class Bench:
    """An open campaign, the API, and tokens of the people around it."""

    api: Api
    stage: Stage
    tokens: dict[object, str] = field(default_factory=dict)

    async def token(self, who: Viewer, *, second_factor: bool = True) -> str:
        """A session of the person, who declares Bokmål and English."""
        key = (who.account_id, second_factor)
        if key not in self.tokens:
            async with self.stage.db.transaction() as tx:
                await tx.execute("update account set review_languages = '{nb,en}' where id = $1", who.require_account())
            self.tokens[key] = await sign_in(self.stage.db, who.require_account(), second_factor=second_factor)
        return self.tokens[key]

    async def claim(self, case_id: str, who: Viewer) -> Any:
        return await self.api.do("CaseClaim", as_=await self.token(who), caseId=case_id)

    async def decide(self, case_id: str, who: Viewer, verdict: str, part: str = "submitted", **more: Any) -> Any:
        """Claim and decide on what the claim shows."""
        claim = await self.claim(case_id, who)
        content = claim["case"][part]
        return await self.api.do(
            "CaseDecide", as_=await self.token(who), caseId=case_id, claimToken=claim["token"],
            revisionId=content["revisionId"], version=content["version"], verdict=verdict, **more,
        )  # fmt: skip

    async def case_of(self, statement_id: Any) -> str:
        return global_id("Case", await self.stage.case_of(statement_id))

    async def third(self) -> Viewer:
        """Another moderator of the city."""
        return await staff(
            self.stage.db, self.stage.town.secretariat, Role.MODERATOR, ScopeKind.CITY, self.stage.town.city.id
        )


@pytest.fixture
def bench(api: Api, db: Database, runner: asyncio.Runner) -> Bench:
    return Bench(api, runner.run(make_stage(db)))


async def test_walk_from_the_first_key_to_the_answered_appeal(bench: Bench) -> None:
    api, stage = bench.api, bench.stage
    author = await stage.student()
    subject = await stage.hand_in(author, "Vi må få snakke.", audience=Audience.CITY)
    teacher, moderator = await bench.token(stage.teacher), await bench.token(stage.moderator)

    waiting = await api.run("ApprovalQueue", as_=teacher, first=10)
    [edge] = waiting["edges"]
    assert (edge["node"]["state"], edge["node"]["keysNeeded"], edge["node"]["viewerIsAuthorsTeacher"]) == (
        "NEW", 2, True,
    )  # fmt: skip
    assert edge["node"]["submitted"]["text"] == "Vi må få snakke."
    assert edge["node"]["submitted"]["title"] == "My voice out"
    await api.do("LocaleChange", as_=teacher, locale="nn")
    assert (await api.run("ApprovalQueue", as_=teacher))["edges"][0]["node"]["submitted"]["title"] == "Min stemme ut"
    assert (await api.run("ModerationQueue", as_=moderator))["edges"] == []
    await stage.teacher_key(subject)
    assert (await api.run("ApprovalQueue", as_=teacher))["edges"] == []

    [edge] = (await api.run("ModerationQueue", as_=moderator, language="nb", lateness="IN_TIME"))["edges"]
    case_id = edge["node"]["id"]
    assert (edge["node"]["state"], edge["node"]["keysGiven"]) == ("SECOND_KEY", 1)
    assert [step["decidedAs"] for step in edge["node"]["history"]] == ["TEACHER"]
    claim = await bench.claim(case_id, stage.moderator)
    kept = await api.do("CaseHeartbeat", as_=moderator, caseId=case_id, claimToken=claim["token"])
    assert kept["case"]["state"] == "CLAIMED"
    released = await api.do("CaseRelease", as_=moderator, caseId=case_id, claimToken=claim["token"])
    assert released["state"] == "SECOND_KEY"
    decided = await bench.decide(case_id, stage.moderator, "APPROVE")
    assert decided["state"] == "CLOSED"
    assert await stage.sees(author, subject.id)

    reporters = [await stage.student(), await stage.student(), await stage.student(class_id=stage.town.other_class.id)]
    statement_id = global_id("Statement", subject.id)
    for who in reporters:
        report = await api.do(
            "SubjectReport", as_=await bench.token(who), subjectId=statement_id, category="SPAM", note="Reklame."
        )
        assert report["outcome"] is None
    assert not await stage.sees(reporters[0], subject.id)
    assert (await api.run("ModerationStatistics", as_=moderator))["open"] == 1
    third = await bench.third()
    hidden = await bench.decide(case_id, third, "HIDE", "reported", reason="SPAM", words="Reklame.", wordsLanguage="nb")
    assert hidden["history"][-1]["reason"]["title"] != ""

    reports = await api.run("ViewerReports", as_=await bench.token(reporters[0]))
    assert [one["node"]["outcome"] for one in reports["edges"]] == ["HIDDEN"]
    mine = (await api.run("ViewerDecisions", as_=await bench.token(author)))["edges"]
    assert [one["node"]["verdict"] for one in mine] == ["HIDE", "HIDE", "APPROVE"]
    final = mine[0]["node"]
    assert (final["isFinal"], final["reasons"]["isAutomated"], final["reasons"]["reason"]["code"]) == (
        True, False, "SPAM",
    )  # fmt: skip
    assert mine[1]["node"]["reasons"]["isAutomated"] is True
    assert "elsewhere" in final["reasons"]["redress"]
    filed = await api.do(
        "AppealFile", as_=await bench.token(author), decisionId=final["id"], text="Det er ikke reklame.",
        clientMutationKey="appeal-0001",
    )  # fmt: skip
    again = await api.do(
        "AppealFile", as_=await bench.token(author), decisionId=final["id"], text="Det er ikke reklame.",
        clientMutationKey="appeal-0001",
    )  # fmt: skip
    assert filed["id"] == again["id"]

    assert (await api.run("AppealQueue", as_=moderator))["edges"] == []  # approved it, so had a hand in it
    second = await bench.token(stage.second)
    [edge] = (await api.run("AppealQueue", as_=second))["edges"]
    assert edge["node"]["content"]["text"] == "Vi må få snakke."
    answered = await api.do(
        "AppealDecide", as_=second, appealId=edge["node"]["id"], answer="OVERTURNED", text="Du hadde rett.",
        textLanguage="nb",
    )  # fmt: skip
    assert answered["state"] == "OVERTURNED"
    assert await stage.sees(author, subject.id)
    case = await api.run("Case", as_=second, id=case_id)
    assert (case["state"], case["history"][-1]["verdict"]) == ("CLOSED", "KEEP")


async def test_refusal_over_http_tells_the_author_why_in_their_language(bench: Bench) -> None:
    author = await bench.stage.student()
    subject = await bench.stage.hand_in(author)
    async with bench.stage.db.transaction() as tx:
        await tx.execute("update moderation_case set queue_from = now()")
        await tx.execute("update account set locale = 'nb' where id = $1", author.account_id)
    case_id = await bench.case_of(subject.id)
    await bench.decide(
        case_id, bench.stage.moderator, "REQUEST_CHANGES", reason="PERSONAL_DATA", words="Ta bort navnet.",
        wordsLanguage="nb",
    )  # fmt: skip
    [edge] = (await bench.api.run("ViewerDecisions", as_=await bench.token(author)))["edges"]
    reasons = edge["node"]["reasons"]
    assert (reasons["facts"], reasons["reason"]["title"]) == ("Ta bort navnet.", "Private opplysninger")
    assert "andre steder" in reasons["redress"]
    assert edge["node"]["viewerMayAppealUntil"] == reasons["appealUntil"]


async def test_reasons_are_public_and_complete(bench: Bench) -> None:
    reasons = await bench.api.run("Reasons")
    assert [one["code"] for one in reasons] == [
        "LAW", "PERSONAL_DATA", "OTHERS_RIGHTS", "HARASSMENT", "SPAM", "OFF_CAMPAIGN_RULES",
    ]  # fmt: skip
    assert all(one["title"] and len(one["text"]) > 20 and "…" not in one["text"] for one in reasons)


MUTATIONS: dict[str, dict[str, Any]] = {
    "CaseClaim": {"caseId": "Case"},
    "CaseHeartbeat": {"caseId": "Case", "claimToken": "t"},
    "CaseRelease": {"caseId": "Case", "claimToken": "t"},
    "CaseDecide": {"caseId": "Case", "claimToken": "t", "revisionId": "Revision", "version": 1, "verdict": "APPROVE"},
    "AppealFile": {"decisionId": "Decision", "text": "Nei."},
    "AppealDecide": {"appealId": "Appeal", "answer": "UPHELD", "text": "Nei.", "textLanguage": "nb"},
    "SubjectReport": {"subjectId": "Statement", "category": "SPAM"},
}


async def _rows(bench: Bench) -> dict[str, Any]:
    """A refused statement under appeal: real ids for every mutation."""
    author = await bench.stage.student()
    subject = await bench.stage.hand_in(author)
    async with bench.stage.db.transaction() as tx:
        await tx.execute("update moderation_case set queue_from = now()")
    case_id = await bench.case_of(subject.id)
    await bench.decide(case_id, bench.stage.moderator, "REJECT", reason="LAW")
    [edge] = (await bench.api.run("ViewerDecisions", as_=await bench.token(author)))["edges"]
    filed = await bench.api.do("AppealFile", as_=await bench.token(author), decisionId=edge["node"]["id"], text="Nei.")
    async with bench.stage.db.reading() as conn:
        appeal_id = await conn.fetch_value("select id from appeal")
    assert filed["id"] == global_id("OwnAppeal", appeal_id)
    return {
        "Case": case_id,
        "Revision": global_id("Revision", subject.revision_id),
        "Decision": edge["node"]["id"],
        "Appeal": global_id("Appeal", appeal_id),
        "Statement": global_id("Statement", subject.id),
    }


def _input(name: str, ids: dict[str, Any]) -> dict[str, Any]:
    return {field: ids.get(value, value) for field, value in MUTATIONS[name].items()}


async def _state(bench: Bench) -> Any:
    async with bench.stage.db.reading() as conn:
        return await conn.fetch(
            "select (select count(*) from moderation_decision), (select count(*) from appeal where decided_at is null),"
            " (select count(*) from subject_report), (select count(*) from audit_entry),"
            " (select count(*) from moderation_case where claimed_by is not null)"
        )


async def test_mutations_by_those_who_may_not_change_nothing(bench: Bench) -> None:
    ids = await _rows(bench)
    stranger = await make_account(bench.stage.db)
    tokens = [
        await bench.token(await bench.stage.student()),
        await bench.token(bench.stage.town.other_teacher),
        await bench.token(bench.stage.town.official),
        await sign_in(bench.stage.db, stranger),
    ]
    before = await _state(bench)
    for name in MUTATIONS:
        document = (operation(name), {"input": _input(name, ids)})
        nobody = await bench.api.send(*document)
        assert nobody["data"] is None or set(nobody["data"].values()) == {None}, name
        assert nobody["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED", name
        for token in tokens:
            refused = await bench.api.refuse(name, as_=token, **_input(name, ids))
            assert refused == ("NotFound", "not_found"), name
    assert await _state(bench) == before


async def test_moderator_without_second_factor_is_told_so(bench: Bench) -> None:
    ids = await _rows(bench)
    half = await bench.token(bench.stage.second, second_factor=False)
    for name in ("CaseClaim", "CaseHeartbeat", "CaseRelease", "CaseDecide"):
        kind, code = await bench.api.refuse(name, as_=half, **_input(name, ids))
        assert (kind, code) in {("NotAllowed", "second_factor_missing"), ("NotFound", "not_found")}, name
    assert await bench.api.run("ModerationQueue", as_=half) is None


@pytest.mark.parametrize("garbage", ["", "x", "Q2FzZTo=", "\x00", "😀" * 50])
async def test_garbage_ids_are_not_found(bench: Bench, garbage: str) -> None:
    token = await bench.token(bench.stage.moderator)
    for name, fields in MUTATIONS.items():
        ids = {value: garbage for value in fields.values() if isinstance(value, str) and value[0].isupper()}
        ids |= {"APPROVE": "APPROVE", "UPHELD": "UPHELD", "SPAM": "SPAM", "Nei.": "Nei."}
        assert await bench.api.refuse(name, as_=token, **_input(name, ids)) == ("NotFound", "not_found"), name


async def test_nodes_of_moderation_are_null_for_others(bench: Bench) -> None:
    ids = await _rows(bench)
    document = "query Nodes($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
    wanted = [ids["Case"], ids["Decision"], ids["Appeal"]]
    for who in (await bench.stage.student(), bench.stage.town.other_teacher, bench.stage.town.official):
        answer = await bench.api.send(document, {"ids": wanted}, as_=await bench.token(who))
        assert answer["data"]["nodes"] == [None] * 3
    seen = await bench.api.send(document, {"ids": wanted}, as_=await bench.token(bench.stage.second))
    assert [one and one["__typename"] for one in seen["data"]["nodes"]] == ["Case", None, "Appeal"]
    assert (await bench.api.send(document, {"ids": wanted}))["data"]["nodes"] == [None] * 3


@pytest.mark.parametrize("evil", ["a\x00b", "\u202eab", "\ud800", "x" * 1001])
async def test_hostile_words_and_tokens_are_refused(bench: Bench, evil: str) -> None:
    subject = await bench.stage.hand_in(await bench.stage.student())
    async with bench.stage.db.transaction() as tx:
        await tx.execute("update moderation_case set queue_from = now()")
    case_id = await bench.case_of(subject.id)
    claim = await bench.claim(case_id, bench.stage.moderator)
    fields = {
        "caseId": case_id, "claimToken": claim["token"], "verdict": "REJECT", "reason": "LAW", "version": 1,
        "revisionId": claim["case"]["submitted"]["revisionId"], "words": "Ok.", "wordsLanguage": "nb",
    }  # fmt: skip
    token = await bench.token(bench.stage.moderator)
    for hostile in ({"words": evil}, {"claimToken": evil}):
        # As ASCII, because a lone surrogate has no other way over the wire.
        body = json.dumps({"query": operation("CaseDecide"), "variables": {"input": {**fields, **hostile}}})
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        response = await bench.api.http.post("/graphql", content=body, headers=headers)
        assert response.status_code in (200, 400), response.text
        assert "INTERNAL" not in response.text
        assert '"Case"' not in response.text
    assert await bench.stage.value("select count(*) from moderation_decision") == 0


async def test_queue_pages_over_http(bench: Bench) -> None:
    for number in range(3):
        await bench.stage.hand_in(await bench.stage.student(), f"Nummer {number}")
    async with bench.stage.db.transaction() as tx:
        await tx.execute("update moderation_case set queue_from = now()")
    token = await bench.token(bench.stage.moderator)
    first = await bench.api.run("ModerationQueue", as_=token, first=2)
    rest = await bench.api.run("ModerationQueue", as_=token, first=2, after=first["pageInfo"]["endCursor"])
    texts = [edge["node"]["submitted"]["text"] for edge in [*first["edges"], *rest["edges"]]]
    assert texts == ["Nummer 0", "Nummer 1", "Nummer 2"]
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)
