"""Pictures of hidden statements end when nobody can be put right any more, and not a day before."""

from datetime import timedelta

import pytest

from backend.campaigns.contested import contested_pictures
from backend.campaigns.rules import Visibility
from backend.core.clock import time_shifted
from backend.core.ids import Id
from backend.core.viewer import Viewer
from media.retention.ending import end_old
from moderation.appeal_rules import AppealState
from moderation.appeals import Answer, decide_appeal, file_appeal
from moderation.rules import Reason, Verdict
from moderation.subjects import Subject
from tests.campaigns.sharing import media_of
from tests.campaigns.stage import DESK, Stage
from tests.campaigns.test_review import report


async def with_picture(stage: Stage) -> tuple[Viewer, Subject, Id]:
    """The author of a published statement with a picture."""
    author = await stage.student()
    picture = await stage.picture(author)
    subject = await stage.hand_in(author, asset_ids=[picture])
    await stage.approve(subject)
    assert (await stage.asset_state(picture))[0] == "RELEASED"
    return author, subject, picture


async def after(stage: Stage, days: int, picture: Id) -> str:
    """The picture's state when the daily round has run so many days from now."""
    with time_shifted(timedelta(days=days)):
        await end_old(stage.db, media_of(stage), contested=contested_pictures)
    return (await stage.asset_state(picture))[0]


@pytest.mark.parametrize("answer", [AppealState.OVERTURNED, AppealState.UPHELD])
async def test_picture_waits_for_the_answer_to_an_appeal_of_the_last_day(stage: Stage, answer: AppealState) -> None:
    author, subject, picture = await with_picture(stage)
    _, other, forgotten = await with_picture(stage)
    for one in (subject, other):
        await report(stage, stage.teacher, one.id)
    hidden = await stage.decide(subject, Verdict.HIDE, reason=Reason.SPAM)
    await stage.decide(other, Verdict.HIDE, reason=Reason.SPAM)
    with time_shifted(timedelta(days=180)):
        appeal = await file_appeal(stage.db, DESK, author, decision_id=hidden.decision.id, text="Det er ikke spam.")
    assert [await after(stage, 190, one) for one in (picture, forgotten)] == ["REVOKED", "PURGED"]
    with time_shifted(timedelta(days=200)):
        await decide_appeal(stage.db, DESK, stage.second, appeal.id, Answer(answer, "Vi har sett på det.", "nb"))
    is_shown = answer is AppealState.OVERTURNED
    visibility = (await stage.statement(subject.id)).visibility
    assert visibility is (Visibility.PUBLISHED if is_shown else Visibility.HIDDEN)
    assert await after(stage, 400, picture) == ("RELEASED" if is_shown else "PURGED")


async def test_picture_hidden_by_reports_stays_until_the_decision_cannot_be_contested(stage: Stage) -> None:
    _, subject, picture = await with_picture(stage)
    await report(stage, stage.teacher, subject.id)
    assert (await stage.asset_state(picture))[0] == "REVOKED"
    with time_shifted(timedelta(days=20)):
        await stage.decide(subject, Verdict.HIDE, reason=Reason.SPAM)
    assert await after(stage, 190, picture) == "REVOKED"
    assert await after(stage, 210, picture) == "PURGED"
