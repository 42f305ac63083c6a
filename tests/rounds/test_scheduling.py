"""Rounds in the calendar: who may, what overlaps, scheduling anew, pausing, resuming, voiding."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from backend.campaigns import running as campaign_running
from backend.core.clock import process_now
from backend.core.database import Database
from backend.core.errors import Conflict, NotAllowed, NotFound, Unauthenticated, ValidationFailed
from backend.core.ids import Id, new_id
from backend.core.paging import PageRequest
from backend.core.viewer import ANONYMOUS, Viewer
from backend.rounds import running, scheduling
from backend.rounds.page import TopicPage
from backend.rounds.rules import RoundState, Weights
from backend.rounds.schedule import Plan
from backend.rounds.scheduling import Single
from backend.rounds.store import rounds as store
from backend.rounds.store.rounds import Round, Word
from tests.campaigns.stage import new_campaign, together
from tests.rounds.arena import DAY, Arena

PAGE = TopicPage({"nb": "Hva er et hjem?", "en": "What is a home?"}, [{"nb": "Hvem bor der?"}],
                 [Word({"nb": "et hjem"}, {"nb": "der du bor"})])  # fmt: skip


def plan(weeks: int = 3) -> Plan:
    """Rounds from the Monday after next on: the arena's round is over then."""
    today = process_now().date()
    monday = today + timedelta(days=14 - today.weekday())
    return Plan(0, time(8), 4, time(15), monday, monday + timedelta(weeks=weeks, days=-3))


async def rounds(arena: Arena) -> list[Round]:
    page, _ = await running.list_rounds(
        arena.db, arena.stage.town.secretariat, arena.stage.campaign_id, PageRequest(100)
    )
    return list(page.rows)


async def test_weekly_rounds_are_made_by_the_plan_with_the_campaign_prompt(arena: Arena) -> None:
    editor = await arena.editor()
    assert await scheduling.schedule_weekly(arena.db, editor, arena.stage.campaign_id, plan()) == 3
    made = [one for one in await rounds(arena) if one.id != arena.round_id]
    assert [one.opens_at.weekday() for one in made] == [0] * len(made)
    assert {one.prompt["nb"] for one in made} == {"Hva vil du endre?"}
    assert len({one.seed for one in made}) == len(made)
    kept = await running.get_plan(arena.db, editor, arena.stage.campaign_id)
    assert kept is not None
    assert (kept.opens_time, kept.closes_time) == ("08:00", "15:00")


async def test_weekly_rounds_about_a_topic_of_no_or_another_campaign_are_not_made(arena: Arena) -> None:
    editor, boss = await arena.editor(), arena.stage.town.secretariat
    other = await campaign_running.create_campaign(arena.db, boss, new_campaign(None))
    foreign = await arena.value("select id from topic where campaign_id = $1 limit 1", other)
    before = await rounds(arena)
    for topic_id in (foreign, new_id()):
        content = replace(PAGE, topic_id=topic_id)
        with pytest.raises(NotFound):
            await scheduling.schedule_weekly(arena.db, editor, arena.stage.campaign_id, plan(), content=content)
    assert await rounds(arena) == before


async def test_scheduling_anew_replaces_what_has_not_opened_and_keeps_its_pages(arena: Arena) -> None:
    editor, campaign_id = await arena.editor(), arena.stage.campaign_id
    await scheduling.schedule_weekly(arena.db, editor, campaign_id, plan())
    first = min((one for one in await rounds(arena) if one.id != arena.round_id), key=lambda one: one.opens_at)
    await running.update_round(arena.db, editor, first.id, PAGE)
    await scheduling.schedule_weekly(arena.db, editor, campaign_id, replace(plan(2), closes_time=time(14)))
    made = sorted((one for one in await rounds(arena) if one.id != arena.round_id), key=lambda one: one.opens_at)
    assert len(made) == 2
    assert made[0].id != first.id
    assert made[0].prompt == PAGE.prompt
    assert made[1].prompt == {"nb": "Hva vil du endre?"}
    assert (await arena.round()).id == arena.round_id


async def test_plan_over_a_single_round_leaves_that_week_out(arena: Arena) -> None:
    today = process_now().date()
    around = replace(plan(), first_day=today - timedelta(days=today.weekday()))
    await scheduling.schedule_weekly(arena.db, await arena.editor(), arena.stage.campaign_id, around)
    taken = await arena.round()
    assert [
        one.id for one in await rounds(arena) if one.opens_at < taken.closes_at and one.closes_at > taken.opens_at
    ] == [taken.id]


async def test_repeated_schedule_gives_the_same_rounds(arena: Arena) -> None:
    editor, campaign_id = await arena.editor(), arena.stage.campaign_id
    times = Single(process_now() + 20 * DAY, process_now() + 22 * DAY)
    done, failed = await together(
        *(scheduling.schedule_single(arena.db, editor, campaign_id, times, client_key="the-same-key") for _ in range(4))
    )
    assert failed == []
    assert len(set(done)) == 1
    assert len(await rounds(arena)) == 2


async def test_two_rounds_at_the_same_time_conflict(arena: Arena) -> None:
    editor, campaign_id = await arena.editor(), arena.stage.campaign_id
    wanted = [Single(process_now() + (20 + n) * DAY, process_now() + (23 + n) * DAY) for n in range(3)]
    done, failed = await together(
        *(scheduling.schedule_single(arena.db, editor, campaign_id, times) for times in wanted)
    )
    assert len(done) == 1
    assert {getattr(one, "code", one) for one in failed} == {"rounds_overlap"}


@pytest.mark.parametrize(
    ("opens", "closes", "change", "code"),
    [
        (21, 20, {}, "closes_before_it_opens"),
        (-3, -1, {}, "closes_before_it_opens"),
        (-1, 20, {}, "round_opens_in_past"),
        (20, 52, {}, "round_too_long"),
        (20, 4000, {}, "day_too_far"),
        (20, 22, {"freezes_at": 23}, "freeze_outside_round"),
        (20, 22, {"judging_starts_at": 21}, "judging_before_close"),
        (20, 22, {"judging_ends_at": 22}, "judging_ends_before_it_starts"),
        (20, 22, {"judging_ends_at": 4000}, "day_too_far"),
    ],
)
async def test_times_that_make_no_sense_are_refused(
    arena: Arena, opens: int, closes: int, change: dict[str, int], code: str
) -> None:
    now = process_now()
    times = Single(now + opens * DAY, now + closes * DAY, **{name: now + days * DAY for name, days in change.items()})
    with pytest.raises(ValidationFailed) as refused:
        await scheduling.schedule_single(arena.db, await arena.editor(), arena.stage.campaign_id, times)
    assert refused.value.code == code
    assert len(await rounds(arena)) == 1


@pytest.mark.parametrize("weights", [Weights(50, 30, 30), Weights(-10, 90, 20), Weights(0, 0, 0)])
async def test_weights_that_make_no_hundred_are_refused(arena: Arena, weights: Weights) -> None:
    times = Single(process_now() + 20 * DAY, process_now() + 22 * DAY)
    with pytest.raises(ValidationFailed, match="weights_not_hundred"):
        await scheduling.schedule_single(
            arena.db, await arena.editor(), arena.stage.campaign_id, times, weights=weights
        )


async def test_topic_of_another_campaign_is_not_found(arena: Arena) -> None:
    with pytest.raises(NotFound):
        await running.update_round(arena.db, await arena.editor(), arena.round_id, replace(PAGE, topic_id=new_id()))
    assert (await arena.round()).topic_id is None


Deed = Callable[[Database, Viewer, Id], Awaitable[object]]
DEEDS: dict[str, Deed] = {
    "update": lambda db, viewer, round_id: running.update_round(db, viewer, round_id, PAGE),
    "pause": running.pause_round,
    "resume": running.resume_round,
    "void": lambda db, viewer, round_id: running.void_round(db, viewer, round_id, "Feil uke."),
}


@pytest.mark.parametrize("deed", DEEDS)
async def test_round_is_run_by_its_editors_alone(arena: Arena, deed: str) -> None:
    before = await arena.round()
    strangers = [arena.stage.teacher, arena.stage.moderator, await arena.stage.student(), await arena.juror()]
    if deed != "update":
        strangers.append(await arena.student_editor())
    editor = await arena.editor()
    with arena.open():
        for viewer in [*strangers, replace(editor, is_restricted=True)]:
            with pytest.raises(NotAllowed):
                await DEEDS[deed](arena.db, viewer, arena.round_id)
        with pytest.raises(Unauthenticated):
            await DEEDS[deed](arena.db, ANONYMOUS, arena.round_id)
        with pytest.raises(NotFound):
            await DEEDS[deed](arena.db, editor, new_id())
    assert await arena.round() == before


async def test_round_of_a_draft_campaign_is_not_found_by_others(arena: Arena) -> None:
    town = arena.stage.town
    draft = await campaign_running.create_campaign(arena.db, town.secretariat, new_campaign(town.city.id))
    times = Single(process_now() + 20 * DAY, process_now() + 22 * DAY)
    round_id = await scheduling.schedule_single(arena.db, town.secretariat, draft, times)
    with pytest.raises(NotFound):
        await running.pause_round(arena.db, arena.stage.teacher, round_id)
    async with arena.db.reading() as conn:
        assert await running.find_rounds(conn, arena.stage.teacher, [round_id]) == []
        assert len(await running.find_rounds(conn, town.secretariat, [round_id])) == 1
    page, _ = await running.list_rounds(arena.db, arena.stage.teacher, draft, PageRequest(10))
    assert page.rows == []


async def test_student_editor_writes_the_page_until_the_close(arena: Arena) -> None:
    viewer = await arena.student_editor()
    with arena.open():
        await running.update_round(arena.db, viewer, arena.round_id, PAGE)
    row = await arena.round()
    assert (row.prompt, row.questions, row.vocabulary) == (PAGE.prompt, list(PAGE.questions), list(PAGE.vocabulary))
    with arena.closed(), pytest.raises(Conflict) as refused:
        await running.update_round(arena.db, viewer, arena.round_id, TopicPage({"nb": "For sent"}))
    assert refused.value.state == RoundState.CLOSED
    assert (await arena.round()).prompt == PAGE.prompt


async def test_pause_keeps_the_time_left_and_twice_is_a_conflict(arena: Arena) -> None:
    editor, before = await arena.editor(), await arena.round()
    with arena.at(2 * DAY):
        await running.pause_round(arena.db, editor, arena.round_id)
        with pytest.raises(Conflict) as refused:
            await running.pause_round(arena.db, editor, arena.round_id)
    assert refused.value.state == RoundState.PAUSED
    with arena.at(30 * DAY):
        assert (await arena.round()).state(process_now()) is RoundState.PAUSED
        await running.resume_round(arena.db, editor, arena.round_id)
        with pytest.raises(Conflict):
            await running.resume_round(arena.db, editor, arena.round_id)
    after = await arena.round()
    for name in ("freezes_at", "closes_at", "judging_starts_at", "judging_ends_at"):
        moved = getattr(after, name) - getattr(before, name)
        assert abs(moved - 28 * DAY) < timedelta(minutes=1)


async def test_resumed_round_pushes_the_next_opening_back(arena: Arena) -> None:
    editor, current = await arena.editor(), await arena.round()
    following = await scheduling.schedule_single(
        arena.db, editor, arena.stage.campaign_id, Single(current.closes_at + DAY, current.closes_at + 8 * DAY)
    )
    with arena.at(DAY):
        await running.pause_round(arena.db, editor, arena.round_id)
    with arena.at(3 * DAY + timedelta(hours=12)):
        await running.resume_round(arena.db, editor, arena.round_id)
    async with arena.db.reading() as conn:
        pushed = await store.get_round(conn, following)
    assert pushed is not None
    assert pushed.opens_at == (await arena.round()).closes_at


async def test_round_that_would_swallow_the_next_stays_paused(arena: Arena) -> None:
    editor, current = await arena.editor(), await arena.round()
    await scheduling.schedule_single(
        arena.db, editor, arena.stage.campaign_id, Single(current.closes_at + DAY, current.closes_at + 3 * DAY)
    )
    with arena.at(DAY):
        await running.pause_round(arena.db, editor, arena.round_id)
    with arena.at(20 * DAY), pytest.raises(Conflict, match="rounds_overlap"):
        await running.resume_round(arena.db, editor, arena.round_id)
    assert (await arena.round()).paused_at is not None


async def test_round_stays_paused_while_the_next_one_is_open(arena: Arena) -> None:
    """What was handed in for the next round would belong to this one otherwise."""
    editor, current = await arena.editor(), await arena.round()
    following = await scheduling.schedule_single(
        arena.db, editor, arena.stage.campaign_id, Single(current.closes_at + DAY, current.closes_at + 20 * DAY)
    )
    with arena.at(3 * DAY):
        await running.pause_round(arena.db, editor, arena.round_id)
    with arena.at(6 * DAY), pytest.raises(Conflict, match="rounds_overlap"):
        await running.resume_round(arena.db, editor, arena.round_id)
    async with arena.db.reading() as conn:
        untouched = await store.get_round(conn, following)
    assert untouched is not None
    assert untouched.opens_at == current.closes_at + DAY


async def test_sealed_student_editor_writes_nothing(arena: Arena) -> None:
    sealed = replace(await arena.student_editor(), sealed_until=arena.opens_at + 9 * DAY)
    with arena.open(), pytest.raises(Conflict, match="sealed_after_reset"):
        await running.update_round(arena.db, sealed, arena.round_id, TopicPage({"nb": "Noe annet?"}))


async def test_void_round_says_why_and_ends_for_good(arena: Arena) -> None:
    editor = await arena.editor()
    with arena.open():
        with pytest.raises(ValidationFailed):
            await running.void_round(arena.db, editor, arena.round_id, "  ")
        done, failed = await together(
            *(running.void_round(arena.db, editor, arena.round_id, "Feil uke.") for _ in range(3))
        )
        assert (len(done), {type(one) for one in failed}) == (1, {Conflict})
        with pytest.raises(Conflict):
            await running.pause_round(arena.db, editor, arena.round_id)
    row = await arena.round()
    assert (row.state(process_now()), row.void_reason) == (RoundState.VOID, "Feil uke.")


async def test_round_of_a_closed_campaign_is_not_scheduled(arena: Arena) -> None:
    secretariat, campaign_id = arena.stage.town.secretariat, arena.stage.campaign_id
    await campaign_running.close_campaign(arena.db, secretariat, campaign_id)
    with pytest.raises(Conflict) as refused:
        await scheduling.schedule_weekly(arena.db, secretariat, campaign_id, plan())
    assert refused.value.state == "CLOSED"


async def test_plan_of_past_days_is_refused_and_keeps_the_old_rounds(arena: Arena) -> None:
    editor, campaign_id = await arena.editor(), arena.stage.campaign_id
    await scheduling.schedule_weekly(arena.db, editor, campaign_id, plan())
    before = await rounds(arena)
    past = replace(plan(), first_day=date(2026, 1, 5), last_day=date(2026, 1, 30))
    with pytest.raises(ValidationFailed, match="no_round_left"):
        await scheduling.schedule_weekly(arena.db, editor, campaign_id, past)
    assert await rounds(arena) == before
