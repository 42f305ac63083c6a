"""Reports: once a person and revision, hiding by the rule, cleared categories, outcomes."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.clock import time_shifted
from backend.core.errors import Conflict, NotAllowed, NotFound, RateLimited, Unauthenticated, ValidationFailed
from backend.core.ids import Id, new_id
from backend.core.signals import CHANNEL
from backend.core.viewer import ANONYMOUS, Grant, Role, ScopeKind, Viewer, ViewerSeat
from moderation import report_rules
from moderation.config import ModerationSettings
from moderation.opening import close_for_withdrawal
from moderation.report_rules import Category, Standing
from moderation.report_store import ReportRow
from moderation.reporting import report_subject
from moderation.rules import CaseState, Hand, Reason, Verdict
from moderation.subjects import Desk, Subject
from tests.moderation.conftest import World, person, sealed
from tests.moderation.notes import DESK, NoteHandler, state_of_note

CLASSES = [new_id(), new_id(), new_id()]
STANDINGS = st.lists(
    st.builds(Standing, st.sampled_from(Category), st.just(None), st.sampled_from([*CLASSES, None])), max_size=8
)


async def report(
    world: World, subject: Subject, who: Viewer, category: Category = Category.SPAM, note: str | None = None
) -> ReportRow:
    return await report_subject(
        world.db, DESK, who, kind=subject.kind, subject_id=subject.id, category=category, note=note
    )


async def report_by_three(world: World, subject: Subject, category: Category = Category.SPAM) -> list[Viewer]:
    """Three students from two classes."""
    reporters = [world.student(), world.student(), world.student(new_id())]
    for who in reporters:
        await report(world, subject, who, category)
    return reporters


@given(STANDINGS, st.sets(st.sampled_from(Category)))
def test_hiding_by_rule_needs_three_reporters_of_two_classes(reports: list[Standing], cleared: set[Category]) -> None:
    counted = [one for one in reports if one.category not in cleared]
    seated = [one.class_id for one in counted if one.class_id]
    hides = len(seated) >= 3 and len(set(seated)) >= 2
    assert report_rules.who_hides(reports, cleared) == (Hand.RULE if hides else None)
    if hides:
        assert report_rules.opens_case(reports, cleared)


@pytest.mark.parametrize("hand", [Hand.STAFF, Hand.DEPICTED])
def test_hiding_by_staff_or_the_person_depicted_needs_nobody_else(hand: Hand) -> None:
    one = [Standing(Category.OTHER, hand, None)]
    assert report_rules.who_hides(one, set()) is hand
    assert report_rules.who_hides(one, {Category.OTHER}) is None


async def test_single_ordinary_report_is_kept_and_opens_nothing(world: World) -> None:
    subject, _ = await world.publish()
    await report(world, subject, world.student())
    assert await state_of_note(world.db, subject) == "published"
    assert await world.count("select count(*) from moderation_case where closed_at is null") == 0


async def test_second_reporter_reopens_the_case(world: World) -> None:
    subject, case_id = await world.publish()
    for who in (world.student(), world.student()):
        await report(world, subject, who)
    claim = await world.claim(case_id)
    assert claim.case.state is CaseState.REOPENED
    assert claim.case.reports == 2
    assert await state_of_note(world.db, subject) == "published"


async def test_severe_report_goes_to_the_top_at_once(world: World) -> None:
    ordinary, _ = await world.submit(keys=1, teacher_for=None)
    subject, case_id = await world.publish()
    await report(world, subject, world.student(), Category.THREAT)
    top = await world.count(
        "select (select id from moderation_case where closed_at is null order by rank_at, id limit 1) = $1", case_id
    )
    assert top
    assert ordinary.id != subject.id
    assert await state_of_note(world.db, subject) == "published"


async def test_third_reporter_from_a_second_class_hides_at_once(world: World) -> None:
    subject, case_id = await world.publish()
    for who in (world.student(), world.student(), world.student()):
        await report(world, subject, who)
    assert await state_of_note(world.db, subject) == "published"  # three, but of one class
    await report(world, subject, world.student(new_id()))
    assert await state_of_note(world.db, subject) == "hidden"
    assert (await world.notices(world.author))[-1] == "moderation_hidden_for_now"
    async with world.db.reading() as conn:
        reasons = await conn.fetch_one("select * from statement_of_reasons")
        is_final = await conn.fetch_value("select is_final from moderation_decision where verdict = 'HIDE'")
    assert reasons is not None
    assert (reasons["automated"], reasons["reason"], reasons["appeal_until"]) == (True, Reason.SPAM, None)
    assert is_final is False
    assert (await world.claim(case_id)).case.is_hidden


async def test_pending_seats_and_accounts_without_class_are_no_third_reporter(world: World) -> None:
    subject, _ = await world.publish()
    assert world.place.school_id
    assert world.place.city_id
    pending = ViewerSeat(new_id(), new_id(), world.place.school_id, world.place.city_id, confirmed=False)
    for who in (world.student(), world.student(new_id()), person(), person(seats=(pending,))):
        await report(world, subject, who)
    assert await state_of_note(world.db, subject) == "published"


async def test_staff_of_the_place_hides_alone_and_others_do_not(world: World) -> None:
    elsewhere = person(Grant(Role.TEACHER, ScopeKind.CLASS, new_id()))
    official = person(Grant(Role.CITY_OFFICIAL, ScopeKind.CITY, world.place.city_id))
    subject, _ = await world.publish()
    await report(world, subject, elsewhere)
    await report(world, subject, official)
    assert await state_of_note(world.db, subject) == "published"
    await report(world, subject, world.teacher)
    assert await state_of_note(world.db, subject) == "hidden"
    async with world.db.reading() as conn:
        assert await conn.fetch_value("select automated from statement_of_reasons") is False


async def test_person_depicted_hides_alone_only_where_there_is_a_picture(world: World) -> None:
    words, _ = await world.publish()
    picture, _ = await world.publish(has_pictures=True)
    for subject in (words, picture):
        await report(world, subject, world.student(), Category.DEPICTS_ME)
    assert await state_of_note(world.db, words) == "published"
    assert await state_of_note(world.db, picture) == "hidden"


async def test_report_twice_and_at_once_is_one(world: World) -> None:
    subject, _ = await world.publish()
    who = world.student()
    answers = await asyncio.gather(*[report(world, subject, who, Category.HATE) for _ in range(4)])
    later = await report(world, subject, who, Category.SPAM)
    assert {one.id for one in answers} == {later.id}
    assert later.category is Category.HATE
    assert await world.count("select count(*) from subject_report") == 1


async def test_reports_of_many_at_once_hide_once(world: World) -> None:
    subject, _ = await world.publish()
    people = [world.student(), world.student(new_id()), world.student(new_id()), world.student(new_id())]
    answers = await asyncio.gather(*[report(world, subject, who) for who in people], return_exceptions=True)
    assert sum(isinstance(one, NotFound) for one in answers) == 1  # who came after the hiding saw nothing any more
    assert await world.count("select count(*) from moderation_decision where verdict = 'HIDE'") == 1
    assert await world.count("select reports from moderation_case") == 3


async def test_report_of_what_is_hidden_or_in_review_finds_nothing(world: World) -> None:
    in_review, _ = await world.submit(keys=1)
    hidden, _ = await world.publish()
    await report(world, hidden, world.teacher)
    for subject in (in_review, hidden, Subject("note", new_id(), new_id(), 1), Subject("poem", hidden.id, new_id(), 1)):
        with pytest.raises(NotFound):
            await report(world, subject, world.student())


async def test_report_of_ones_own_and_by_nobody_is_refused(world: World) -> None:
    subject, _ = await world.publish()
    with pytest.raises(NotAllowed, match="own_subject"):
        await report(world, subject, world.author)
    with pytest.raises(Unauthenticated):
        await report(world, subject, ANONYMOUS)
    with pytest.raises(NotAllowed, match="account_restricted"):
        await report(world, subject, Viewer(account_id=new_id(), is_restricted=True))
    with pytest.raises(Conflict, match="sealed_after_reset"):
        await report(world, subject, sealed(world.student()))
    with pytest.raises(ValidationFailed, match="text_too_long"):
        await report(world, subject, world.student(), note="x" * 501)
    assert await world.count("select count(*) from subject_report") == 0


async def test_reports_beyond_the_limit_are_refused(world: World) -> None:
    desk = Desk(ModerationSettings(secret=b"x" * 32, reports_per_hour=2), {"note": NoteHandler()})
    who = world.student()
    subjects: list[Id] = [(await world.publish())[0].id for _ in range(3)]
    for subject_id in subjects[:2]:
        await report_subject(world.db, desk, who, kind="note", subject_id=subject_id, category=Category.SPAM)
    with pytest.raises(RateLimited):
        await report_subject(world.db, desk, who, kind="note", subject_id=subjects[2], category=Category.SPAM)


async def test_keeping_restores_tells_and_clears_the_category(world: World) -> None:
    subject, case_id = await world.publish()
    reporters = await report_by_three(world, subject)
    decided = await world.decide(subject, case_id, Verdict.KEEP)
    assert decided.case.state is CaseState.CLOSED
    assert await state_of_note(world.db, subject) == "published"
    assert (await world.notices(world.author))[-1] == "moderation_kept"
    for who in reporters:
        assert await world.notices(who) == ["report_kept"]
    await report_by_three(world, subject)  # three others, the same category
    assert await state_of_note(world.db, subject) == "published"
    await report_by_three(world, subject, Category.HARASSMENT)  # another category hides
    assert await state_of_note(world.db, subject) == "hidden"


async def test_cleared_category_of_a_severe_kind_does_not_reopen_alone(world: World) -> None:
    subject, case_id = await world.publish()
    await report(world, subject, world.student(), Category.HATE)
    await world.decide(subject, case_id, Verdict.KEEP)
    await report(world, subject, world.student(), Category.HATE)
    with pytest.raises(Conflict, match="case_closed"):
        await world.claim(case_id)


@pytest.mark.parametrize(("verdict", "state", "outcome"), [
    (Verdict.HIDE, "hidden", "HIDDEN"), (Verdict.REMOVE, "removed", "REMOVED")
])  # fmt: skip
async def test_restriction_after_reports_gives_reasons_and_outcome(
    world: World, verdict: Verdict, state: str, outcome: str
) -> None:
    subject, case_id = await world.publish()
    reporters = await report_by_three(world, subject)
    await world.decide(subject, case_id, verdict, reason=Reason.SPAM)
    assert await state_of_note(world.db, subject) == state
    assert (await world.notices(world.author))[-1] == f"moderation_{state}"
    assert await world.count("select count(*) from subject_report where outcome = $1", outcome) == 3
    assert await world.notices(reporters[0]) == ["report_acted_on"]
    assert await world.count("select count(*) from statement_of_reasons where not automated") == 1


async def test_moderator_who_reported_does_not_decide_on_it(world: World) -> None:
    subject, case_id = await world.publish()
    await report(world, subject, world.second)
    with pytest.raises(NotAllowed, match="own_report"):
        await world.decide(subject, case_id, Verdict.REMOVE, who=world.second, reason=Reason.LAW)
    with time_shifted(timedelta(minutes=11)):
        await world.decide(subject, case_id, Verdict.KEEP)


async def test_withdrawal_tells_the_reporters(world: World) -> None:
    subject, _ = await world.publish()
    reporters = await report_by_three(world, subject)
    async with world.db.transaction() as tx:
        await close_for_withdrawal(tx, subject.kind, subject.id)
    assert await world.notices(reporters[1]) == ["report_withdrawn"]
    assert await world.count("select count(*) from moderation_case where closed_at is null") == 0


async def test_withdrawal_tells_a_single_reporter_whose_report_opened_nothing(world: World) -> None:
    subject, _ = await world.publish()
    reporter = world.student()
    await report(world, subject, reporter)
    async with world.db.transaction() as tx:
        await close_for_withdrawal(tx, subject.kind, subject.id)
    assert await world.notices(reporter) == ["report_withdrawn"]


async def test_hiding_and_restoring_tell_every_process(world: World, database_url: str) -> None:
    subject, case_id = await world.publish()
    topics: list[str] = []
    listener = await asyncpg.connect(database_url)
    await listener.add_listener(CHANNEL, lambda _conn, _pid, _channel, topic: topics.append(topic))
    await report(world, subject, world.student())
    await report(world, subject, world.teacher)
    await world.decide(subject, case_id, Verdict.KEEP)
    await listener.execute("select 1")  # what was notified before this has arrived after it
    await listener.close()
    assert topics == [f"subject:note:{subject.id}"] * 2
