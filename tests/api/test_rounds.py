"""Rounds over HTTP with the documents that apps send: into the calendar, rewritten, paused, resumed, voided, read."""

import asyncio
from typing import Any

import pytest

from backend.core.clock import process_now
from backend.core.database import Database
from graphql_api.node_ids import global_id
from tests.api.client import Api
from tests.campaigns.stage import Stage, make_stage
from tests.places.town import sign_in
from tests.rounds.arena import DAY


@pytest.fixture
def stage(db: Database, runner: asyncio.Runner) -> Stage:
    return runner.run(make_stage(db))


async def token(stage: Stage) -> str:
    return await sign_in(stage.db, stage.town.secretariat.require_account())


def texts(text: str) -> list[dict[str, str]]:
    return [{"locale": "nb", "text": text}]


async def single(api: Api, stage: Stage, as_: str, **fields: Any) -> Any:
    now = process_now()
    times = {"opensAt": now.isoformat(), "closesAt": (now + 4 * DAY).isoformat()}
    campaign = global_id("Campaign", stage.campaign_id)
    return await api.do("RoundSchedule", as_=as_, campaignId=campaign, single=times, **fields)


async def test_round_is_scheduled_rewritten_paused_resumed_and_voided(api: Api, stage: Stage) -> None:
    as_ = await token(stage)
    topic = (await api.run("Campaign", id=global_id("Campaign", stage.campaign_id)))["topics"][1]
    [made] = (await single(api, stage, as_))["rounds"]
    assert made["state"] == "OPEN"
    page = {
        "prompt": texts("Hva er et hjem?"), "questions": [texts("Hvem bor der?")], "topicId": topic["id"],
        "vocabulary": [{"word": texts("et hjem"), "meaning": texts("der du bor")}],
    }  # fmt: skip
    assert (await api.do("RoundUpdate", as_=as_, roundId=made["id"], page=page))["prompt"] == "Hva er et hjem?"
    assert (await api.do("RoundPause", as_=as_, roundId=made["id"]))["state"] == "PAUSED"
    assert (await api.do("RoundResume", as_=as_, roundId=made["id"]))["state"] == "OPEN"
    shown = await api.run("Round", id=made["id"], locale="nb")
    assert shown["topic"] == topic
    assert (shown["questions"], shown["vocabulary"][0]["meaning"]) == (["Hvem bor der?"], "der du bor")
    assert shown["weights"] == {"quality": 50, "participation": 30, "voices": 20}
    assert len(shown["seedHash"]) == 64
    voided = await api.do("RoundVoid", as_=as_, roundId=made["id"], reason="Feil uke.")
    assert (voided["state"], voided["voidReason"]) == ("VOID", "Feil uke.")


async def test_weekly_rounds_are_listed_with_their_plan(api: Api, stage: Stage) -> None:
    as_, campaign = await token(stage), global_id("Campaign", stage.campaign_id)
    first = process_now().date() + 7 * DAY
    weekly = {
        "firstDay": first.isoformat(), "lastDay": (first + 27 * DAY).isoformat(), "closesAtTime": "14:30",
        "holidays": [{"firstDay": (first + 50 * DAY).isoformat(), "lastDay": (first + 51 * DAY).isoformat()}],
    }  # fmt: skip
    made = await api.do("RoundSchedule", as_=as_, campaignId=campaign, weekly=weekly)
    listed = await api.run("Rounds", campaignId=campaign, first=100)
    ids = [edge["node"]["id"] for edge in listed["rounds"]["edges"]]
    assert ids == [one["id"] for one in reversed(made["rounds"])]
    assert len(ids) >= 3
    assert (listed["weeklyPlan"]["opensOn"], listed["weeklyPlan"]["closesAtTime"]) == ("MONDAY", "14:30")
    assert listed["weeklyPlan"]["holidays"] == weekly["holidays"]
    assert (await api.run("Round", id=ids[0]))["seedHash"] is None
    archive = await api.run("Rounds", campaignId=campaign, onlyAnnounced=True)
    assert archive["rounds"]["edges"] == []


@pytest.mark.parametrize("given", [{}, {"weekly": {"firstDay": "2031-01-06", "lastDay": "2031-02-01"}}])
async def test_schedule_needs_exactly_one_kind(api: Api, stage: Stage, given: dict[str, Any]) -> None:
    as_, campaign = await token(stage), global_id("Campaign", stage.campaign_id)
    times = {"single": {"opensAt": "2031-01-06T08:00:00Z", "closesAt": "2031-01-09T08:00:00Z"}} if given else {}
    refused = await api.run("RoundSchedule", as_=as_, input={"campaignId": campaign, **given, **times})
    assert (refused["code"], refused["path"]) == ("weekly_or_single", ["single"])


async def test_time_of_day_that_is_none_names_its_field(api: Api, stage: Stage) -> None:
    as_, campaign = await token(stage), global_id("Campaign", stage.campaign_id)
    weekly = {"firstDay": "2031-01-06", "lastDay": "2031-02-01", "opensAtTime": "25:00"}
    refused = await api.run("RoundSchedule", as_=as_, input={"campaignId": campaign, "weekly": weekly})
    assert (refused["code"], refused["path"]) == ("time_of_day", ["weekly", "opensAtTime"])
