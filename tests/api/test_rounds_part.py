"""Taking part over HTTP with the documents that apps send: my week, entering, opting out, reflecting, joining."""

import asyncio
from typing import Any

import pytest

from backend.campaigns.rules import Audience
from backend.core.clock import process_now
from backend.core.database import Database
from backend.core.ids import Id
from backend.core.viewer import Viewer
from backend.rounds import scheduling
from backend.rounds.scheduling import Single
from graphql_api.node_ids import global_id
from tests.api.client import Api
from tests.campaigns.stage import Stage, make_stage
from tests.places.town import sign_in
from tests.rounds.arena import DAY


@pytest.fixture
def stage(db: Database, runner: asyncio.Runner) -> Stage:
    return runner.run(make_stage(db))


async def token(stage: Stage, who: Viewer) -> str:
    return await sign_in(stage.db, who.require_account())


async def open_round(stage: Stage) -> str:
    """A round that has just opened; whoever sits in a class by now counts."""
    now = process_now()
    async with stage.db.transaction() as tx:
        await tx.execute("update seat set confirmed_at = $1 where confirmed_at is not null", now - DAY)
    times = Single(now, now + 4 * DAY)
    return global_id(
        "Round", await scheduling.schedule_single(stage.db, stage.town.secretariat, stage.campaign_id, times)
    )


async def test_student_walks_through_the_week(api: Api, stage: Stage) -> None:
    student = await stage.student()
    as_ = await token(stage, student)
    assert await api.run("MyWeek", as_=as_) == []
    round_id = await open_round(stage)
    [week] = await api.run("MyWeek", as_=as_, locale="nb")
    assert (week["round"]["id"], week["schoolClass"]["name"], week["isTeacher"]) == (round_id, "9A", False)
    assert 4 * 86_400 - 600 < week["secondsLeft"] <= 4 * 86_400
    assert week["participationPercent"] is None
    assert week["own"] == own("SAY_SOMETHING_OR_REFLECT")
    text = "Vi trenger en bro."
    draft = await stage.draft(student, text, audience=Audience.CITY)
    statement_id = global_id("OwnStatement", draft)
    refused = await api.run("RoundEnter", as_=as_, input={"roundId": round_id, "statementId": statement_id})
    assert (refused["code"], refused["currentState"], refused["path"]) == (
        "statement_not_handed_in", "DRAFT", ["statementId"]
    )  # fmt: skip
    await stage.submit(student, draft)
    entered = {"id": statement_id, "text": text}
    waiting = own("WAIT_FOR_APPROVAL", entered=entered)
    assert await part(api, "RoundEnter", as_, roundId=round_id, statementId=statement_id) == waiting
    out = {**waiting, "isOptedOut": True, "entered": None}
    assert await part(api, "RoundOptOut", as_, roundId=round_id) == out
    assert await part(api, "RoundOptIn", as_, roundId=round_id) == waiting
    reflected = {"hasDoneTask": True, "hasReflected": True}
    assert await part(api, "ReflectionMark", as_, roundId=round_id) == own("NOTHING", entered=entered, **reflected)
    [week] = await api.run("MyWeek", as_=as_)
    assert week["own"]["hasReflected"]
    assert await part(api, "ReflectionUnmark", as_, roundId=round_id) == waiting


def own(todo: str, **changes: Any) -> dict[str, Any]:
    nothing = {"todo": todo, "hasDoneTask": False, "hasReflected": False, "isOptedOut": False, "entered": None}
    return {**nothing, **changes}


async def part(api: Api, name: str, as_: str, **given: str) -> Any:
    [week] = (await api.do(name, as_=as_, **given))["weeks"]
    return week["own"]


async def test_teacher_sees_the_same_before_and_after_a_reflection(api: Api, stage: Stage) -> None:
    students = [await stage.student() for _ in range(5)]
    round_id = await open_round(stage)
    teacher, classmate = await token(stage, stage.teacher), await token(stage, students[1])
    before = [await everything(api, stage, one) for one in (teacher, classmate)]
    assert before[0]["week"][0]["isTeacher"]
    for student in (students[0], *students[2:]):
        as_ = await token(stage, student)
        await api.do("ReflectionMark", as_=as_, roundId=round_id)
        await api.do("RoundOptOut", as_=as_, roundId=round_id)
    assert await stage.value("select count(*) from reflection") == 4
    assert [await everything(api, stage, one) for one in (teacher, classmate)] == before


async def everything(api: Api, stage: Stage, as_: str) -> dict[str, Any]:
    """All that is told about the class and its round, but for the seconds."""
    class_id = global_id("SchoolClass", stage.town.school_class.id)
    campaign_id = global_id("Campaign", stage.campaign_id)
    week = await api.run("MyWeek", as_=as_)
    for row in week:
        del row["secondsLeft"]
    return {
        "week": week,
        "rounds": await api.run("Rounds", as_=as_, campaignId=campaign_id),
        "class": await api.run("SchoolClass", as_=as_, id=class_id),
        "progress": await api.run("ClassProgress", as_=as_, classId=class_id, campaignId=campaign_id),
        "inbox": await api.run("ViewerInbox", as_=as_),
    }


async def test_who_does_not_sit_in_a_class_is_told_so(api: Api, stage: Stage) -> None:
    await stage.student()
    round_id = await open_round(stage)
    as_ = await token(stage, await stage.outsider())
    assert await api.run("MyWeek", as_=as_) == []
    for name in ("RoundOptOut", "RoundOptIn", "ReflectionMark", "ReflectionUnmark"):
        assert await api.refuse(name, as_=as_, roundId=round_id) == ("NotAllowed", "no_seat_at_opening")
    assert await stage.value("select count(*) from entry_choice") == 0
    assert await stage.value("select count(*) from reflection") == 0
    answer = await api.send("{ myWeek { closesAt } }")
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def class_ids(stage: Stage) -> list[str]:
    return [global_id("SchoolClass", one.id) for one in (stage.town.school_class, stage.town.other_class)]


async def test_classes_are_joined_listed_and_separated(api: Api, stage: Stage) -> None:
    admin, teacher = await token(stage, stage.town.admin), await token(stage, stage.teacher)
    campaign_id, ids = global_id("Campaign", stage.campaign_id), class_ids(stage)
    made = await api.do("ClassesJoin", as_=admin, campaignId=campaign_id, classIds=ids)
    assert [(one["classId"], one["name"]) for one in made["classes"]] == list(zip(ids, ("9A", "9B"), strict=True))
    assert (made["campaign"]["id"], made["endedAt"]) == (campaign_id, None)
    # The teacher of one of them knows with whom it competes, and may end it.
    [listed] = await api.run("ClassUnions", as_=teacher, classId=ids[0])
    assert {"__typename": "ClassUnion", **listed} == made
    assert await api.run("ClassUnions", as_=teacher, classId=ids[1]) == []
    ended = await api.do("ClassesSeparate", as_=teacher, unionId=made["id"])
    assert ended["endedAt"] is not None
    assert await api.run("ClassUnions", as_=teacher, classId=ids[0]) == []


async def test_hidden_class_and_none_at_all_are_answered_the_same(api: Api, stage: Stage) -> None:
    teacher, campaign_id, ids = await token(stage, stage.teacher), global_id("Campaign", stage.campaign_id), []
    for hidden in (stage.town.other_class.id, Id(int=0)):
        given = {"campaignId": campaign_id, "classIds": [class_ids(stage)[0], global_id("SchoolClass", hidden)]}
        ids.append(await api.run("ClassesJoin", as_=teacher, input=given))
    assert ids[0] == ids[1]
    assert (ids[0]["__typename"], ids[0]["path"]) == ("NotFound", ["classIds"])
    assert await stage.value("select count(*) from class_union") == 0
