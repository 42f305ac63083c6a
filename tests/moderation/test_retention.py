"""Own data out, erasure with its seal, and what goes by itself."""

from datetime import timedelta

import pytest

from backend.core.clock import time_shifted
from backend.core.errors import NotFound
from moderation import retention_store
from moderation.appeal_rules import AppealState
from moderation.appeals import Answer, decide_appeal, file_appeal
from moderation.keys import teacher_keys
from moderation.report_rules import Category
from moderation.reporting import report_subject
from moderation.rules import Reason, Verdict
from tests.moderation.conftest import World
from tests.moderation.notes import DESK


async def erase(world: World, who: object) -> None:
    async with world.db.transaction() as tx:
        await retention_store.erase(tx, who)  # type: ignore[arg-type]


async def forget(world: World, days: int) -> int:
    with time_shifted(timedelta(days=days)):
        async with world.db.transaction() as tx:
            return await retention_store.forget_old(tx, DESK)


async def test_export_holds_what_is_ones_own_and_no_other_name(world: World) -> None:
    subject, case_id = await world.publish()
    reporter = world.student()
    await report_subject(
        world.db, DESK, reporter, kind="note", subject_id=subject.id, category=Category.HATE, note="Se."
    )
    decided = await world.decide(subject, case_id, Verdict.HIDE, reason=Reason.LAW, words="Ulovlig.")
    await file_appeal(world.db, DESK, world.author, decision_id=decided.decision.id, text="Nei.")
    async with world.db.reading() as conn:
        mine = await retention_store.export(conn, world.author.require_account())
        theirs = await retention_store.export(conn, reporter.require_account())
        nobodys = await retention_store.export(conn, world.student().require_account())
    assert [one.verdict for one in mine.decisions] == [Verdict.APPROVE, Verdict.HIDE]
    assert [one.facts for one in mine.reasons] == ["Ulovlig."]
    assert [one.text for one in mine.appeals] == ["Nei."]
    assert mine.reports == []
    assert [one.note for one in theirs.reports] == ["Se."]
    assert (theirs.decisions, theirs.appeals, nobodys.reports) == ([], [], [])
    assert str(world.moderator.account_id) not in repr(mine)
    assert str(reporter.account_id) not in repr(mine)


async def test_erasure_seals_the_author_until_the_window_has_ended(world: World) -> None:
    subject, case_id = await world.submit(keys=1, teacher_for=None)
    decided = await world.decide(subject, case_id, Verdict.REJECT, reason=Reason.SPAM, words="Reklame.")
    told = await world.notices(world.author)
    await erase(world, world.author.account_id)
    assert await world.count("select count(*) from moderation_decision where words is not null") == 0
    assert await world.count("select count(*) from statement_of_reasons where facts is not null") == 0
    assert await forget(world, days=30) == 0
    assert await world.count("select count(*) from moderation_case where author_id is not null") == 1
    assert await forget(world, days=190) == 1
    assert await world.count("select count(*) from moderation_case where author_id is null") == 1
    assert await world.count("select count(*) from statement_of_reasons where account_id is null") == 1
    assert await world.notices(world.author) == told
    with pytest.raises(NotFound):
        await file_appeal(world.db, DESK, world.author, decision_id=decided.decision.id, text="Nei.")


async def test_erasure_under_an_open_appeal_keeps_its_text_until_it_is_answered(world: World) -> None:
    subject, case_id = await world.submit(keys=1, teacher_for=None)
    decided = await world.decide(subject, case_id, Verdict.REJECT, reason=Reason.SPAM)
    filed = await file_appeal(world.db, DESK, world.author, decision_id=decided.decision.id, text="Nei.")
    await erase(world, world.author.account_id)
    assert await world.count("select count(*) from appeal where text = 'Nei.' and account_id is null") == 1
    assert await forget(world, days=190) == 0
    await decide_appeal(world.db, DESK, world.second, filed.id, Answer(AppealState.UPHELD, "Nei.", "nb"))
    assert await forget(world, days=190) == 1
    assert await world.count("select count(*) from appeal where text is not null") == 0


async def test_erasure_of_staff_and_reporters_leaves_cases_without_them(world: World) -> None:
    subject, case_id = await world.publish()
    reporter = world.student()
    await report_subject(
        world.db, DESK, reporter, kind="note", subject_id=subject.id, category=Category.HATE, note="Se."
    )
    await world.claim(case_id)
    for who in (world.moderator, reporter):
        await erase(world, who.account_id)
    for sql in (
        "select count(*) from subject_report where reporter_id is not null or note is not null or class_id is not null",
        "select count(*) from moderation_decision where decided_by is not null",
        "select count(*) from case_hand",
        "select count(*) from moderation_case where claimed_by is not null",
    ):
        assert await world.count(sql) == 0, sql
    await world.decide(subject, case_id, Verdict.KEEP, who=world.second)


async def test_concern_is_forgotten_a_month_after_the_case(world: World) -> None:
    subject, case_id = await world.submit(keys=1)
    await teacher_keys(world.db, DESK, world.teacher, [subject], pass_on=True, concern="Navn?")
    await world.decide(subject, case_id, Verdict.APPROVE)
    await forget(world, days=29)
    assert await world.count("select count(*) from moderation_case where concern is not null") == 1
    await forget(world, days=31)
    assert await world.count("select count(*) from moderation_case where concern is not null") == 0
