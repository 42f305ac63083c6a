"""Support of a proposal: once each, by whom, told to whom, and what becomes of it when the proposal is hidden."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from backend.campaigns import running
from backend.core.errors import Closed, Conflict, DomainError, NotAllowed, NotFound
from backend.core.ids import Id, new_id
from backend.core.viewer import Role, ScopeKind, Viewer
from backend.topics.rules import ProposalState
from backend.topics.supporting import support_topic, unsupport_topic
from moderation.report_rules import Category
from moderation.rules import Reason, Verdict
from tests.campaigns.stage import Stage, together
from tests.places.town import staff
from tests.topics.forum import (
    decide,
    decline,
    editor,
    look,
    notices,
    propose,
    report,
    sees,
    shown,
    state_of,
)


async def count(stage: Stage, proposal_id: Id) -> int:
    found: int = await stage.value("select count(*) from topic_support where proposal_id = $1", proposal_id)
    return found


async def test_support_counts_once_and_only_proposer_and_editors_learn_how_many(stage: Stage) -> None:
    proposer, supporter, other = await stage.student(), await stage.student(), await stage.student()
    proposal_id, boss = await shown(stage, proposer), await editor(stage)
    assert await support_topic(stage.db, supporter, proposal_id)
    assert not await support_topic(stage.db, supporter, proposal_id)
    await support_topic(stage.db, other, proposal_id)
    counts = {who.account_id: (await look(stage, who, proposal_id)).support_count for who in (proposer, boss)}
    assert set(counts.values()) == {2}
    student_editor = await editor(stage, role=Role.STUDENT_EDITOR, by=boss)
    for who in (supporter, other, stage.teacher, stage.moderator, student_editor):
        assert (await look(stage, who, proposal_id)).support_count is None
    assert (await look(stage, supporter, proposal_id)).row.has_supported
    assert not (await look(stage, proposer, proposal_id)).row.has_supported
    assert await unsupport_topic(stage.db, supporter, proposal_id)
    assert not await unsupport_topic(stage.db, supporter, proposal_id)
    assert await count(stage, proposal_id) == 1
    assert await notices(stage, proposer) == []


async def test_supports_at_the_same_time_count_one_a_person(stage: Stage) -> None:
    proposal_id = await shown(stage, await stage.student())
    people = [await stage.student() for _ in range(3)]
    done, failed = await together(*(support_topic(stage.db, who, proposal_id) for who in people * 3))
    assert (failed, sorted(done)) == ([], [False] * 6 + [True] * 3)
    assert await count(stage, proposal_id) == 3


async def support_refused(stage: Stage, who: Viewer, proposal_id: Id, error: type[DomainError]) -> DomainError:
    before = await count(stage, proposal_id)
    with pytest.raises(error) as caught:
        await support_topic(stage.db, who, proposal_id)
    assert await count(stage, proposal_id) == before
    return caught.value


async def test_who_may_not_support(stage: Stage) -> None:
    proposer, classmate = await stage.student(), await stage.student()
    proposal_id = await shown(stage, proposer)
    assert (await support_refused(stage, proposer, proposal_id, NotAllowed)).code == "own_proposal"
    assert (await support_refused(stage, stage.teacher, proposal_id, NotAllowed)).code == "seat_needed"
    await support_refused(stage, await stage.student(confirmed=False), proposal_id, NotFound)
    await support_refused(stage, await stage.outsider(), proposal_id, NotFound)
    restricted = dataclasses.replace(classmate, is_restricted=True)
    assert (await support_refused(stage, restricted, proposal_id, NotAllowed)).code == "account_restricted"
    sealed = dataclasses.replace(classmate, sealed_until=datetime.now(UTC) + timedelta(hours=1))
    await support_refused(stage, sealed, proposal_id, Conflict)
    await support_refused(stage, classmate, new_id(), NotFound)
    waiting = await propose(stage, proposer)
    await support_refused(stage, classmate, waiting, NotFound)
    with pytest.raises(NotFound):
        await unsupport_topic(stage.db, classmate, waiting)
    await running.close_campaign(stage.db, stage.town.secretariat, stage.campaign_id)
    assert (await support_refused(stage, classmate, proposal_id, Closed)).code == "campaign_closed"


async def test_hidden_while_supported_leaves_every_view_and_comes_back_with_its_supports(stage: Stage) -> None:
    proposer, supporter, late = await stage.student(), await stage.student(), await stage.student()
    proposal_id, boss = await shown(stage, proposer), await editor(stage)
    await support_topic(stage.db, supporter, proposal_id)
    await report(stage, stage.second, proposal_id, Category.HATE)
    assert await state_of(stage, proposal_id) is ProposalState.HIDDEN
    assert [await sees(stage, who, proposal_id) for who in (proposer, supporter, boss)] == [True, False, False]
    await support_refused(stage, late, proposal_id, NotFound)
    with pytest.raises(NotFound):
        await decline(stage, boss, proposal_id)
    assert await unsupport_topic(stage.db, supporter, proposal_id)
    assert await count(stage, proposal_id) == 0
    await decide(stage, proposal_id, Verdict.KEEP)
    assert await support_topic(stage.db, supporter, proposal_id)
    place = (ScopeKind.CITY, stage.town.city.id)
    fresh = await staff(stage.db, stage.town.secretariat, Role.MODERATOR, *place)
    await report(stage, fresh, proposal_id, Category.THREAT)
    await decide(stage, proposal_id, Verdict.REMOVE, reason=Reason.LAW)
    assert await state_of(stage, proposal_id) is ProposalState.REMOVED
    assert not await sees(stage, supporter, proposal_id)
