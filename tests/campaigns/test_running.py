"""Campaigns: who makes, opens and closes them, and what stands in the way; the course and its quiz."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.campaigns import learning, running
from backend.campaigns.course_content import load_course
from backend.campaigns.rules import CampaignStatus
from backend.core.database import Database
from backend.core.errors import (
    Conflict,
    DomainError,
    NotAllowed,
    NotFound,
    RateLimited,
    Unauthenticated,
    ValidationFailed,
)
from backend.core.ids import Id, new_id
from backend.core.paging import PageRequest
from backend.core.viewer import ANONYMOUS, Grant, Role, ScopeKind, Viewer
from backend.places import cities
from backend.places.rules import Country
from tests.campaigns.stage import COURSE, Stage, new_campaign, together
from tests.places.town import EVIL_TEXTS, make_town, staff

TEXTS: dict[str, Any] = {"title": {"nb": "Ny"}, "description": {"nb": "Ny"}, "prompt": {"nb": "Ny"}, "topics": []}
KEY = "a-random-key-of-at-least-22-characters"


async def test_campaign_only_for_the_secretariat(stage: Stage) -> None:
    town = stage.town
    new = new_campaign(town.city.id)
    for viewer in (town.official, town.admin, stage.teacher, stage.moderator, await stage.student()):
        with pytest.raises(NotAllowed):
            await running.create_campaign(stage.db, viewer, new)
        with pytest.raises(NotAllowed):
            await running.close_campaign(stage.db, viewer, stage.campaign_id)
    with pytest.raises(Unauthenticated):
        await running.create_campaign(stage.db, ANONYMOUS, new)
    assert await stage.value("select count(*) from campaign") == 1
    assert await stage.value("select status from campaign") == "OPEN"


async def test_campaign_with_the_same_key_at_the_same_time_is_one(stage: Stage) -> None:
    new = new_campaign(stage.town.city.id)
    tries = (running.create_campaign(stage.db, stage.town.secretariat, new, client_key=KEY) for _ in range(4))
    done, errors = await together(*tries)
    assert (len(set(done)), errors) == (1, [])
    assert await stage.value("select count(*) from campaign") == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"zone": "Mars/Olympus"}, "zone_unknown"),
        ({"zone": "../../etc/passwd"}, "zone_unknown"),
        ({"course": "nothing"}, "not_found"),
        ({"course": "../content"}, "not_found"),
        ({"course_version": 99}, "not_found"),
        ({"title": {}}, "text_missing"),
        ({"title": {"xx": "Hei"}}, "locale_unknown"),
        ({"title": {"nb": "x" * 121}}, "text_too_long"),
        ({"topics": [{"nb": "T"}] * 31}, "too_many_topics"),
        ({"least_age": 20, "greatest_age": 10}, "age_range"),
        ({"least_age": -1}, "age_range"),
    ],
)
async def test_campaign_with_wrong_parts_is_refused(stage: Stage, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(DomainError) as refused:
        await running.create_campaign(stage.db, stage.town.secretariat, new_campaign(stage.town.city.id, **changes))
    assert refused.value.code == code
    assert await stage.value("select count(*) from campaign") == 1


@pytest.mark.parametrize("text", EVIL_TEXTS)
async def test_campaign_with_harmful_text_is_refused(stage: Stage, text: str) -> None:
    with pytest.raises(ValidationFailed):
        await running.create_campaign(stage.db, stage.town.secretariat, new_campaign(None, title={"nb": text}))


async def test_campaign_opens_only_with_two_leads_and_hours(db: Database) -> None:
    town = await make_town(db)
    secretariat, place = town.secretariat, (ScopeKind.CITY, town.city.id)
    campaign_id = await running.create_campaign(db, secretariat, new_campaign(town.city.id))
    for code in ("too_few_leads", "too_few_leads", "no_safeguarding_hours"):
        with pytest.raises(Conflict, match=code):
            await running.open_campaign(db, secretariat, campaign_id)
        await staff(db, secretariat, Role.SAFEGUARDING_LEAD, *place)
    async with db.transaction() as tx:
        await tx.execute("update city set safeguarding_hours = '08-16' where id = $1", town.city.id)
    past = datetime.now(UTC) - timedelta(hours=1)
    with pytest.raises(ValidationFailed, match="closes_before_it_opens"):
        await running.open_campaign(db, secretariat, campaign_id, closes_at=past)
    done, errors = await together(*(running.open_campaign(db, secretariat, campaign_id) for _ in range(3)))
    assert (len(done), {error.state for error in errors if isinstance(error, Conflict)}) == (1, {"OPEN"})


async def test_campaign_of_the_network_opens_only_when_every_city_with_a_class_is_ready(stage: Stage) -> None:
    db, secretariat = stage.db, stage.town.secretariat
    campaign_id = await running.create_campaign(db, secretariat, new_campaign(None))
    await cities.create_city(db, secretariat, name="Empty", country=Country.NO, zone="Europe/Oslo")
    unready = await make_town(db, secretariat=secretariat)
    for code in ("too_few_leads", "too_few_leads", "no_safeguarding_hours"):
        with pytest.raises(Conflict, match=code) as refused:
            await running.open_campaign(db, secretariat, campaign_id)
        assert refused.value.params["city"] == unready.city.name
        await staff(db, secretariat, Role.SAFEGUARDING_LEAD, ScopeKind.CITY, unready.city.id)
    async with db.transaction() as tx:
        await tx.execute("update city set safeguarding_hours = '08-16' where id = $1", unready.city.id)
    await running.open_campaign(db, secretariat, campaign_id)


async def test_campaign_that_is_a_draft_is_hidden_from_others(stage: Stage) -> None:
    hidden = await running.create_campaign(stage.db, stage.town.secretariat, new_campaign(stage.town.city.id))
    async with stage.db.reading() as conn:
        for viewer in (ANONYMOUS, stage.teacher, stage.town.official):
            page = await running.list_campaigns(conn, viewer, PageRequest(10))
            assert [row.id for row in page.rows] == [stage.campaign_id]
            assert await running.find_campaigns(conn, viewer, [hidden]) == []
        page = await running.list_campaigns(conn, stage.town.secretariat, PageRequest(10))
        assert [row.id for row in page.rows] == [hidden, stage.campaign_id]
    for viewer in (stage.teacher, stage.town.official):
        with pytest.raises(NotFound):
            await running.open_campaign(stage.db, viewer, hidden)


async def test_editors_of_a_campaign_write_its_texts_and_no_others(stage: Stage) -> None:
    other = await running.create_campaign(stage.db, stage.town.secretariat, new_campaign(stage.town.city.id))
    editor = replace(await stage.outsider(), grants=(Grant(Role.EDITOR, ScopeKind.CAMPAIGN, other),))
    await running.update_campaign(stage.db, editor, other, **TEXTS)
    assert await stage.value("select title ->> 'nb' from campaign where id = $1", other) == "Ny"
    with pytest.raises(NotAllowed):
        await running.update_campaign(stage.db, editor, stage.campaign_id, **TEXTS)
    with pytest.raises(NotFound):
        await running.update_campaign(stage.db, editor, new_id(), **TEXTS)


async def test_closed_campaign_keeps_its_texts_and_can_open_again(stage: Stage) -> None:
    secretariat = stage.town.secretariat
    await running.close_campaign(stage.db, secretariat, stage.campaign_id)
    for attempt in (
        running.close_campaign(stage.db, secretariat, stage.campaign_id),
        running.update_campaign(stage.db, secretariat, stage.campaign_id, **TEXTS),
    ):
        _, [error] = await together(attempt)
        assert isinstance(error, Conflict)
        assert error.state == CampaignStatus.CLOSED
    await running.open_campaign(stage.db, secretariat, stage.campaign_id)


# The course.


def right_answers() -> dict[str, frozenset[str]]:
    return {one.key: one.right_keys for one in load_course(*COURSE, "en").questions}


async def hand_in(stage: Stage, viewer: Viewer, answers: dict[str, frozenset[str]], key: str | None = None) -> Any:
    return await learning.submit_quiz(
        stage.db, viewer, name=COURSE[0], version=COURSE[1], answers=answers, locale="nb", secret=b"s" * 32,
        client_key=key,
    )  # fmt: skip


async def finish(stage: Stage, viewer: Viewer) -> Id:
    for lesson in load_course(*COURSE, "en").lessons:
        await learning.complete_lesson(stage.db, viewer, name=COURSE[0], version=COURSE[1], lesson=lesson.key)
    return viewer.require_account()


async def test_quiz_before_the_lessons_or_with_wrong_shape_is_refused(stage: Stage) -> None:
    learner = await stage.student(passed=False)
    with pytest.raises(Conflict, match="lessons_missing"):
        await hand_in(stage, learner, right_answers())
    first = next(iter(right_answers()))
    for answers, code in (
        ({}, "quiz_incomplete"),
        ({**right_answers(), first: frozenset()}, "quiz_incomplete"),
        ({**right_answers(), first: frozenset({"nonsense"})}, "quiz_unknown_option"),
        ({**right_answers(), "nonsense": frozenset({"a"})}, "quiz_unknown_option"),
    ):
        with pytest.raises(ValidationFailed, match=code):
            await hand_in(stage, learner, answers)
    with pytest.raises(Unauthenticated):
        await hand_in(stage, ANONYMOUS, right_answers())
    assert await stage.value("select count(*) from quiz_attempt") == 0


async def test_quiz_wrong_then_right_passes_and_keeps_no_answers(stage: Stage) -> None:
    learner = await stage.student(passed=False)
    await finish(stage, learner)
    await finish(stage, learner)
    questions = load_course(*COURSE, "en").questions
    wrong = {one.key: frozenset({next(o.key for o in one.options if not o.right)}) for one in questions}
    failed = await hand_in(stage, learner, wrong)
    assert (failed.passed, failed.score, len(failed.wrong)) == (False, 0, len(questions))
    passed = await hand_in(stage, learner, right_answers())
    assert (passed.passed, passed.score, passed.wrong) == (True, len(questions), ())
    again = await hand_in(stage, learner, wrong)
    assert not again.passed
    async with stage.db.reading() as conn:
        progress = await learning.get_progress(conn, learner.require_account(), *COURSE)
    assert progress.passed


async def test_quiz_with_the_same_key_counts_once_and_costs_no_more_attempts(stage: Stage) -> None:
    learner = await stage.student(passed=False)
    await finish(stage, learner)
    for _ in range(9):
        assert (await hand_in(stage, learner, right_answers(), KEY)).passed
    assert await stage.value("select count(*) from quiz_attempt") == 1
    for _ in range(5):
        await hand_in(stage, learner, right_answers())


async def test_quiz_guessing_is_limited(stage: Stage) -> None:
    learner = await stage.student(passed=False)
    await finish(stage, learner)
    for _ in range(6):
        await hand_in(stage, learner, right_answers())
    with pytest.raises(RateLimited):
        await hand_in(stage, learner, right_answers())
