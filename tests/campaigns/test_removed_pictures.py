"""A picture that was removed, or refused for what it is, comes again: a moderator looks first, and is told why."""

from collections.abc import Collection

import pytest

from backend.campaigns.rules import Audience, Review, Visibility
from backend.core.database import Transaction
from backend.core.ids import Id
from backend.core.viewer import Role, ScopeKind, Viewer
from media.processing.orders import Fingerprint, Look
from media.recognising import removed
from media.recognising.recognising_store import keep_fingerprint
from media.recognising.removed import remember
from moderation.appeal_rules import AppealState
from moderation.appeals import Answer, decide_appeal, file_appeal
from moderation.rules import Reason, Verdict
from moderation.subjects import Subject
from tests.campaigns.stage import DESK, Stage, reading_nb
from tests.campaigns.test_review import report
from tests.places.town import staff

_TAGGED = "select tags = '{removed_before}' and is_held and severity = 1 from moderation_case where subject_id = $1"


async def with_picture(stage: Stage, author: Viewer) -> tuple[Id, ...]:
    """A picture that looks like all others here: how looks are made is media's business."""
    asset_id = await stage.picture(author)
    async with stage.db.transaction() as tx:
        await keep_fingerprint(tx, asset_id, Fingerprint((Look(0x1234_5678_9ABC_DEF, -5, 77),), b""))
    return (asset_id,)


async def handed_in(stage: Stage) -> Subject:
    author = await stage.student()
    return await stage.hand_in(author, asset_ids=await with_picture(stage, author))


async def is_tagged(stage: Stage, subject: Subject) -> bool:
    held = (await stage.latest(subject.id)).review is Review.HELD
    tagged = bool(await stage.value(_TAGGED, subject.id))
    assert held is tagged
    return held


@pytest.mark.parametrize(
    ("reason", "tagged"),
    [
        (Reason.LAW, True),
        (Reason.PERSONAL_DATA, True),
        (Reason.OTHERS_RIGHTS, True),
        (Reason.HARASSMENT, True),
        (Reason.SPAM, False),
        (Reason.OFF_CAMPAIGN_RULES, False),
    ],
)
async def test_picture_that_was_refused_comes_again(stage: Stage, reason: Reason, tagged: bool) -> None:
    first = await handed_in(stage)
    assert not await is_tagged(stage, first)
    await stage.decide(first, Verdict.REJECT, reason=reason)
    assert await is_tagged(stage, await handed_in(stage)) is tagged


@pytest.mark.parametrize("verdict", [Verdict.REJECT, Verdict.REMOVE])
async def test_nobody_waits_for_pictures_while_their_cut_outs_are_made(
    stage: Stage, verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    author, met = await stage.student(), []
    subject = await stage.hand_in(author, audience=Audience.CITY, asset_ids=await with_picture(stage, author))
    if verdict is Verdict.REMOVE:
        await stage.approve(subject)
        await report(stage, stage.second, subject.id)

    async def before_all_locks(tx: Transaction, ids: Collection[Id]) -> None:
        async with stage.db.transaction() as other:
            met.append(await other.fetch("select id from asset where id = any($1) for update nowait", list(ids)))
        await remember(tx, ids)

    monkeypatch.setattr(removed, "remember", before_all_locks)
    await stage.decide(subject, verdict, reason=Reason.LAW)
    assert [len(rows) for rows in met] == [1]
    assert await is_tagged(stage, await handed_in(stage))


async def test_picture_that_was_sent_back_may_come_again(stage: Stage) -> None:
    await stage.decide(
        await handed_in(stage), Verdict.REQUEST_CHANGES, reason=Reason.PERSONAL_DATA, words="Spør henne først."
    )
    assert not await is_tagged(stage, await handed_in(stage))


async def test_signal_decides_nothing_and_what_a_moderator_approves_is_shown(stage: Stage) -> None:
    await stage.decide(await handed_in(stage), Verdict.REJECT, reason=Reason.LAW)
    again = await handed_in(stage)
    key = await stage.teacher_key(again)
    assert key.problem is not None
    assert key.problem.code == "moderator_needed"
    await stage.decide(again, Verdict.APPROVE)
    assert (await stage.statement(again.id)).visibility is Visibility.PUBLISHED


async def test_removed_picture_comes_again_until_an_appeal_gives_it_back(stage: Stage) -> None:
    author = await stage.student()
    statement_id = await stage.publish(author, audience=Audience.CITY, asset_ids=await with_picture(stage, author))
    await report(stage, stage.second, statement_id)
    decided = await stage.decide(await stage.subject(statement_id), Verdict.REMOVE, reason=Reason.SPAM)
    assert await is_tagged(stage, await handed_in(stage))
    await overturned(stage, author, decided.decision.id)
    assert (await stage.statement(statement_id)).visibility is Visibility.PUBLISHED
    assert not await is_tagged(stage, await handed_in(stage))


async def test_refusal_that_is_overturned_is_forgotten(stage: Stage) -> None:
    author = await stage.student()
    first = await stage.hand_in(author, asset_ids=await with_picture(stage, author))
    decided = await stage.decide(first, Verdict.REJECT, reason=Reason.LAW)
    await overturned(stage, author, decided.decision.id)
    assert (await stage.statement(first.id)).visibility is Visibility.PUBLISHED
    assert not await is_tagged(stage, await handed_in(stage))


async def overturned(stage: Stage, author: Viewer, decision_id: Id) -> None:
    appeal = await file_appeal(stage.db, DESK, author, decision_id=decision_id, text="Det er lov å vise.")
    place = (ScopeKind.CITY, stage.town.city.id)
    fresh = reading_nb(await staff(stage.db, stage.town.secretariat, Role.MODERATOR, *place))
    await decide_appeal(stage.db, DESK, fresh, appeal.id, Answer(AppealState.OVERTURNED, "Du har rett.", "nb"))
