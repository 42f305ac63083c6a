"""The appeal with a guardian's key: of refusals of what their yes carries, once for the child and the guardian."""

import asyncio
from dataclasses import replace

import pytest

from backend.accounts import personal_data
from backend.accounts.erasure import erase_now
from backend.campaigns.personal import PERSONAL
from backend.campaigns.rules import Audience, Review, Visibility
from backend.core.errors import Conflict, NotAllowed, NotFound, RateLimited, ValidationFailed
from backend.core.ids import new_id
from moderation import appeals, briefs, retention_store
from moderation.appeal_rules import AppealState, Side
from moderation.appeals import Answer
from moderation.rules import Verdict
from tests.campaigns.family import CITY, Family, give_key, make_child, make_family
from tests.campaigns.stage import DESK, Stage, together


@pytest.fixture(autouse=True)
def domain() -> None:
    """As the composition root does it."""
    personal_data.register(PERSONAL)


@pytest.fixture
def family(stage: Stage, runner: asyncio.Runner) -> Family:
    return runner.run(make_family(stage))


@pytest.mark.parametrize("verdict", [Verdict.HIDE, Verdict.REMOVE, Verdict.KEEP, Verdict.APPROVE])
async def test_decision_that_is_no_refusal_is_none_of_the_guardians(
    stage: Stage, family: Family, verdict: Verdict
) -> None:
    statement_id = await stage.publish(family.child, audience=Audience.CITY)
    decision_id = await stage.value("select id from moderation_decision where is_final")
    async with stage.db.transaction() as tx:
        await tx.execute("update moderation_decision set verdict = $2 where id = $1", decision_id, verdict)
    assert (await stage.statement(statement_id)).visibility is Visibility.PUBLISHED
    assert await family.refused() == []
    with pytest.raises(NotFound, match="not_found"):
        await family.appeal(decision_id)


async def test_appeal_is_answered_to_guardian_and_child_and_shared(stage: Stage, family: Family) -> None:
    statement_id, decision_id = await family.refuse()
    filed = await family.appeal(decision_id)
    assert (filed.side, filed.account_id, filed.state) == (Side.GUARDIAN, family.child.account_id, AppealState.FILED)
    with pytest.raises(Conflict, match="already_appealed"):
        await family.appeal(decision_id)
    with pytest.raises(Conflict, match="already_appealed"):
        await appeals.file_appeal(stage.db, DESK, family.child, decision_id=decision_id, text="Jeg også.")
    assert (await stage.own(family.child, statement_id))[1] == "WAIT_FOR_APPEAL"
    answer = Answer(AppealState.PARTLY, "Endre litt.", "nb")
    with pytest.raises(NotAllowed, match="same_reviewer"):
        await appeals.decide_appeal(stage.db, DESK, stage.moderator, filed.id, answer)
    await appeals.decide_appeal(stage.db, DESK, stage.second, filed.id, answer)
    assert (await stage.latest(statement_id)).review is Review.CHANGES_REQUESTED
    [_, contested] = await family.refused()
    assert contested.refusal.appeal is not None
    assert (contested.refusal.appeal.answer, contested.refusal.appeal_until) == ("Endre litt.", None)
    told = await stage.value(
        "select array_agg(kind order by at, id) from notice where account_id = $1 and kind like '%appeal%'",
        family.child.account_id,
    )
    assert told == ["guardian_appealed", "guardian_appeal_partly"]
    async with stage.db.reading() as conn:
        brief = (await briefs.brief_decisions(conn, DESK, family.child, [decision_id]))[decision_id]
        copy = await retention_store.export(conn, family.child.require_account())
    assert brief.appeal is not None
    assert [(one.side, one.text) for one in copy.appeals] == [(Side.GUARDIAN, None)]


async def test_childs_own_appeal_is_the_guardians_too(stage: Stage, family: Family) -> None:
    _, decision_id = await family.refuse()
    await appeals.file_appeal(stage.db, DESK, family.child, decision_id=decision_id, text="Jeg mener noe annet.")
    with pytest.raises(Conflict, match="already_appealed"):
        await family.appeal(decision_id)
    [one] = await family.refused()
    assert one.refusal.appeal is not None
    assert (one.refusal.appeal.side, one.refusal.appeal_until) == (Side.AUTHOR, None)


async def test_appeals_at_the_same_time_are_one_and_repeats_give_the_first(stage: Stage, family: Family) -> None:
    _, decision_id = await family.refuse()
    own = appeals.file_appeal(stage.db, DESK, family.child, decision_id=decision_id, text="Jeg også.")
    done, failed = await together(family.appeal(decision_id), own, family.appeal(decision_id))
    assert (len(done), [type(error) for error in failed]) == (1, [Conflict, Conflict])
    _, other_id = await family.refuse("En til.")
    key = "one-and-the-same-key-please"
    first, second = await together(family.appeal(other_id, key=key), family.appeal(other_id, key=key))
    assert second == []
    assert first[0].id == first[1].id == (await family.appeal(other_id, key=key)).id
    with pytest.raises(ValidationFailed, match="client_key_reused"):
        await family.appeal(decision_id, key=key)


async def test_child_with_the_key_strangers_and_wrong_decisions_get_nowhere(stage: Stage, family: Family) -> None:
    other = await make_child(stage)
    others = Family(stage, other, await give_key(stage, other, [CITY]))
    _, decision_id = await family.refuse()
    _, for_school = await family.refuse("For skolen.", audience=Audience.SCHOOL)
    with pytest.raises(NotAllowed, match="guardian_key_by_child"):
        await family.appeal(decision_id, who=replace(family.child, address="192.0.2.7"))
    answers = []
    for code, wanted in (
        ("AAAA-BBBB-CCCC-DDDD-EEEE", decision_id),
        (others.code, decision_id),
        (family.code, for_school),
        (family.code, new_id()),
    ):
        with pytest.raises(NotFound) as caught:
            await family.appeal(wanted, code=code)
        answers.append((caught.value.code, caught.value.path, caught.value.params))
    assert answers == answers[:1] * 4
    assert await others.refused() == []
    assert await stage.value("select count(*) from appeal") == 0


async def test_appeals_are_limited_by_key_and_guesses_by_address(stage: Stage, family: Family) -> None:
    _, decision_id = await family.refuse()
    for _ in range(DESK.settings.appeals_per_day):
        with pytest.raises(NotFound):
            await family.appeal(new_id())
    with pytest.raises(RateLimited):
        await family.appeal(decision_id)
    for _ in range(30):
        with pytest.raises(NotFound):
            await family.appeal(decision_id, code="AAAA-BBBB-CCCC-DDDD-EEEE")
    with pytest.raises(RateLimited):
        await family.appeal(decision_id, code="AAAA-BBBB-CCCC-DDDD-EEEE")


async def test_answer_after_the_yes_was_taken_back_changes_nothing(stage: Stage, family: Family) -> None:
    statement_id, decision_id = await family.refuse()
    filed = await family.appeal(decision_id)
    async with stage.db.transaction() as tx:
        await tx.execute("update statement set visibility = 'WITHDRAWN' where id = $1", statement_id)
    await family.withdraw()
    assert await family.refused() == []
    await appeals.decide_appeal(stage.db, DESK, stage.second, filed.id, Answer(AppealState.OVERTURNED, "Ja.", "nb"))
    assert (await stage.statement(statement_id)).visibility is Visibility.WITHDRAWN


async def test_yes_taken_back_and_appeal_at_the_same_time_leave_nothing_to_read(stage: Stage, family: Family) -> None:
    for _ in range(3):
        _, decision_id = await family.refuse()
        _, failed = await together(family.appeal(decision_id), family.withdraw())
        assert all(isinstance(error, NotFound) for error in failed)
        assert await family.refused() == []
        family.code = await give_key(stage, family.child, [CITY])


async def test_erasure_of_the_child_ends_the_page_and_leaves_the_open_appeal_to_nobody(
    stage: Stage, family: Family
) -> None:
    statement_id, decision_id = await family.refuse()
    filed = await family.appeal(decision_id)
    child_id = family.child.require_account()
    async with stage.db.transaction() as tx:
        await erase_now(tx, child_id)
        await retention_store.erase(tx, child_id)
    await appeals.decide_appeal(stage.db, DESK, stage.second, filed.id, Answer(AppealState.OVERTURNED, "Ja.", "nb"))
    assert (await stage.statement(statement_id)).visibility is Visibility.WITHDRAWN
    assert await stage.value("select account_id from appeal") is None
    assert await stage.value("select count(*) from notice where kind = 'guardian_appeal_overturned'") == 0
    with pytest.raises(NotFound, match="not_found"):
        await family.appeal(decision_id)
