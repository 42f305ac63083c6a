"""Proposed topics over HTTP with the documents that apps send: from the proposal to the topic of a round."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from backend.core.clock import process_now
from backend.core.database import Connection, Database
from backend.core.viewer import Viewer
from graphql_api.node_ids import global_id
from tests.api.client import Api
from tests.campaigns.stage import Stage, make_stage
from tests.places.town import sign_in
from tests.topics import forum

TEXTS = {"name": "Trygg skolevei", "why": "Det er mørkt.", "language": "nb"}
NAME = [{"locale": "nb", "text": "Skoleveien"}, {"locale": "en", "text": "The way to school"}]
REASON = [{"locale": "nb", "text": "Vi hadde det i fjor."}, {"locale": "en", "text": "We had it last year."}]


@pytest.fixture
def stage(db: Database, runner: asyncio.Runner) -> Stage:
    return runner.run(make_stage(db))


async def token(stage: Stage, who: Viewer) -> str:
    async with stage.db.transaction() as tx:
        await tx.execute("update account set review_languages = '{nb,en}' where id = $1", who.require_account())
    return await sign_in(stage.db, who.require_account())


async def decide(api: Api, stage: Stage, verdict: str, **more: Any) -> Any:
    """The city's moderator takes the one case of the queue and decides it."""
    as_ = await token(stage, stage.moderator)
    [edge] = (await api.run("ModerationQueue", as_=as_))["edges"]
    claim = await api.do("CaseClaim", as_=as_, caseId=edge["node"]["id"])
    part = claim["case"]["submitted"] or claim["case"]["reported"]
    return await api.do(
        "CaseDecide", as_=as_, caseId=edge["node"]["id"], claimToken=claim["token"], revisionId=part["revisionId"],
        version=part["version"], verdict=verdict, **more,
    )  # fmt: skip


async def nodes(api: Api, stage: Stage, as_: str, **more: Any) -> list[Any]:
    page = await api.run("TopicProposals", as_=as_, campaignId=global_id("Campaign", stage.campaign_id), **more)
    return [edge["node"] for edge in page["edges"]]


async def test_walk_from_a_proposal_to_the_topic_of_a_round(api: Api, stage: Stage) -> None:
    campaign_id = global_id("Campaign", stage.campaign_id)
    proposer, supporter = await token(stage, await stage.student()), await token(stage, await stage.student())
    boss = await token(stage, await forum.editor(stage))
    made = await api.do("TopicPropose", as_=proposer, campaignId=campaign_id, **TEXTS, clientMutationKey="topic-0001")
    assert {**made, "id": None, "proposedAt": None} == {
        "__typename": "TopicProposal", "id": None, **TEXTS, "state": "WAITING", "direction": "LTR",
        "proposedAt": None, "shownAt": None, "answerDueAt": None, "isOverdue": False, "answeredAt": None,
        "reason": None, "topic": None, "supportCount": 0, "viewerHasSupported": False, "viewerIsProposer": True,
    }  # fmt: skip
    assert (await nodes(api, stage, supporter), await nodes(api, stage, boss)) == ([], [])
    assert await api.run("TopicProposal", as_=boss, id=made["id"]) is None
    closed = await decide(api, stage, "APPROVE")
    assert (closed["state"], closed["subjectId"]) == ("CLOSED", made["id"])

    [seen] = await nodes(api, stage, supporter, states=["SHOWN"])
    assert (seen["name"], seen["supportCount"], seen["viewerIsProposer"]) == (TEXTS["name"], None, False)
    assert seen["answerDueAt"] > seen["shownAt"]
    for _ in range(2):
        outcome = await api.do("TopicSupport", as_=supporter, proposalId=made["id"])
        assert outcome["proposal"]["viewerHasSupported"]
    assert await api.refuse("TopicSupport", as_=proposer, proposalId=made["id"]) == ("NotAllowed", "own_proposal")
    assert [one["supportCount"] for one in await nodes(api, stage, boss)] == [1]
    outcome = await api.do("TopicUnsupport", as_=supporter, proposalId=made["id"])
    assert not outcome["proposal"]["viewerHasSupported"]
    await api.do("TopicSupport", as_=supporter, proposalId=made["id"])

    refused = await api.refuse("TopicAnswer", as_=supporter, proposalId=made["id"], answer="CHOSEN", name=NAME)
    assert refused == ("NotAllowed", "not_allowed")
    chosen = await api.do("TopicAnswer", as_=boss, proposalId=made["id"], answer="CHOSEN", name=NAME)
    assert (chosen["state"], chosen["topic"]["name"], chosen["supportCount"]) == ("CHOSEN", "The way to school", 1)
    given = {"proposalId": made["id"], "answer": "DECLINED", "reason": REASON}
    late = await api.run("TopicAnswer", as_=boss, input=given)
    assert (late["code"], late["currentState"]) == ("wrong_state", "CHOSEN")

    campaign = await api.run("Campaign", id=campaign_id)
    assert campaign["topics"][-1] == chosen["topic"]
    page = {"prompt": [{"locale": "nb", "text": "Hva skjer på veien?"}], "topicId": chosen["topic"]["id"]}
    now = process_now()
    single = {"opensAt": now.isoformat(), "closesAt": (now + timedelta(days=4)).isoformat()}
    [made_round] = (await api.do("RoundSchedule", as_=boss, campaignId=campaign_id, single=single, page=page))["rounds"]
    assert (await api.run("Round", id=made_round["id"]))["topic"] == chosen["topic"]
    corrected = {"proposalId": made["id"], "answer": "DECLINED", "reason": REASON, "seenState": "CHOSEN"}
    assert await api.refuse("TopicAnswer", as_=boss, **corrected) == ("Conflict", "topic_in_use")
    for who, kind in ((proposer, "topic_chosen"), (supporter, "supported_topic_chosen")):
        notices = (await api.run("ViewerInbox", as_=who))["inbox"]["edges"]
        [notice] = [one["node"] for one in notices if one["node"]["kind"] == kind]
        assert notice["subjectId"] == made["id"]
        [node] = await api.run("Nodes", as_=who, ids=[notice["subjectId"]])
        assert (node["__typename"], node["proposalState"]) == ("TopicProposal", "CHOSEN")


async def test_declined_one_is_told_in_the_readers_language_and_corrected(api: Api, stage: Stage) -> None:
    proposal_id = global_id("TopicProposal", await forum.shown(stage, await stage.student()))
    boss, reader = await token(stage, await forum.editor(stage)), await token(stage, await stage.student())
    given = {"proposalId": proposal_id, "answer": "DECLINED", "reason": REASON}
    for _ in range(2):
        assert (await api.do("TopicAnswer", as_=boss, **given))["reason"] == "We had it last year."
    seen = await api.run("TopicProposal", as_=reader, id=proposal_id, locale="nb")
    assert (seen["state"], seen["reason"], seen["topic"]) == ("DECLINED", "Vi hadde det i fjor.", None)
    assert (seen["campaign"]["title"], seen["decisions"]) == ("Min stemme ut", [])
    corrected = await api.do(
        "TopicAnswer", as_=boss, proposalId=proposal_id, answer="CHOSEN", name=NAME, seenState="DECLINED"
    )
    assert (corrected["state"], corrected["reason"]) == ("CHOSEN", None)


async def test_refused_one_tells_its_proposer_why_and_can_be_reported_when_shown(api: Api, stage: Stage) -> None:
    student = await stage.student()
    as_, reader = await token(stage, student), await token(stage, await stage.student())
    waiting = await forum.propose(stage, student)
    await decide(api, stage, "REQUEST_CHANGES", reason="PERSONAL_DATA", words="Uten navn.", wordsLanguage="nb")
    seen = await api.run("TopicProposal", as_=as_, id=global_id("TopicProposal", waiting))
    [decision] = seen["decisions"]
    assert (seen["state"], decision["words"], decision["reasons"]["reason"]["code"]) == (
        "RETURNED", "Uten navn.", "PERSONAL_DATA",
    )  # fmt: skip
    assert (await api.run("ViewerDecisions", as_=as_))["edges"][0]["node"]["subjectId"] == seen["id"]
    shown = global_id("TopicProposal", await forum.shown(stage, student))
    report = await api.do("SubjectReport", as_=reader, subjectId=shown, category="THREAT")
    assert report["subjectId"] == shown
    assert await api.refuse("SubjectReport", as_=reader, subjectId=seen["id"], category="THREAT") == (
        "NotFound", "not_found",
    )  # fmt: skip
    closed = await decide(api, stage, "REMOVE", reason="LAW")
    assert closed["subjectId"] == shown
    assert await api.run("TopicProposal", as_=reader, id=shown) is None
    mine = await api.run("TopicProposal", as_=as_, id=shown)
    assert [one["verdict"] for one in mine["decisions"]] == ["REMOVE", "APPROVE"]


async def test_withdrawn_by_its_proposer_alone(api: Api, stage: Stage) -> None:
    student = await stage.student()
    as_, other = await token(stage, student), await token(stage, await stage.student())
    proposal_id = global_id("TopicProposal", await forum.shown(stage, student))
    assert await api.refuse("TopicWithdraw", as_=other, proposalId=proposal_id) == ("NotFound", "not_found")
    await api.do("TopicSupport", as_=other, proposalId=proposal_id)
    for _ in range(2):
        assert (await api.do("TopicWithdraw", as_=as_, proposalId=proposal_id))["state"] == "WITHDRAWN"
    assert await nodes(api, stage, other) == []
    assert (await api.do("TopicUnsupport", as_=other, proposalId=proposal_id))["proposal"] is None
    assert await api.refuse("TopicUnsupport", as_=other, proposalId=proposal_id) == ("NotFound", "not_found")


async def test_who_is_not_signed_in_sees_nothing(api: Api, stage: Stage) -> None:
    proposal_id = global_id("TopicProposal", await forum.shown(stage, await stage.student()))
    assert await api.run("TopicProposal", id=proposal_id) is None
    given = {"id": global_id("Campaign", stage.campaign_id)}
    answer = await api.send("query($id: ID!) { topicProposals(campaignId: $id) { edges { cursor } } }", given)
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    outsider = await token(stage, await stage.outsider())
    assert await nodes(api, stage, outsider) == []


async def test_consent_that_is_missing_is_named(api: Api, stage: Stage) -> None:
    as_ = await token(stage, await stage.student(consents=()))
    given = {"campaignId": global_id("Campaign", stage.campaign_id), **TEXTS}
    refused = await api.run("TopicPropose", as_=as_, input=given)
    assert (refused["__typename"], refused["purpose"], refused["audience"]) == ("ConsentRequired", "PUBLISH", "SCHOOL")


async def test_list_costs_as_many_statements_for_three_as_for_one(
    api: Api, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    student, sent = await stage.student(), count_statements(monkeypatch)
    as_ = await token(stage, student)
    text = "query($id: ID!) { topicProposals(campaignId: $id) { edges { node { id topic { name } campaign { title }"
    text += " decisions { id reasons { facts } } } } } }"
    counts = []
    for more in (1, 2):
        for _ in range(more):
            await forum.shown(stage, student)
        before = len(sent)
        answer = await api.send(text, {"id": global_id("Campaign", stage.campaign_id)}, as_=as_)
        counts.append((len(answer["data"]["topicProposals"]["edges"]), len(sent) - before))
    assert [one for one, _ in counts] == [1, 3]
    assert counts[0][1] == counts[1][1] > 0


def count_statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement that is read from now on."""
    sent: list[str] = []
    for name in ("fetch", "fetch_one", "fetch_value", "fetch_as", "fetch_one_as"):
        whole = getattr(Connection, name)

        async def counted(self: Connection, *args: object, _whole: Any = whole) -> object:
            sent.append(str(args[0]))
            return await _whole(self, *args)

        monkeypatch.setattr(Connection, name, counted)
    return sent
