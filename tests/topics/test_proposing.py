"""Propose a topic: who may, how many, what is refused, and that nobody else sees it before a moderator looked."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from backend.accounts.consent_rules import ConsentAnswer, ConsentAudience
from backend.campaigns import running
from backend.core.errors import Closed, Conflict, ConsentRequired, DomainError, NotAllowed, NotFound, ValidationFailed
from backend.core.ids import new_id
from backend.core.viewer import Role, Viewer
from backend.places import memberships
from backend.places.rules import RemovalReason
from backend.topics.personal import PERSONAL
from backend.topics.rules import MAX_WAITING, ProposalState
from backend.topics.withdrawing import withdraw_topic
from moderation.rules import Verdict
from tests.campaigns.stage import Stage, new_campaign, together
from tests.places.town import EVIL_TEXTS, make_town, viewer_of
from tests.topics.forum import (
    NAME,
    WHY,
    at_one_moment,
    decide,
    editor,
    listed,
    look,
    propose,
    row_of,
    sees,
    shown,
    state_of,
)


async def count(stage: Stage) -> int:
    found: int = await stage.value("select count(*) from topic_proposal")
    return found


async def refused(stage: Stage, who: Viewer, error: type[DomainError], **more: object) -> DomainError:
    before = await count(stage)
    with pytest.raises(error) as caught:
        await propose(stage, who, **more)  # type: ignore[arg-type]
    assert await count(stage) == before
    assert await stage.value("select count(*) from moderation_case") == before
    return caught.value


async def test_proposal_waits_for_a_moderator_and_only_its_proposer_sees_it(stage: Stage) -> None:
    proposer, classmate = await stage.student(), await stage.student()
    proposal_id = await propose(stage, proposer, f"  {NAME}\n")
    others = (classmate, stage.teacher, stage.moderator, stage.town.secretariat, await editor(stage))
    assert await sees(stage, proposer, proposal_id)
    assert [await sees(stage, one, proposal_id) for one in others] == [False] * 5
    seen = await look(stage, proposer, proposal_id)
    assert (seen.row.name, seen.row.why, seen.row.state, seen.row.is_own) == (NAME, WHY, ProposalState.WAITING, True)
    assert (seen.support_count, seen.answer_due_at, seen.is_overdue) == (0, None, False)
    await decide(stage, proposal_id, Verdict.APPROVE)
    assert [await sees(stage, one, proposal_id) for one in others] == [True] * 5
    assert not (await look(stage, classmate, proposal_id)).row.is_own


async def test_same_key_gives_the_first_proposal_also_at_the_same_time(stage: Stage) -> None:
    proposer = await stage.student()
    tries = [propose(stage, proposer, client_key="the-same-key") for _ in range(4)]
    done, failed = await together(*tries)
    assert not failed
    assert len(set(done)) == 1
    assert await propose(stage, proposer, "Noe annet", client_key="the-same-key") == done[0]
    assert await count(stage) == await stage.value("select count(*) from moderation_case") == 1


async def test_few_wait_at_a_time_also_when_they_come_at_once(stage: Stage) -> None:
    proposer = await stage.student()
    tries = [propose(stage, proposer, f"Tema {one}") for one in range(MAX_WAITING + 3)]
    done, failed = await at_one_moment(stage, "campaign", stage.campaign_id, *tries)
    assert len(done) == MAX_WAITING == await count(stage)
    assert {(type(one), str(one)) for one in failed} == {(Conflict, "too_many_proposals")}
    await propose(stage, await stage.student())  # others may still
    await decide(stage, done[0], Verdict.APPROVE)
    await withdraw_topic(stage.db, proposer, done[1])
    await propose(stage, proposer)
    await propose(stage, proposer)
    assert (await refused_again(stage, proposer)).code == "too_many_proposals"


async def refused_again(stage: Stage, who: Viewer) -> DomainError:
    with pytest.raises(Conflict) as caught:
        await propose(stage, who)
    return caught.value


async def test_proposals_of_another_campaign_do_not_count(stage: Stage) -> None:
    proposer = await stage.student()
    other = await running.create_campaign(stage.db, stage.town.secretariat, new_campaign(None))
    await running.open_campaign(stage.db, stage.town.secretariat, other)
    for _ in range(MAX_WAITING):
        await propose(stage, proposer)
    elsewhere = await propose(stage, proposer, campaign_id=other)
    assert elsewhere not in await listed(stage, proposer)
    assert (await look(stage, proposer, elsewhere)).row.campaign_id == other


async def test_who_has_no_confirmed_seat_is_refused(stage: Stage) -> None:
    assert (await refused(stage, await stage.outsider(), NotAllowed)).code == "seat_needed"
    assert (await refused(stage, stage.teacher, NotAllowed)).code == "seat_needed"
    pending = await stage.student(confirmed=False)
    assert (await refused(stage, pending, NotAllowed)).code == "seat_not_confirmed"


async def test_seat_in_another_city_is_refused(stage: Stage) -> None:
    far = await make_town(stage.db, secretariat=stage.town.secretariat)
    joined = await far.join("Far Fox")
    await far.confirm(joined.seat.id)
    await stage.pass_course(joined.seat.account_id)
    stranger = await viewer_of(stage.db, joined.seat.account_id)
    assert (await refused(stage, stranger, NotAllowed)).code == "campaign_of_another_city"
    proposal_id = await shown(stage, await stage.student())
    assert not await sees(stage, stranger, proposal_id)
    assert not await sees(stage, far.teacher, proposal_id)


async def test_course_consent_and_age_are_needed(stage: Stage) -> None:
    unschooled = await stage.student(passed=False)
    assert (await refused(stage, unschooled, Conflict)).code == "course_not_passed"
    silent = await stage.student(consents=())
    await refused(stage, silent, ConsentRequired)
    async with stage.db.transaction() as tx:
        await tx.execute("update campaign set least_age = 60")
    assert (await refused(stage, await stage.student(), ValidationFailed)).code == "age_outside_campaign"


async def test_only_an_open_campaign_takes_proposals(stage: Stage) -> None:
    student, boss = await stage.student(), stage.town.secretariat
    draft = await running.create_campaign(stage.db, boss, new_campaign(stage.town.city.id))
    await refused(stage, student, NotFound, campaign_id=draft)
    await refused(stage, student, NotFound, campaign_id=new_id())
    await running.open_campaign(stage.db, boss, draft, opens_at=datetime.now(UTC) + timedelta(days=1))
    assert (await refused(stage, student, Closed, campaign_id=draft)).code == "campaign_not_open"
    await running.close_campaign(stage.db, boss, stage.campaign_id)
    assert (await refused(stage, student, Closed)).code == "campaign_closed"


async def test_campaign_of_the_network_needs_leads_in_the_students_city(stage: Stage) -> None:
    student, boss = await stage.student(), stage.town.secretariat
    network = await running.create_campaign(stage.db, boss, new_campaign(None))
    await running.open_campaign(stage.db, boss, network)
    async with stage.db.transaction() as tx:
        await tx.execute("update city set safeguarding_hours = null")
    assert (await refused(stage, student, Conflict, campaign_id=network)).code == "no_safeguarding_hours"


async def test_restricted_account_and_sealed_session_are_refused(stage: Stage) -> None:
    student = await stage.student()
    restricted = dataclasses.replace(student, is_restricted=True)
    assert (await refused(stage, restricted, NotAllowed)).code == "account_restricted"
    sealed = dataclasses.replace(student, sealed_until=datetime.now(UTC) + timedelta(hours=1))
    assert (await refused(stage, sealed, Conflict)).code == "sealed_after_reset"


@pytest.mark.parametrize("evil", EVIL_TEXTS)
async def test_hostile_texts_are_refused_by_their_field(stage: Stage, evil: str) -> None:
    student = await stage.student()
    assert (await refused(stage, student, ValidationFailed, name=evil)).path == ("name",)
    assert (await refused(stage, student, ValidationFailed, why=evil)).path == ("why",)
    assert (await refused(stage, student, ValidationFailed, language=evil)).path == ("language",)


async def test_texts_have_bounds_and_the_name_is_one_line(stage: Stage) -> None:
    student = await stage.student()
    proposal_id = await propose(stage, student, "To\nlinjer", why="En.\n\nTo.", language="NB_no")
    row = await row_of(stage, proposal_id)
    assert (row.name, row.why, row.language) == ("To linjer", "En.\n\nTo.", "nb-NO")
    await propose(stage, student, "x" * 120, why="y" * 500)
    await refused(stage, student, ValidationFailed, name="x" * 121)
    await refused(stage, student, ValidationFailed, why="y" * 501)


async def test_sealed_session_is_told_nothing_of_what_is_its_own(stage: Stage) -> None:
    student = await stage.student()
    waiting, seen = await propose(stage, student), await shown(stage, student)
    sealed = dataclasses.replace(student, sealed_until=datetime.now(UTC) + timedelta(hours=1))
    assert not await sees(stage, sealed, waiting)
    found = await look(stage, sealed, seen)
    assert (found.row.is_own, found.support_count) == (False, None)
    with pytest.raises(Conflict):
        await withdraw_topic(stage.db, sealed, waiting)


async def test_pending_seat_and_outsider_see_nothing_of_others(stage: Stage) -> None:
    proposal_id = await shown(stage, await stage.student())
    pending, outsider = await stage.student(confirmed=False), await stage.outsider()
    assert [await sees(stage, one, proposal_id) for one in (pending, outsider)] == [False, False]
    async with stage.db.transaction() as tx:
        await tx.execute("update seat set status = 'CONFIRMED', confirmed_at = now()")
    assert await sees(stage, await viewer_of(stage.db, pending.require_account()), proposal_id)


async def test_staff_of_the_place_see_what_is_shown(stage: Stage) -> None:
    proposal_id, town = await shown(stage, await stage.student()), stage.town
    juror = await editor(stage, role=Role.CAMPAIGN_JUROR)
    for one in (town.teacher, town.other_teacher, town.admin, town.official, stage.moderator, juror):
        assert await sees(stage, one, proposal_id)
        assert (await look(stage, one, proposal_id)).support_count is None


async def test_student_whose_seat_was_removed_keeps_the_own_and_may_do_no_more(stage: Stage) -> None:
    student, other = await stage.student(), await stage.student()
    own, others = await shown(stage, student), await shown(stage, other)
    waiting = await propose(stage, student)
    seat = student.seats[0].seat_id
    await memberships.remove_seat(stage.db, stage.teacher, seat_id=seat, reason=next(iter(RemovalReason)))
    gone = await viewer_of(stage.db, student.require_account())
    assert await sees(stage, gone, own)
    assert await sees(stage, gone, waiting)
    assert not await sees(stage, gone, others)
    assert await sees(stage, other, own)
    assert (await refused(stage, gone, NotAllowed)).code == "seat_needed"
    await withdraw_topic(stage.db, gone, own)
    assert not await sees(stage, other, own)
    assert await state_of(stage, own) is ProposalState.WITHDRAWN


async def test_consent_taken_back_takes_down_what_waits_and_what_is_shown(stage: Stage) -> None:
    student, other = await stage.student(), await stage.student()
    own, waiting, others = await shown(stage, student), await propose(stage, student), await shown(stage, other)
    assert PERSONAL.consent_ended is not None
    async with stage.db.transaction() as tx:
        await PERSONAL.consent_ended(tx, student.require_account())  # one that does not carry it has ended
    assert await sees(stage, other, own)
    await stage.consent(student.require_account(), [ConsentAudience.SCHOOL], answer=ConsentAnswer.NO, days_ago=0)
    async with stage.db.transaction() as tx:
        await PERSONAL.consent_ended(tx, student.require_account())
    assert [await state_of(stage, one) for one in (own, waiting)] == [ProposalState.WITHDRAWN] * 2
    assert not await sees(stage, other, own)
    assert await state_of(stage, others) is ProposalState.SHOWN
    assert await stage.value("select count(*) from notice where kind = 'topic_lost_consent'") == 2
    assert await stage.value("select state from moderation_case where subject_id = $1", waiting) == "CLOSED"
