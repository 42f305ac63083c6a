"""The campaigns over HTTP with the documents that apps send: from the making of a campaign to its closing."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from backend.campaigns.course_content import load_course
from backend.campaigns.rules import Audience
from backend.core.database import Database
from backend.core.ids import Id
from graphql_api.node_ids import global_id
from moderation.rules import Reason, Verdict
from tests.api.client import Api
from tests.campaigns.stage import Stage, make_stage
from tests.places.town import sign_in


@dataclass(slots=True)
class Scene:
    """The stage, and people's tokens."""

    api: Api
    stage: Stage

    async def token(self, account_id: Id | None) -> str:
        assert account_id is not None
        async with self.stage.db.transaction() as tx:
            await tx.execute("update account set review_languages = '{nb,en}' where id = $1", account_id)
        return await sign_in(self.stage.db, account_id)

    @property
    def campaign(self) -> str:
        return global_id("Campaign", self.stage.campaign_id)

    async def draft(self, token: str, **wording: Any) -> Any:
        words = {"text": "Vi må få snakke.", "language": "nb", "audience": "CITY", **wording}
        return await self.api.do("StatementDraft", as_=token, campaignId=self.campaign, wording=words)

    async def submit(self, token: str, own: Any) -> Any:
        return await self.api.do(
            "StatementSubmit", as_=token, statementId=own["id"], revisionId=own["revisionId"], version=own["version"]
        )


@pytest.fixture
def scene(api: Api, db: Database, runner: asyncio.Runner) -> Scene:
    return Scene(api, runner.run(make_stage(db)))


def localized(text: str) -> list[dict[str, str]]:
    return [{"locale": "nb", "text": text}, {"locale": "en", "text": text}]


async def test_campaign_is_made_updated_opened_and_closed(scene: Scene) -> None:
    api, token = scene.api, await scene.token(scene.stage.town.secretariat.account_id)
    student = await scene.token((await scene.stage.student()).account_id)
    texts = {"title": localized("Byen vår"), "description": localized("Om byen."), "prompt": localized("Hva nå?")}
    fields = {
        **texts, "zone": "Europe/Oslo", "cityId": global_id("City", scene.stage.town.city.id),
        "topics": [localized("Parker")], "clientMutationKey": "one-campaign-please",
    }  # fmt: skip
    made = await api.do("CampaignCreate", as_=token, **fields)
    assert (await api.do("CampaignCreate", as_=token, **fields))["id"] == made["id"]
    assert await api.refuse("CampaignCreate", as_=student, **fields) == ("NotAllowed", "not_allowed")
    assert await api.run("Campaign", id=made["id"]) is None
    assert await api.refuse("CampaignOpen", as_=student, campaignId=made["id"]) == ("NotFound", "not_found")
    updated = await api.do("CampaignUpdate", as_=token, campaignId=made["id"], **texts, newTopics=[localized("Vann")])
    assert [one["name"] for one in updated["topics"]] == ["Parker", "Vann"]
    assert (await api.do("CampaignOpen", as_=token, campaignId=made["id"]))["status"] == "OPEN"
    assert await api.refuse("CampaignOpen", as_=token, campaignId=made["id"]) == ("Conflict", "wrong_state")
    listed = await api.run("Campaigns", cityId=fields["cityId"], first=10)
    assert made["id"] in {edge["node"]["id"] for edge in listed["edges"]}
    assert (await api.do("CampaignClose", as_=token, campaignId=made["id"]))["status"] == "CLOSED"
    assert (await api.run("Campaign", id=made["id"]))["status"] == "CLOSED"


async def test_course_is_learned_and_passed(scene: Scene) -> None:
    api = scene.api
    token = await scene.token((await scene.stage.student(passed=False)).account_id)
    teacher = await scene.token(scene.stage.teacher.account_id)
    course = await api.run("Course", as_=token, name="my_voice_out", locale="nb")
    assert (course["language"], course["viewerProgress"]["passed"]) == ("nb", False)
    assert "right" not in str(course["questions"][0]["options"][0])
    asked = {"course": course["name"], "version": course["version"]}
    right = {q.key: sorted(q.right_keys) for q in load_course("my_voice_out", 1, "en").questions}
    answers = [{"question": key, "options": options} for key, options in right.items()]
    assert (await api.refuse("QuizSubmit", as_=token, **asked, answers=answers))[1] == "lessons_missing"
    for lesson in course["lessons"]:
        await api.do("LessonComplete", as_=token, **asked, lesson=lesson["key"])
    assert (await api.refuse("LessonComplete", as_=token, **asked, lesson="nonsense"))[0] == "NotFound"
    assert (await api.refuse("QuizSubmit", as_=token, **asked, answers=answers[1:]))[1] == "quiz_incomplete"
    result = await api.do("QuizSubmit", as_=token, **asked, answers=answers, clientMutationKey="first-try")
    assert (result["passed"], result["score"], result["mistakes"]) == (True, result["questionCount"], [])
    where = {"classId": global_id("SchoolClass", scene.stage.town.school_class.id), "campaignId": scene.campaign}
    assert await api.run("ClassProgress", as_=teacher, **where) == {"students": 1, "began": 1, "passed": 1}
    assert await api.run("ClassProgress", as_=token, **where) is None


async def test_statement_from_draft_to_withdrawal(scene: Scene) -> None:
    api, stage = scene.api, scene.stage
    author, fan = await stage.student(), await stage.student()
    token, fans = await scene.token(author.account_id), await scene.token(fan.account_id)
    teacher = await scene.token(stage.teacher.account_id)
    own = await scene.draft(token, translations=[{"language": "en", "text": "We must speak."}])
    assert (own["nextStep"], own["visibility"]) == ("SUBMIT", "UNPUBLISHED")
    assert own["nextStepText"] == "Everything is ready. You can send it in."
    assert own["whoWillSee"].startswith("Everybody")
    assert await api.refuse("StatementDiscard", as_=fans, statementId=own["id"]) == ("NotFound", "not_found")
    thrown = await scene.draft(token)
    assert (await api.do("StatementDiscard", as_=token, statementId=thrown["id"]))["statementId"] == thrown["id"]
    wording = {"text": "Vi må få snakke høyere.", "language": "nb", "audience": "CITY"}
    own = await api.do("StatementRevise", as_=token, statementId=own["id"], wording=wording, seenVersion=1)
    assert own["version"] == 2
    stale = {"statementId": own["id"], "revisionId": own["revisionId"], "version": 1}
    assert await api.refuse("StatementSubmit", as_=token, **stale) == ("Conflict", "newer_version")
    assert (await scene.submit(token, own))["nextStep"] == "WAIT_FOR_TEACHER"
    row_id = await stage.value("select id from statement where id::text <> '' and author_id = $1", author.account_id)
    item = {"statementId": global_id("Statement", row_id), "revisionId": own["revisionId"], "version": 2}
    translated = await api.do("StatementTranslate", as_=teacher, **item, language="ti", text="ክንዛረብ ኣለና")
    assert translated["translation"]["isByAuthor"] is False
    approved = await api.do("StatementsApprove", as_=teacher, items=[item, {**item, "version": 9}])
    assert [one["outcome"] for one in approved["items"]] == ["WAITS_FOR_SECOND_KEY", None]
    assert approved["items"][1]["problem"]["__typename"] == "Conflict"
    assert (await api.run("Feed"))["edges"] == []
    await stage.decide(await stage.subject(row_id), Verdict.APPROVE)
    [edge] = (await api.run("Feed", filter={"search": "snake høyere", "language": "nb"}))["edges"]
    node = edge["node"]
    assert (node["author"]["pseudonym"], node["viewerHasSupported"]) == ("Fox A", False)
    assert (node["author"]["className"], {one["language"] for one in node["translations"]}) == ("9A", {"ti"})
    assert (await api.do("StatementSupport", as_=fans, statementId=node["id"]))["statement"]["viewerHasSupported"]
    assert await api.refuse("StatementSupport", as_=token, statementId=node["id"]) == ("NotAllowed", "own_statement")
    [mine] = (await api.run("OwnStatements", as_=token))["edges"]
    assert (mine["node"]["supportCount"], mine["node"]["nextStep"]) == (1, "SEE_IT_PUBLISHED")
    assert not (await api.do("StatementUnsupport", as_=fans, statementId=node["id"]))["statement"]["viewerHasSupported"]
    assert (await api.run("Statement", id=node["id"]))["campaign"]["id"] == scene.campaign
    assert await api.run("OwnStatement", as_=fans, id=own["id"]) is None
    withdrawn = await api.do("StatementWithdraw", as_=token, statementId=own["id"])
    assert (withdrawn["visibility"], withdrawn["nextStep"]) == ("WITHDRAWN", "NOTHING")
    assert await api.run("Statement", id=node["id"]) is None
    assert (await api.run("Feed"))["edges"] == []
    node_query = "query($id: ID!) { node(id: $id) { id } }"
    assert (await api.send(node_query, {"id": node["id"]}))["data"] == {"node": None}
    assert (await api.run("OwnStatement", as_=token, id=own["id"]))["visibility"] == "WITHDRAWN"


async def test_own_statements_tell_what_was_decided_about_each(scene: Scene) -> None:
    api, stage = scene.api, scene.stage
    author, other = await stage.student(), await stage.student()
    kept = await stage.publish(author, "Først.", audience=Audience.CITY)
    subject = await stage.hand_in(author, "Så.")
    await stage.decide(subject, Verdict.REJECT, reason=Reason.SPAM, words="Dette er reklame.")
    waits = await stage.hand_in(author, "Til slutt.", audience=Audience.CITY)
    await stage.teacher_key(waits)  # a first key is not news yet
    token = await scene.token(author.account_id)
    listed = {one["text"]: one for one in _nodes(await api.run("OwnStatements", as_=token, first=10))}
    assert [one["verdict"] for one in listed["Først."]["decisions"]] == ["APPROVE"]
    assert listed["Til slutt."]["decisions"] == []
    [told] = listed["Så."]["decisions"]
    assert (told["words"], told["reasons"]["reason"]["code"]) == ("Dette er reklame.", "SPAM")
    assert told["reasons"]["redress"]
    assert told["viewerMayAppealUntil"] is not None
    await api.do("AppealFile", as_=token, decisionId=told["id"], text="Det er ikke reklame.")
    single = await api.run("OwnStatement", as_=token, id=listed["Så."]["id"])
    assert (single["decisions"][0]["viewerAppeal"]["state"], single["nextStep"]) == ("FILED", "WAIT_FOR_APPEAL")
    stranger = await scene.token(other.account_id)
    assert await api.run("OwnStatement", as_=stranger, id=global_id("OwnStatement", kept)) is None


def _nodes(connection: Any) -> list[Any]:
    return [edge["node"] for edge in connection["edges"]]


async def test_mutations_without_anybody_signed_in_are_unauthenticated(scene: Scene) -> None:
    wording = {"text": "Hei", "language": "nb", "audience": "CITY"}
    draft = "mutation($i: StatementDraftInput!) { statementDraft(input: $i) { __typename } }"
    answer = await scene.api.send(draft, {"i": {"campaignId": scene.campaign, "wording": wording}})
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
