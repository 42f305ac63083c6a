"""Claims: exclusive, by token, for ten minutes."""

import asyncio
from datetime import timedelta

import pytest

from backend.core.clock import time_shifted
from backend.core.errors import Conflict, NotAllowed, NotFound, Unauthenticated
from backend.core.ids import new_id
from backend.core.viewer import ANONYMOUS
from moderation.claims import Claim, claim_case, keep_claim, release_case
from moderation.keys import teacher_keys
from moderation.rules import CaseState, Verdict
from tests.moderation.conftest import World
from tests.moderation.notes import DESK


async def test_claim_by_two_moderators_at_once_gives_it_to_one(world: World) -> None:
    _, case_id = await world.submit(teacher_for=None)
    for _ in range(5):
        answers = await asyncio.gather(world.claim(case_id), world.claim(case_id, world.second), return_exceptions=True)
        [won] = [answer for answer in answers if isinstance(answer, Claim)]
        [lost] = [answer for answer in answers if isinstance(answer, Conflict)]
        assert (lost.code, lost.state) == ("case_claimed", CaseState.CLAIMED)
        holder = world.moderator if won.case.claimed_by == world.moderator.account_id else world.second
        assert won.token
        await release_case(world.db, holder, case_id, won.token)


async def test_claim_without_account_is_unauthenticated(world: World) -> None:
    _, case_id = await world.submit(teacher_for=None)
    with pytest.raises(Unauthenticated):
        await claim_case(world.db, DESK, ANONYMOUS, case_id)


async def test_claim_by_those_who_may_not_see_the_case_finds_nothing(world: World) -> None:
    _, case_id = await world.submit(teacher_for=None)
    for who in (world.student(), world.author, world.elsewhere):
        with pytest.raises(NotFound):
            await world.claim(case_id, who)
    with pytest.raises(NotFound):
        await world.claim(new_id())


async def test_claim_of_ones_own_finds_nothing(world: World) -> None:
    _, case_id = await world.submit(teacher_for=None, author=world.moderator)
    with pytest.raises(NotFound):
        await world.claim(case_id)
    assert (await world.claim(case_id, world.second)).token


async def test_claim_by_the_teacher_is_not_allowed(world: World) -> None:
    _, case_id = await world.submit(teacher_for=None)
    with pytest.raises(NotAllowed, match="only_moderator"):
        await world.claim(case_id, world.teacher)


async def test_claim_before_the_teachers_time_is_over_conflicts(world: World) -> None:
    _, case_id = await world.submit(teacher_for=timedelta(days=2))
    with pytest.raises(Conflict, match="teacher_first") as caught:
        await world.claim(case_id)
    assert caught.value.state == CaseState.NEW
    with time_shifted(timedelta(days=2)):
        assert (await world.claim(case_id)).token


async def test_claim_of_a_closed_case_conflicts(world: World) -> None:
    _, case_id = await world.publish()
    with pytest.raises(Conflict, match="case_closed"):
        await world.claim(case_id)


async def test_claim_anew_by_its_holder_kills_the_old_token(world: World) -> None:
    subject, case_id = await world.submit(keys=1, teacher_for=None)
    first, second = await world.claim(case_id), await world.claim(case_id)
    assert first.token
    assert second.token
    with pytest.raises(Conflict, match="claim_foreign"):
        await world.decide(subject, case_id, Verdict.APPROVE, token=first.token)
    await world.decide(subject, case_id, Verdict.APPROVE, token=second.token)


async def test_heartbeat_keeps_a_claim_beyond_its_time(world: World) -> None:
    _, case_id = await world.submit(teacher_for=None)
    token = (await world.claim(case_id)).token
    assert token
    with time_shifted(timedelta(minutes=9)):
        kept = await keep_claim(world.db, DESK, world.moderator, case_id, token)
        assert kept.token is None
    with time_shifted(timedelta(minutes=18)):
        with pytest.raises(Conflict, match="case_claimed"):
            await world.claim(case_id, world.second)
        await keep_claim(world.db, DESK, world.moderator, case_id, token)


async def test_expired_claim_is_refused_and_free_for_others(world: World) -> None:
    subject, case_id = await world.submit(keys=1, teacher_for=None)
    token = (await world.claim(case_id)).token
    assert token
    with time_shifted(timedelta(minutes=10)):
        for attempt in (
            keep_claim(world.db, DESK, world.moderator, case_id, token),
            release_case(world.db, world.moderator, case_id, token),
            world.decide(subject, case_id, Verdict.APPROVE, token=token),
        ):
            with pytest.raises(Conflict, match="claim_expired"):
                await attempt
        taken = await world.claim(case_id, world.second)
        assert taken.token
        with pytest.raises(Conflict, match="claim_foreign"):
            await world.decide(subject, case_id, Verdict.APPROVE, token=token)


async def test_foreign_token_is_refused(world: World) -> None:
    subject, case_id = await world.submit(keys=1, teacher_for=None)
    token = (await world.claim(case_id)).token
    assert token
    for who, used in ((world.second, token), (world.moderator, "made-up")):
        for attempt in (
            keep_claim(world.db, DESK, who, case_id, used),
            release_case(world.db, who, case_id, used),
            world.decide(subject, case_id, Verdict.APPROVE, who=who, token=used),
        ):
            with pytest.raises(Conflict, match="claim_foreign"):
                await attempt
    assert await world.count("select count(*) from moderation_decision") == 0


async def test_release_gives_the_case_back_and_twice_conflicts(world: World) -> None:
    _, case_id = await world.submit(teacher_for=None)
    token = (await world.claim(case_id)).token
    assert token
    await release_case(world.db, world.moderator, case_id, token)
    with pytest.raises(Conflict, match="claim_expired"):
        await release_case(world.db, world.moderator, case_id, token)
    await world.claim(case_id, world.second)


async def test_claimed_case_takes_no_key_of_the_teacher(world: World) -> None:
    subject, case_id = await world.submit(keys=1, teacher_for=timedelta())
    await world.claim(case_id)
    [result] = await teacher_keys(world.db, DESK, world.teacher, [subject])
    assert result.problem is not None
    assert result.problem.code == "case_claimed"
