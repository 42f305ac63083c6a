"""What somebody with a hand, a grudge or a leaked code tries: to hide, to read, to decide what is not theirs."""

import pytest

from backend.core.errors import NotAllowed, NotFound
from backend.core.ids import new_id
from backend.core.paging import PageRequest
from backend.core.viewer import Grant, Role, ScopeKind, Viewer, ViewerSeat
from moderation.appeal_briefs import list_appeals
from moderation.appeal_rules import AppealState
from moderation.appeals import Answer, decide_appeal, file_appeal
from moderation.queueing import count_queue, list_for_teacher
from moderation.report_rules import Category
from moderation.reporting import report_subject
from moderation.reviewing import cases_by_id
from moderation.rules import CaseState, Reason, Verdict
from moderation.subjects import Subject
from tests.moderation.conftest import World, person
from tests.moderation.notes import DESK, state_of_note

FIRST = PageRequest(size=20)


async def report(world: World, subject: Subject, who: Viewer, category: Category, note: str | None = None) -> None:
    await report_subject(world.db, DESK, who, kind="note", subject_id=subject.id, category=category, note=note)


@pytest.mark.parametrize("about_the_school", [False, True])
async def test_appeals_of_own_students_are_neither_listed_nor_answered_by_a_teacher_who_moderates(
    world: World, about_the_school: bool
) -> None:
    both = person(world.teaching, world.moderating)
    subject, case_id = await world.submit(keys=1, teacher_for=None, skip_teacher=about_the_school)
    decided = await world.decide(subject, case_id, Verdict.REJECT, reason=Reason.SPAM)
    filed = await file_appeal(world.db, DESK, world.author, decision_id=decided.decision.id, text="Læreren min.")
    assert len((await list_appeals(world.db, DESK, world.second, FIRST)).rows) == 1
    assert (await list_appeals(world.db, DESK, both, FIRST)).rows == []
    answer = Answer(AppealState.UPHELD, "Nei.", "nb")
    with pytest.raises(NotFound if about_the_school else NotAllowed):
        await decide_appeal(world.db, DESK, both, filed.id, answer)


async def test_statistics_count_what_the_queue_shows(world: World) -> None:
    both = person(world.teaching, world.moderating)
    await world.submit(teacher_for=None, skip_teacher=True)
    await world.submit(teacher_for=None, author=both)
    assert (await count_queue(world.db, both)).open == 0
    assert (await count_queue(world.db, world.moderator)).open == 2


async def test_restricted_teacher_reads_no_list_of_what_waits(world: World) -> None:
    await world.submit()
    restricted = Viewer(account_id=new_id(), grants=(world.teaching,), is_restricted=True)
    with pytest.raises(NotAllowed, match="account_restricted"):
        await list_for_teacher(world.db, restricted, FIRST)


@pytest.mark.parametrize("role", [Role.TEACHER, Role.SCHOOL_ADMIN])
async def test_school_does_not_hide_what_is_about_the_school(world: World, role: Role) -> None:
    scope = (
        (ScopeKind.CLASS, world.place.class_id) if role is Role.TEACHER else (ScopeKind.SCHOOL, world.place.school_id)
    )
    criticised = person(Grant(role, *scope))
    about, _ = await world.publish(skip_teacher=True)
    plain, _ = await world.publish()
    for subject in (about, plain):
        await report(world, subject, criticised, Category.HARASSMENT)
    assert await state_of_note(world.db, about) == "published"
    assert await state_of_note(world.db, plain) == "hidden"
    await report(world, about, person(Grant(role, *scope), world.moderating), Category.HARASSMENT)
    assert await state_of_note(world.db, about) == "published"
    await report(world, about, person(world.moderating), Category.HARASSMENT)
    assert await state_of_note(world.db, about) == "hidden"


async def test_pending_seat_hides_no_picture_by_saying_that_it_shows_them(world: World) -> None:
    subject, case_id = await world.publish(has_pictures=True)
    assert world.place.school_id
    assert world.place.city_id
    pending = ViewerSeat(new_id(), new_id(), world.place.school_id, world.place.city_id, confirmed=False)
    await report(world, subject, person(seats=(pending,)), Category.DEPICTS_ME)
    assert await state_of_note(world.db, subject) == "published"
    assert (await world.claim(case_id)).case.state is CaseState.REOPENED  # but a moderator looks


async def test_moderator_who_hid_by_reporting_answers_no_appeal_in_the_case(world: World) -> None:
    subject, case_id = await world.submit(keys=1, teacher_for=None)
    hider = person(world.moderating)
    await world.decide(subject, case_id, Verdict.APPROVE)
    await report(world, subject, hider, Category.SPAM)
    kept = await world.decide(subject, case_id, Verdict.KEEP)
    await report(world, subject, world.student(), Category.HATE)
    refused = await world.decide(subject, case_id, Verdict.HIDE, reason=Reason.LAW)
    assert kept.decision.id != refused.decision.id
    filed = await file_appeal(world.db, DESK, world.author, decision_id=refused.decision.id, text="Nei.")
    with pytest.raises(NotAllowed, match="same_reviewer"):
        await decide_appeal(world.db, DESK, hider, filed.id, Answer(AppealState.UPHELD, "Nei.", "nb"))


async def test_words_of_reporters_are_for_moderators_alone(world: World) -> None:
    subject, case_id = await world.publish()
    await report(world, subject, world.student(), Category.HATE, note="Hun i 9A som alltid ler.")
    for who, notes in ((world.moderator, ["Hun i 9A som alltid ler."]), (world.teacher, [])):
        brief = (await cases_by_id(world.db, DESK, who, [case_id]))[case_id]
        assert brief.notes == notes
        assert brief.report_counts == {Category.HATE: 1}


async def test_word_of_the_person_depicted_opens_the_case_also_after_somebody_elses_was_cleared(world: World) -> None:
    subject, case_id = await world.publish(has_pictures=True)
    await report(world, subject, world.student(), Category.DEPICTS_ME)
    await world.decide(subject, case_id, Verdict.KEEP)
    assert await state_of_note(world.db, subject) == "published"
    await report(world, subject, world.student(), Category.DEPICTS_ME)
    assert await state_of_note(world.db, subject) == "published"  # the category hides nothing by itself again
    assert (await world.claim(case_id)).case.state is CaseState.REOPENED
