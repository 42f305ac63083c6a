"""Editors are told of a topic that a moderator has approved, once, and of nothing that nobody else sees."""

import pytest

from backend.topics import withdrawing
from moderation.rules import Reason, Verdict
from tests.campaigns.stage import Stage
from tests.topics.forum import decide, editor, notices, propose, report, shown


async def test_editors_are_told_of_a_topic_when_it_is_shown(stage: Stage) -> None:
    proposer, bosses = await stage.student(), [await editor(stage), await editor(stage)]
    waiting = await propose(stage, proposer)
    assert [await notices(stage, one) for one in bosses] == [[], []]
    await decide(stage, waiting, Verdict.APPROVE)
    assert [await notices(stage, one) for one in (*bosses, stage.town.secretariat)] == [
        ["topic_to_answer"], ["topic_to_answer"], [],
    ]  # fmt: skip
    subject = await stage.value("select subject_kind || subject_id from notice where kind = 'topic_to_answer' limit 1")
    assert subject == f"topic_proposal{waiting}"


async def test_secretariat_is_told_where_there_is_no_editor(stage: Stage) -> None:
    await shown(stage, await stage.student())
    assert await notices(stage, stage.town.secretariat) == ["topic_to_answer"]


async def test_topic_that_comes_back_is_not_told_again(stage: Stage) -> None:
    boss, proposal_id = await editor(stage), await shown(stage, await stage.student())
    await report(stage, stage.second, proposal_id)
    assert await stage.value("select state from topic_proposal") == "HIDDEN"
    await decide(stage, proposal_id, Verdict.KEEP)
    assert await stage.value("select state from topic_proposal") == "SHOWN"
    assert await notices(stage, boss) == ["topic_to_answer"]


@pytest.mark.parametrize("end", ["returned", "rejected", "withdrawn"])
async def test_topic_that_is_not_shown_is_not_told(stage: Stage, end: str) -> None:
    proposer, boss = await stage.student(), await editor(stage)
    proposal_id = await propose(stage, proposer)
    if end == "withdrawn":
        await withdrawing.withdraw_topic(stage.db, proposer, proposal_id)
    elif end == "returned":
        await decide(stage, proposal_id, Verdict.REQUEST_CHANGES, reason=Reason.SPAM, words="Kan du si det kortere?")
    else:
        await decide(stage, proposal_id, Verdict.REJECT, reason=Reason.SPAM)
    assert await notices(stage, boss) == []
