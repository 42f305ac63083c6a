"""A moderator who teaches the author in another class than the statement's is no independent person either."""

from datetime import timedelta

import pytest

from backend.campaigns.rules import Audience
from backend.core.clock import time_shifted
from backend.core.errors import NotAllowed, NotFound
from backend.core.paging import PageRequest
from backend.core.viewer import Role, ScopeKind, Viewer
from backend.places import joining
from moderation.appeal_briefs import list_appeals
from moderation.appeal_rules import AppealState
from moderation.appeals import Answer, decide_appeal, file_appeal
from moderation.claims import claim_case
from moderation.queue_store import QueueFilter
from moderation.queueing import count_queue, list_queue
from moderation.rules import Reason, Verdict
from tests.campaigns.stage import DESK, Stage, reading_nb
from tests.campaigns.test_translating import translate
from tests.places.town import SETTINGS, give, staff, viewer_of

FIRST = PageRequest(50)


async def moderating_teacher(stage: Stage) -> Viewer:
    """A moderator of the city who also teaches 9B."""
    who = await staff(stage.db, stage.town.secretariat, Role.MODERATOR, ScopeKind.CITY, stage.town.city.id)
    place = (ScopeKind.CLASS, stage.town.other_class.id)
    await give(stage.db, stage.town.admin, who.require_account(), Role.TEACHER, *place)
    return reading_nb(await viewer_of(stage.db, who.require_account()))


async def again(stage: Stage, who: Viewer) -> Viewer:
    """The same person, one request later."""
    return reading_nb(await viewer_of(stage.db, who.require_account()))


async def join_other_class(stage: Stage, author: Viewer) -> None:
    """The author sits in 9B too; pending is enough."""
    code = await stage.town.code(stage.town.other_class.id)
    await joining.join_class(stage.db, author, SETTINGS, code=code, newcomer=None)


async def test_second_key_by_a_teacher_of_another_class_of_the_author_is_refused(stage: Stage) -> None:
    author, both = await stage.student(), await moderating_teacher(stage)
    subject = await stage.hand_in(author, audience=Audience.CITY)
    await join_other_class(stage, author)  # after the statement was handed in: what counts is who teaches them now
    assert (await stage.teacher_key(subject)).problem is None
    with pytest.raises(NotAllowed, match="needs_other_than_teacher"):
        await stage.decide(subject, Verdict.APPROVE, who=await again(stage, both))
    with time_shifted(timedelta(minutes=11)):  # their claim has ended
        await stage.decide(subject, Verdict.APPROVE)
    assert await stage.sees(author, subject.id)


async def test_statement_about_the_school_is_hidden_from_every_teacher_of_the_author(stage: Stage) -> None:
    author, both = await stage.student(), await moderating_teacher(stage)
    await join_other_class(stage, author)
    both = await again(stage, both)
    subject = await stage.hand_in(author, audience=Audience.CITY, skips_teacher=True)
    case_id = await stage.case_of(subject.id)
    assert (await list_queue(stage.db, both, QueueFilter(), FIRST)).rows == []
    assert (await count_queue(stage.db, both)).open == 0
    with pytest.raises(NotFound):
        await claim_case(stage.db, DESK, both, case_id)
    assert (await count_queue(stage.db, stage.moderator)).open == 1


async def test_statement_about_the_school_is_hidden_from_who_runs_it(stage: Stage) -> None:
    author = await stage.student()
    head = await staff(stage.db, stage.town.secretariat, Role.MODERATOR, ScopeKind.CITY, stage.town.city.id)
    place = (ScopeKind.SCHOOL, stage.town.school.id)
    await give(stage.db, stage.town.official, head.require_account(), Role.SCHOOL_ADMIN, *place)
    head = await again(stage, head)
    about = await stage.hand_in(author, audience=Audience.CITY, skips_teacher=True)
    plain = await stage.hand_in(author, audience=Audience.CITY)
    await stage.teacher_key(plain)
    plain_id, about_id = await stage.case_of(plain.id), await stage.case_of(about.id)
    assert [row.id for row in (await list_queue(stage.db, head, QueueFilter(), FIRST)).rows] == [plain_id]
    assert (await count_queue(stage.db, head)).open == 1
    with pytest.raises(NotFound):
        await claim_case(stage.db, DESK, head, about_id)
    with pytest.raises(NotFound):
        await translate(stage, head, about)
    await translate(stage, stage.moderator, about)
    decided = await stage.decide(about, Verdict.REJECT, reason=Reason.SPAM)
    appeal = await file_appeal(stage.db, DESK, author, decision_id=decided.decision.id, text="Det er ikke spam.")
    assert (await list_appeals(stage.db, DESK, head, FIRST)).rows == []
    with pytest.raises(NotFound):
        await decide_appeal(stage.db, DESK, head, appeal.id, Answer(AppealState.UPHELD, "Nei.", "nb"))


async def test_appeal_of_an_own_student_of_another_class_is_somebody_elses(stage: Stage) -> None:
    author, both = await stage.student(), await moderating_teacher(stage)
    await join_other_class(stage, author)
    both = await again(stage, both)
    subject = await stage.hand_in(author, audience=Audience.CITY)
    await stage.teacher_key(subject)
    decided = await stage.decide(subject, Verdict.REJECT, reason=Reason.SPAM)
    appeal = await file_appeal(stage.db, DESK, author, decision_id=decided.decision.id, text="Det er ikke spam.")
    assert (await list_appeals(stage.db, DESK, both, FIRST)).rows == []
    answer = Answer(AppealState.UPHELD, "Nei.", "nb")
    with pytest.raises(NotAllowed, match="needs_other_than_teacher"):
        await decide_appeal(stage.db, DESK, both, appeal.id, answer)
    assert [brief.row.id for brief in (await list_appeals(stage.db, DESK, stage.second, FIRST)).rows] == [appeal.id]


async def test_students_are_only_of_classes_taught_now(stage: Stage) -> None:
    author, both = await stage.student(class_id=stage.town.other_class.id), await moderating_teacher(stage)
    assert author.account_id in (await again(stage, both)).students
    assert author.account_id in (await viewer_of(stage.db, both.require_account(), second_factor=False)).students
    assert author.account_id not in stage.town.teacher.students
