"""The editor's answer to a proposal: topics that a round can use, corrections, races, and the clock."""

import asyncio
import dataclasses
from datetime import timedelta

import pytest

from backend.campaigns import running
from backend.campaigns.store import campaigns as campaign_store
from backend.core.clock import process_now, time_shifted
from backend.core.errors import Closed, Conflict, NotAllowed, NotFound, ValidationFailed
from backend.core.ids import Id, new_id
from backend.core.viewer import Role, Viewer
from backend.rounds import scheduling
from backend.rounds.page import TopicPage, check_topic
from backend.rounds.scheduling import Single
from backend.rounds.store import rounds as round_store
from backend.topics.answering import NewAnswer, answer_topic
from backend.topics.rules import Answer, ProposalState
from backend.topics.supporting import support_topic
from backend.topics.withdrawing import withdraw_topic
from backend.topics.work import remind_overdue
from moderation.rules import Verdict
from tests.campaigns.stage import Stage
from tests.topics.forum import (
    SETTINGS,
    at_one_moment,
    choose,
    decide,
    decline,
    editor,
    listed,
    look,
    notices,
    propose,
    report,
    row_of,
    sees,
    shown,
    state_of,
    topics_of,
    waiting_for_locks,
)

SHOWN_TWICE = ["topic_to_answer"] * 2


async def test_chosen_one_becomes_a_topic_that_a_round_can_use(stage: Stage) -> None:
    proposer, supporter, boss = await stage.student(), await stage.student(), await editor(stage)
    proposal_id = await shown(stage, proposer)
    await support_topic(stage.db, supporter, proposal_id)
    await choose(stage, boss, proposal_id)
    assert await topics_of(stage) == ["Skolen", "Byen", "Skoleveien"]
    seen = await look(stage, supporter, proposal_id)
    assert (seen.row.state, seen.row.topic_name) == (
        ProposalState.CHOSEN, {"nb": "Skoleveien", "en": "The way to school"},
    )  # fmt: skip
    assert await notices(stage, proposer) == ["topic_chosen"]
    assert await notices(stage, supporter) == ["supported_topic_chosen"]
    assert await notices(stage, await stage.student()) == []
    row = await row_of(stage, proposal_id)
    assert row.answered_by == boss.account_id
    opens_at = process_now() + timedelta(hours=1)
    round_id = await scheduling.schedule_single(
        stage.db, boss, stage.campaign_id, Single(opens_at, opens_at + timedelta(days=4)),
        content=TopicPage({"nb": "Hva skjer på veien?"}, topic_id=row.topic_id),
    )  # fmt: skip
    assert await stage.value("select topic_id from round where id = $1", round_id) == row.topic_id
    assert await stage.draft(supporter, topic_id=row.topic_id)
    with pytest.raises(Conflict, match="wrong_state"):
        await support_topic(stage.db, await stage.student(), proposal_id)
    assert not await support_topic(stage.db, supporter, proposal_id)  # sent again, with the first answer lost


async def test_declined_one_tells_everybody_who_sees_it_why(stage: Stage) -> None:
    proposer, supporter, other = await stage.student(), await stage.student(), await stage.student()
    proposal_id, boss = await shown(stage, proposer), await editor(stage)
    await support_topic(stage.db, supporter, proposal_id)
    await decline(stage, boss, proposal_id)
    for who in (proposer, supporter, other, stage.teacher):
        seen = await look(stage, who, proposal_id)
        assert (seen.row.state, seen.row.reason) == (ProposalState.DECLINED, {"nb": "Vi hadde det i fjor."})
    assert await notices(stage, proposer) == ["topic_declined"]
    assert await notices(stage, supporter) == ["supported_topic_declined"]
    assert await topics_of(stage) == ["Skolen", "Byen"]


async def test_who_may_not_answer(stage: Stage) -> None:
    proposer, classmate, boss = await stage.student(), await stage.student(), await editor(stage)
    proposal_id, waiting = await shown(stage, proposer), await propose(stage, proposer)
    student_editor = await editor(stage, role=Role.STUDENT_EDITOR, by=boss)
    for who in (proposer, classmate, stage.teacher, stage.moderator, student_editor):
        with pytest.raises(NotAllowed):
            await decline(stage, who, proposal_id)
    for who in (await stage.outsider(), await stage.student(confirmed=False)):
        with pytest.raises(NotFound):
            await decline(stage, who, proposal_id)
    with pytest.raises(NotAllowed, match="account_restricted"):
        await decline(stage, dataclasses.replace(boss, is_restricted=True), proposal_id)
    for hidden in (waiting, new_id()):
        with pytest.raises(NotFound):
            await decline(stage, boss, hidden)
    assert (await row_of(stage, proposal_id)).answer is None
    assert await stage.value("select count(*) from topic") == 2
    await decline(stage, stage.town.secretariat, proposal_id)


@pytest.mark.parametrize(
    ("new", "path"),
    [
        (NewAnswer(Answer.CHOSEN, {}, {}), "name"),
        (NewAnswer(Answer.CHOSEN, {"nb": "x" * 81}, {}), "name"),
        (NewAnswer(Answer.CHOSEN, {"tlh": "x"}, {}), "name"),
        (NewAnswer(Answer.CHOSEN, {"nb": "Veien"}, {"nb": "Derfor."}), "reason"),
        (NewAnswer(Answer.DECLINED, {}, {}), "reason"),
        (NewAnswer(Answer.DECLINED, {}, {"nb": " "}), "reason"),
        (NewAnswer(Answer.DECLINED, {}, {"nb": "x" * 501}), "reason"),
        (NewAnswer(Answer.DECLINED, {"nb": "Veien"}, {"nb": "Derfor."}), "name"),
    ],
)
async def test_answer_that_lacks_or_mixes_texts_is_refused(stage: Stage, new: NewAnswer, path: str) -> None:
    proposal_id, boss = await shown(stage, await stage.student()), await editor(stage)
    with pytest.raises(ValidationFailed) as caught:
        await answer_topic(stage.db, boss, SETTINGS, proposal_id, new, seen=ProposalState.SHOWN)
    assert caught.value.path == (path,)
    assert (await row_of(stage, proposal_id)).answer is None


async def test_same_answer_again_is_harmless(stage: Stage) -> None:
    proposer, boss = await stage.student(), await editor(stage)
    chosen, declined = await shown(stage, proposer), await shown(stage, proposer)
    for _ in range(2):
        await choose(stage, boss, chosen)
        await decline(stage, boss, declined)
    assert await topics_of(stage) == ["Skolen", "Byen", "Skoleveien"]
    assert await notices(stage, proposer) == ["topic_chosen", "topic_declined"]


async def test_two_answers_at_the_same_time_leave_the_first_one(stage: Stage) -> None:
    proposer, bosses = await stage.student(), [await editor(stage), await editor(stage)]
    for _ in range(3):
        proposal_id = await shown(stage, proposer)
        topics = await topics_of(stage)
        answers = (choose(stage, bosses[0], proposal_id), decline(stage, bosses[1], proposal_id))
        done, failed = await at_one_moment(stage, "topic_proposal", proposal_id, *answers)
        state = await state_of(stage, proposal_id)
        assert (len(done), len(failed)) == (1, 1)
        assert isinstance(failed[0], Conflict)
        assert failed[0].state == state
        assert len(await topics_of(stage)) == len(topics) + (state is ProposalState.CHOSEN)
    assert len(await notices(stage, proposer)) == 3


async def test_answer_is_corrected_while_nothing_uses_the_topic(stage: Stage) -> None:
    proposer, boss = await stage.student(), await editor(stage)
    proposal_id = await shown(stage, proposer)
    await choose(stage, boss, proposal_id)
    topic_id = (await row_of(stage, proposal_id)).topic_id
    with pytest.raises(Conflict) as caught:
        await choose(stage, boss, proposal_id, "Gangveien")
    assert caught.value.state == "CHOSEN"
    await choose(stage, boss, proposal_id, "Gangveien", seen=ProposalState.CHOSEN)
    assert await topics_of(stage) == ["Skolen", "Byen", "Gangveien"]
    assert (await row_of(stage, proposal_id)).topic_id == topic_id
    await decline(stage, boss, proposal_id, seen=ProposalState.CHOSEN)
    assert await topics_of(stage) == ["Skolen", "Byen"]
    await decline(stage, boss, proposal_id, "Vi har det til høsten.", seen=ProposalState.DECLINED)
    assert (await row_of(stage, proposal_id)).reason == {"nb": "Vi har det til høsten."}
    await choose(stage, boss, proposal_id, seen=ProposalState.DECLINED)
    row = await row_of(stage, proposal_id)
    assert (row.state, row.reason, row.topic_id != topic_id) == (ProposalState.CHOSEN, None, True)
    assert await notices(stage, proposer) == [
        "topic_chosen", "topic_chosen", "topic_declined", "topic_declined", "topic_chosen",
    ]  # fmt: skip


async def test_topics_can_be_added_after_one_in_the_middle_was_taken_back(stage: Stage) -> None:
    boss, proposer = await editor(stage), await stage.student()
    first, second, third = [await shown(stage, proposer, f"Tema {one}") for one in range(3)]
    await choose(stage, boss, first, "Første")
    await choose(stage, boss, second, "Andre")
    await decline(stage, boss, first, seen=ProposalState.CHOSEN)
    await choose(stage, boss, third, "Tredje")
    assert await topics_of(stage) == ["Skolen", "Byen", "Andre", "Tredje"]


async def used_by_round(stage: Stage, boss: Viewer, topic_id: Id) -> None:
    opens_at = process_now() + timedelta(hours=1)
    times = Single(opens_at, opens_at + timedelta(days=4))
    content = TopicPage({"nb": "Hva skjer?"}, topic_id=topic_id)
    await scheduling.schedule_single(stage.db, boss, stage.campaign_id, times, content=content)


async def used_by_statement(stage: Stage, boss: Viewer, topic_id: Id) -> None:
    await stage.draft(await stage.student(), topic_id=topic_id)


@pytest.mark.parametrize("use", [used_by_round, used_by_statement])
async def test_answer_stays_once_a_round_or_a_statement_uses_the_topic(stage: Stage, use: object) -> None:
    boss = await editor(stage)
    proposal_id = await shown(stage, await stage.student())
    await choose(stage, boss, proposal_id)
    await use(stage, boss, (await row_of(stage, proposal_id)).topic_id)  # type: ignore[operator]
    for correct in (decline(stage, boss, proposal_id, seen=ProposalState.CHOSEN),
                    choose(stage, boss, proposal_id, "Annet", seen=ProposalState.CHOSEN)):  # fmt: skip
        with pytest.raises(Conflict, match="topic_in_use"):
            await correct
    assert await topics_of(stage) == ["Skolen", "Byen", "Skoleveien"]


async def test_correction_waits_for_whoever_is_about_to_use_the_topic_and_is_refused(stage: Stage) -> None:
    boss = await editor(stage)
    proposal_id = await shown(stage, await stage.student())
    await choose(stage, boss, proposal_id)
    topic_id = (await row_of(stage, proposal_id)).topic_id
    opens_at = process_now() + timedelta(hours=1)
    times = Single(opens_at, opens_at + timedelta(days=4))
    round_id = await scheduling.schedule_single(stage.db, boss, stage.campaign_id, times)
    async with stage.db.transaction() as tx:  # as `rounds.running.update_round` does
        await check_topic(tx, stage.campaign_id, topic_id)
        correction = asyncio.ensure_future(decline(stage, boss, proposal_id, seen=ProposalState.CHOSEN))
        await waiting_for_locks(stage, 1)
        await round_store.set_page(tx, round_id, prompt={}, questions=[], vocabulary=[], topic_id=topic_id)
    with pytest.raises(Conflict, match="topic_in_use"):
        await correction
    assert await topics_of(stage) == ["Skolen", "Byen", "Skoleveien"]


async def test_whoever_comes_to_use_a_topic_while_it_is_taken_back_does_not_find_it(stage: Stage) -> None:
    boss, student = await editor(stage), await stage.student()
    proposal_id = await shown(stage, student)
    await choose(stage, boss, proposal_id)
    topic_id = (await row_of(stage, proposal_id)).topic_id
    assert topic_id is not None
    async with stage.db.transaction() as tx:  # as the correction does
        await campaign_store.lock_topic(tx, topic_id)
        drafting = asyncio.ensure_future(stage.draft(student, topic_id=topic_id))
        await waiting_for_locks(stage, 1)
        await campaign_store.remove_topic(tx, topic_id)
    with pytest.raises(NotFound):
        await drafting
    assert await stage.value("select count(*) from statement") == 0


async def test_closed_campaign_still_owes_an_answer_and_gets_no_more_topics(stage: Stage) -> None:
    boss, proposer = await editor(stage), await stage.student()
    proposal_id = await shown(stage, proposer)
    await running.close_campaign(stage.db, stage.town.secretariat, stage.campaign_id)
    assert await sees(stage, proposer, proposal_id)
    with pytest.raises(Closed):
        await choose(stage, boss, proposal_id)
    await decline(stage, boss, proposal_id)
    assert await state_of(stage, proposal_id) is ProposalState.DECLINED


async def test_campaign_with_as_many_topics_as_it_can_have_takes_no_more(stage: Stage) -> None:
    boss = await editor(stage)
    proposal_id = await shown(stage, await stage.student())
    async with stage.db.transaction() as tx:
        await running.add_topics(tx, stage.campaign_id, [{"nb": "Tema"}] * 28, field="topics")
    with pytest.raises(ValidationFailed, match="too_many_topics"):
        await choose(stage, boss, proposal_id)
    assert await state_of(stage, proposal_id) is ProposalState.SHOWN


async def test_withdrawn_at_any_time_and_the_topic_made_of_it_stays(stage: Stage) -> None:
    proposer, other, boss = await stage.student(), await stage.student(), await editor(stage)
    waiting, seen, chosen = await propose(stage, proposer), await shown(stage, proposer), await shown(stage, proposer)
    await choose(stage, boss, chosen)
    with pytest.raises(NotFound):
        await withdraw_topic(stage.db, other, seen)
    restricted = dataclasses.replace(proposer, is_restricted=True)
    for one in (waiting, seen, chosen, chosen):
        await withdraw_topic(stage.db, restricted, one)
        assert await state_of(stage, one) is ProposalState.WITHDRAWN
        assert [await sees(stage, who, one) for who in (proposer, other, boss)] == [True, False, False]
        with pytest.raises(NotFound):
            await decline(stage, boss, one)
    assert await topics_of(stage) == ["Skolen", "Byen", "Skoleveien"]
    assert await stage.value("select count(*) from moderation_case where state <> 'CLOSED'") == 0
    with pytest.raises(Conflict):
        await decide(stage, waiting, Verdict.APPROVE)
    assert await state_of(stage, waiting) is ProposalState.WITHDRAWN


async def test_list_is_narrowed_to_states_and_to_what_the_viewer_sees(stage: Stage) -> None:
    proposer, other, boss = await stage.student(), await stage.student(), await editor(stage)
    waiting, seen = await propose(stage, proposer), await shown(stage, proposer)
    chosen, declined = await shown(stage, proposer), await shown(stage, proposer)
    await choose(stage, boss, chosen)
    await decline(stage, boss, declined)
    assert await listed(stage, other) == [declined, chosen, seen]
    assert await listed(stage, proposer) == [declined, chosen, seen, waiting]
    assert await listed(stage, boss, ProposalState.SHOWN) == [seen]
    assert await listed(stage, other, ProposalState.CHOSEN, ProposalState.DECLINED) == [declined, chosen]
    assert await listed(stage, other, ProposalState.WAITING) == []
    assert await listed(stage, proposer, ProposalState.WAITING) == [waiting]


async def test_overdue_by_the_clock_and_editors_are_reminded_once(stage: Stage) -> None:
    proposer, bosses = await stage.student(), [await editor(stage), await editor(stage)]
    await editor(stage, role=Role.CAMPAIGN_JUROR)
    late, answered, waiting = await shown(stage, proposer), await shown(stage, proposer), await propose(stage, proposer)
    await decline(stage, bosses[0], answered)
    with time_shifted(timedelta(days=13, hours=23)):
        assert not (await look(stage, proposer, late)).is_overdue
        assert await remind_overdue(stage.db) == 0
    with time_shifted(timedelta(days=14, minutes=1)):
        assert [(await look(stage, proposer, one)).is_overdue for one in (late, answered, waiting)] == [
            True, False, False,
        ]  # fmt: skip
        done, failed = await at_one_moment(stage, "topic_proposal", late, *(remind_overdue(stage.db) for _ in range(4)))
        assert (sum(done), failed) == (1, [])
        assert await remind_overdue(stage.db) == 0
        assert [await notices(stage, one) for one in bosses] == [[*SHOWN_TWICE, "topic_answer_overdue"]] * 2
        assert await stage.value("select count(*) from notice where kind = 'topic_answer_overdue'") == 2
        await decline(stage, bosses[0], late)  # late is better than never
        assert not (await look(stage, proposer, late)).is_overdue


async def test_secretariat_is_reminded_where_there_is_no_editor(stage: Stage) -> None:
    hidden, late = await shown(stage, await stage.student()), await shown(stage, await stage.student())
    await report(stage, stage.second, hidden)
    with time_shifted(timedelta(days=15)):
        assert await remind_overdue(stage.db) == 1
    assert await notices(stage, stage.town.secretariat) == [*SHOWN_TWICE, "topic_answer_overdue"]
    assert await stage.value("select subject_id from notice where kind = 'topic_answer_overdue'") == late
