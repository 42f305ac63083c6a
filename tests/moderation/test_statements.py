"""Appeals on real statements with pictures: what a refusal took is there again when it was wrong."""

import asyncio
from pathlib import Path

import pytest

from backend.campaigns.rules import Audience, Review, Visibility
from backend.core.database import Database
from backend.core.viewer import Viewer
from media.blobs.folder import FolderStore
from media.config import Media
from moderation.appeal_rules import AppealState
from moderation.appeals import Answer, decide_appeal, file_appeal
from moderation.rules import Reason, Verdict
from moderation.subjects import Subject
from tests.campaigns.stage import DESK, Stage, make_stage


@pytest.fixture
def stage(db: Database, runner: asyncio.Runner, tmp_path: Path) -> Stage:
    media = Media(blobs=FolderStore(tmp_path / "media"), secret=b"only-the-tests-know-this-secret-0123456789")
    return runner.run(make_stage(db, media))


async def appeal(
    stage: Stage, author: Viewer, subject: Subject, verdict: Verdict, answer: AppealState
) -> tuple[Visibility, Review]:
    """Refuse, appeal, answer; the statement's state after it."""
    words = "Endre dette." if verdict is Verdict.REQUEST_CHANGES else None
    decided = await stage.decide(subject, verdict, reason=Reason.OFF_CAMPAIGN_RULES, words=words)
    filed = await file_appeal(stage.db, DESK, author, decision_id=decided.decision.id, text="Nei.")
    await decide_appeal(stage.db, DESK, stage.second, filed.id, Answer(answer, "Ja.", "nb"))
    return await stage.state(subject.id)


@pytest.mark.parametrize("verdict", [Verdict.REJECT, Verdict.REQUEST_CHANGES])
async def test_overturned_refusal_publishes_words_and_picture(stage: Stage, verdict: Verdict) -> None:
    author = await stage.student()
    picture = await stage.picture(author)
    subject = await stage.hand_in(author, asset_ids=[picture])
    after = await appeal(stage, author, subject, verdict, AppealState.OVERTURNED)
    assert after == (Visibility.PUBLISHED, Review.APPROVED)
    assert await stage.sees(author, subject.id)
    assert await stage.asset_state(picture) == ("RELEASED", False)


async def test_overturned_refusal_for_the_city_waits_for_the_second_key(stage: Stage) -> None:
    author = await stage.student()
    subject = await stage.hand_in(author, audience=Audience.CITY)
    after = await appeal(stage, author, subject, Verdict.REJECT, AppealState.OVERTURNED)
    assert after == (Visibility.UNPUBLISHED, Review.IN_REVIEW)


async def test_partly_overturned_refusal_lets_the_author_change_it(stage: Stage) -> None:
    author = await stage.student()
    subject = await stage.hand_in(author)
    after = await appeal(stage, author, subject, Verdict.REJECT, AppealState.PARTLY)
    assert after == (Visibility.UNPUBLISHED, Review.CHANGES_REQUESTED)
    await stage.revise(author, subject.id)
    again = await stage.submit(author, subject.id)
    await stage.approve(again)
    assert await stage.sees(author, subject.id)


async def test_answer_after_the_author_withdrew_publishes_nothing(stage: Stage) -> None:
    author = await stage.student()
    subject = await stage.hand_in(author)
    decided = await stage.decide(subject, Verdict.REJECT, reason=Reason.SPAM)
    filed = await file_appeal(stage.db, DESK, author, decision_id=decided.decision.id, text="Nei.")
    await stage.withdraw(author, subject.id)
    await decide_appeal(stage.db, DESK, stage.second, filed.id, Answer(AppealState.OVERTURNED, "Ja.", "nb"))
    assert (await stage.state(subject.id))[0] is Visibility.WITHDRAWN


async def test_answer_after_the_author_began_a_new_wording_keeps_that_wording(stage: Stage) -> None:
    author = await stage.student()
    subject = await stage.hand_in(author)
    decided = await stage.decide(subject, Verdict.REQUEST_CHANGES, reason=Reason.SPAM, words="Kortere.")
    filed = await file_appeal(stage.db, DESK, author, decision_id=decided.decision.id, text="Nei.")
    await stage.revise(author, subject.id, "Noe helt annet.")
    await decide_appeal(stage.db, DESK, stage.second, filed.id, Answer(AppealState.OVERTURNED, "Ja.", "nb"))
    shown = await stage.shown(author)
    assert [row.text for row in shown] in ([], ["Vi må få snakke."])
    assert (await stage.latest(subject.id)).text == "Noe helt annet."
