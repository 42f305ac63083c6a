"""A proposal before its moderators: who decides, what each decision does, reports, appeals, and what is described."""

import pytest

from backend.core.errors import NotFound
from backend.core.ids import Id
from backend.core.paging import PageRequest
from backend.core.viewer import Role, ScopeKind, Viewer
from backend.topics.rules import ProposalState
from backend.topics.subject import TopicSubject
from backend.topics.withdrawing import withdraw_topic
from moderation.appeal_rules import AppealState
from moderation.appeals import Answer, decide_appeal, file_appeal
from moderation.queue_store import QueueFilter
from moderation.queueing import list_for_teacher, list_queue
from moderation.report_rules import Category
from moderation.rules import Reason, Verdict
from tests.campaigns.stage import Stage, reading_nb
from tests.places.town import give, staff, viewer_of
from tests.topics.forum import DESK, NAME, WHY, choose, decide, editor, propose, report, sees, shown, state_of


async def queue(stage: Stage, who: Viewer) -> list[Id]:
    """What waits for a moderator now, by subject."""
    page = await list_queue(stage.db, who, QueueFilter(), PageRequest(50))
    return [row.subject_id for row in page.rows]


async def test_it_lies_before_moderators_at_once_and_never_before_the_teacher(stage: Stage) -> None:
    proposal_id = await propose(stage, await stage.student(), why="Jeg vil ikke leve mer.")
    assert await queue(stage, stage.moderator) == [proposal_id]
    assert list((await list_for_teacher(stage.db, stage.teacher, PageRequest(50))).rows) == []
    with pytest.raises(NotFound):
        await decide(stage, proposal_id, Verdict.APPROVE, who=stage.teacher)
    assert await state_of(stage, proposal_id) is ProposalState.WAITING


async def test_moderator_who_teaches_the_proposer_does_not_decide(stage: Stage) -> None:
    town, proposal_id = stage.town, await propose(stage, await stage.student())
    both = stage.second.require_account()
    await give(stage.db, town.admin, both, Role.TEACHER, ScopeKind.CLASS, town.school_class.id)
    teaching = reading_nb(await viewer_of(stage.db, both))
    assert await queue(stage, teaching) == []
    with pytest.raises(NotFound):
        await decide(stage, proposal_id, Verdict.APPROVE, who=teaching)
    await decide(stage, proposal_id, Verdict.APPROVE)
    assert await state_of(stage, proposal_id) is ProposalState.SHOWN


async def test_contact_details_are_held_and_told_to_the_moderator(stage: Stage) -> None:
    proposal_id = await propose(stage, await stage.student(), why="Ring meg på 48 12 34 56.")
    assert await stage.value("select tags from moderation_case where subject_id = $1", proposal_id) == [
        "contact_details"
    ]
    assert await stage.value("select is_held from moderation_case where subject_id = $1", proposal_id)
    await decide(stage, proposal_id, Verdict.APPROVE)
    assert await state_of(stage, proposal_id) is ProposalState.SHOWN


@pytest.mark.parametrize(
    ("verdict", "state", "kind"),
    [
        (Verdict.APPROVE, ProposalState.SHOWN, "moderation_approved"),
        (Verdict.REJECT, ProposalState.REJECTED, "moderation_rejected"),
        (Verdict.REQUEST_CHANGES, ProposalState.RETURNED, "moderation_changes_requested"),
    ],
)
async def test_each_verdict_does_what_it_says_and_tells_the_proposer(
    stage: Stage, verdict: Verdict, state: ProposalState, kind: str
) -> None:
    proposer, other = await stage.student(), await stage.student()
    proposal_id = await propose(stage, proposer)
    words = "Uten navn, er du snill." if verdict is Verdict.REQUEST_CHANGES else None
    reason = None if verdict is Verdict.APPROVE else Reason.PERSONAL_DATA
    await decide(stage, proposal_id, verdict, reason=reason, words=words)
    assert await state_of(stage, proposal_id) is state
    assert await sees(stage, other, proposal_id) is (state is ProposalState.SHOWN)
    told = "select count(*) from notice where account_id = $1 and kind = $2"
    assert await stage.value(told, proposer.account_id, kind) == 1
    await propose(stage, proposer)  # in other words


@pytest.mark.parametrize(
    ("verdict", "answer", "state"),
    [
        (Verdict.REJECT, AppealState.OVERTURNED, ProposalState.SHOWN),
        (Verdict.REJECT, AppealState.PARTLY, ProposalState.RETURNED),
        (Verdict.REJECT, AppealState.UPHELD, ProposalState.REJECTED),
        (Verdict.REQUEST_CHANGES, AppealState.OVERTURNED, ProposalState.SHOWN),
        (Verdict.REQUEST_CHANGES, AppealState.UPHELD, ProposalState.RETURNED),
    ],
)
async def test_appeal_against_a_refusal(
    stage: Stage, verdict: Verdict, answer: AppealState, state: ProposalState
) -> None:
    proposer, other = await stage.student(), await stage.student()
    proposal_id = await propose(stage, proposer)
    decided = await decide(stage, proposal_id, verdict, reason=Reason.SPAM, words="Nei.")
    filed = await file_appeal(stage.db, DESK, proposer, decision_id=decided.decision.id, text="Jo.")
    await decide_appeal(stage.db, DESK, stage.second, filed.id, Answer(answer, "Svar.", "nb"))
    assert await state_of(stage, proposal_id) is state
    assert await sees(stage, other, proposal_id) is (state is ProposalState.SHOWN)


async def test_answer_to_an_appeal_shows_nothing_that_was_withdrawn_or_lost_its_consent(stage: Stage) -> None:
    for uncovered in (False, True):
        proposer = await stage.student()
        proposal_id = await propose(stage, proposer)
        decided = await decide(stage, proposal_id, Verdict.REJECT, reason=Reason.SPAM)
        filed = await file_appeal(stage.db, DESK, proposer, decision_id=decided.decision.id, text="Jo.")
        if uncovered:
            async with stage.db.transaction() as tx:
                await tx.execute("update consent set withdrawn_at = now() where account_id = $1", proposer.account_id)
        else:
            await withdraw_topic(stage.db, proposer, proposal_id)
        await decide_appeal(stage.db, DESK, stage.second, filed.id, Answer(AppealState.OVERTURNED, "Ja.", "nb"))
        assert await state_of(stage, proposal_id) is ProposalState.WITHDRAWN


async def test_three_reporters_of_two_classes_hide_until_somebody_has_looked(stage: Stage) -> None:
    proposer, boss, reader = await stage.student(), await editor(stage), await stage.student()
    proposal_id = await shown(stage, proposer)
    await choose(stage, boss, proposal_id)
    other_class = stage.town.other_class.id
    reporters = [await stage.student(), await stage.student(), await stage.student(class_id=other_class)]
    for one in reporters:
        await report(stage, one, proposal_id)
        await report(stage, one, proposal_id)  # again is the same
    assert await state_of(stage, proposal_id) is ProposalState.HIDDEN
    assert not await sees(stage, reader, proposal_id)
    assert await queue(stage, stage.moderator) == [proposal_id]
    await decide(stage, proposal_id, Verdict.KEEP)
    assert await state_of(stage, proposal_id) is ProposalState.CHOSEN  # with its answer
    assert await sees(stage, reader, proposal_id)


async def test_removed_comes_back_by_an_appeal_alone(stage: Stage) -> None:
    proposer, reader = await stage.student(), await stage.student()
    proposal_id = await shown(stage, proposer)
    await report(stage, stage.second, proposal_id, Category.HATE)
    decided = await decide(stage, proposal_id, Verdict.REMOVE, reason=Reason.LAW)
    assert await state_of(stage, proposal_id) is ProposalState.REMOVED
    filed = await file_appeal(stage.db, DESK, proposer, decision_id=decided.decision.id, text="Det er lov.")
    place = (ScopeKind.CITY, stage.town.city.id)
    fresh = reading_nb(await staff(stage.db, stage.town.secretariat, Role.MODERATOR, *place))
    await decide_appeal(stage.db, DESK, fresh, filed.id, Answer(AppealState.OVERTURNED, "Du har rett.", "nb"))
    assert await sees(stage, reader, proposal_id)


async def test_only_who_sees_it_reports_it(stage: Stage) -> None:
    proposer, classmate = await stage.student(), await stage.student()
    waiting, visible = await propose(stage, proposer), await shown(stage, proposer)
    for who, proposal_id in (
        (classmate, waiting), (await stage.outsider(), visible), (await stage.student(confirmed=False), visible)
    ):  # fmt: skip
        with pytest.raises(NotFound):
            await report(stage, who, proposal_id)
    assert await stage.value("select count(*) from subject_report") == 0


async def test_what_moderation_reads_is_the_whole_text_in_one_statement(stage: Stage) -> None:
    proposer, handler = await stage.student(), TopicSubject()
    ids = [await shown(stage, proposer, f"{NAME} {one}") for one in range(3)]
    waiting = await propose(stage, proposer)
    async with stage.db.reading() as conn:
        views = await handler.describe(conn, [*ids, waiting])
        assert views == await handler.describe_revisions(conn, [*ids, waiting])
        assert await handler.visible_ids(conn, stage.moderator, [*ids, waiting]) == set(ids)
    view = views[waiting]
    assert (view.text, view.author_id, view.version) == (f"{NAME}\n\n{WHY}", proposer.account_id, 1)
    assert (view.is_visible, view.is_withdrawn, view.state) == (False, False, "WAITING")
    assert view.place.city_id == stage.town.city.id
    assert [views[one].is_visible for one in ids] == [True] * 3
