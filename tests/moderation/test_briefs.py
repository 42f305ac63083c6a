"""What authors, reporters and reviewers are shown, and what they are not."""

import pytest

from backend.core.errors import Conflict
from backend.core.paging import PageRequest
from backend.core.viewer import ANONYMOUS, Viewer
from moderation.appeal_briefs import find_visible_appeals, list_appeals
from moderation.appeal_rules import Side
from moderation.appeals import file_appeal
from moderation.briefs import DecisionBrief, brief_decisions, list_decisions_for, list_own_reports
from moderation.keys import teacher_keys
from moderation.queue_store import QueueFilter
from moderation.report_rules import Category
from moderation.reporting import report_subject
from moderation.reviewing import own_reports_by_id, queue_page
from moderation.rules import Reason, Verdict
from tests.moderation.conftest import World, sealed
from tests.moderation.notes import DESK

FIRST = PageRequest(size=20)


async def decisions(world: World, who: Viewer) -> list[DecisionBrief]:
    return list((await list_decisions_for(world.db, DESK, who, FIRST)).rows)


async def test_author_sees_words_and_reasons_and_reporters_the_outcome_only(world: World) -> None:
    subject, case_id = await world.publish()
    reporter = world.student()
    await report_subject(
        world.db, DESK, reporter, kind="note", subject_id=subject.id, category=Category.HATE, note="Se her."
    )
    await world.decide(subject, case_id, Verdict.HIDE, reason=Reason.LAW, words="Dette er ulovlig.")
    own, theirs = await decisions(world, world.author), await decisions(world, reporter)
    assert [one.row.verdict for one in own] == [Verdict.HIDE, Verdict.APPROVE]
    assert own[0].side is Side.AUTHOR
    assert own[0].reasons is not None
    assert own[0].reasons.facts == "Dette er ulovlig."
    assert own[0].appeal_until is not None
    assert own[1].appeal_until is None
    assert [one.row.verdict for one in theirs] == [Verdict.HIDE]
    assert theirs[0].side is Side.REPORTER
    assert theirs[0].reasons is None
    assert theirs[0].appeal_until is None
    assert await decisions(world, world.student()) == []
    for who in (world.author, reporter):
        with pytest.raises(Conflict, match="sealed_after_reset"):
            await decisions(world, sealed(who))
        with pytest.raises(Conflict, match="sealed_after_reset"):
            await list_own_reports(world.db, sealed(who), FIRST)
    [report] = (await list_own_reports(world.db, reporter, FIRST)).rows
    assert (report.outcome, report.note) == ("HIDDEN", "Se her.")
    assert await own_reports_by_id(world.db, world.author, [report.id]) == {}
    assert await own_reports_by_id(world.db, ANONYMOUS, [report.id]) == {}


async def test_first_key_is_nobodys_news(world: World) -> None:
    subject, _ = await world.submit()
    await teacher_keys(world.db, DESK, world.teacher, [subject])
    assert await decisions(world, world.author) == []
    async with world.db.reading() as conn:
        decision_id = await conn.fetch_value("select id from moderation_decision")
        for who in (world.author, world.student(), ANONYMOUS):
            assert await brief_decisions(conn, DESK, who, [decision_id]) == {}


async def test_hidden_for_now_is_the_authors_news_and_cannot_be_appealed_yet(world: World) -> None:
    subject, _ = await world.publish()
    await report_subject(world.db, DESK, world.teacher, kind="note", subject_id=subject.id, category=Category.SPAM)
    newest = (await decisions(world, world.author))[0]
    assert newest.row.verdict is Verdict.HIDE
    assert newest.appeal_until is None  # not final: a moderator looks anyway


async def test_reviewer_sees_what_was_reported_but_not_by_whom(world: World) -> None:
    subject, _ = await world.publish()
    for category in (Category.HATE, Category.SPAM):
        await report_subject(
            world.db, DESK, world.student(), kind="note", subject_id=subject.id, category=category, note="Fy."
        )
    [brief] = (await queue_page(world.db, DESK, world.moderator, QueueFilter(), FIRST)).rows
    assert brief.report_counts == {Category.HATE: 1, Category.SPAM: 1}
    assert brief.notes == ["Fy.", "Fy."]
    assert brief.submitted is None
    assert brief.reported is not None
    assert brief.reported.revision_id == subject.revision_id
    assert brief.can_read


async def test_reviewer_is_shown_the_newest_hundred_reports_of_each_case(world: World) -> None:
    subjects = [(await world.publish())[0] for _ in range(2)]
    for subject in subjects:
        for _ in range(2):
            await report_subject(
                world.db, DESK, world.student(), kind="note", subject_id=subject.id, category=Category.SPAM, note="Fy."
            )
    async with world.db.transaction() as tx:
        await tx.execute(
            "insert into subject_report"
            " (id, subject_kind, subject_id, revision_id, reporter_id, category, note, at)"
            " select gen_random_uuid(), 'note', subject_id, revision_id, gen_random_uuid(), 'HATE', n::text,"
            "        now() + n * interval '1 s'"
            "   from (select distinct subject_id, revision_id from subject_report) s, generate_series(1, 150) n"
        )
    briefs = (await queue_page(world.db, DESK, world.moderator, QueueFilter(), FIRST)).rows
    assert [brief.report_counts for brief in briefs] == [{Category.HATE: 100}] * 2
    assert [brief.notes for brief in briefs] == [[str(n) for n in range(51, 151)]] * 2


async def test_appeals_are_listed_for_those_who_may_answer(world: World) -> None:
    subject, case_id = await world.submit(keys=1, teacher_for=None)
    decided = await world.decide(subject, case_id, Verdict.REJECT, reason=Reason.SPAM)
    filed = await file_appeal(world.db, DESK, world.author, decision_id=decided.decision.id, text="Nei.")
    listed = (await list_appeals(world.db, DESK, world.second, FIRST)).rows
    assert [one.row.id for one in listed] == [filed.id]
    assert listed[0].content is not None
    for who in (world.moderator, world.elsewhere):
        assert (await list_appeals(world.db, DESK, who, FIRST)).rows == []
    async with world.db.reading() as conn:
        for who, sees in ((world.author, True), (world.second, True), (world.moderator, False), (ANONYMOUS, False)):
            assert (filed.id in await find_visible_appeals(conn, DESK, who, [filed.id])) is sees
