"""Taking back: at once, in every state, also while somebody decides; and what consents no longer carry."""

import pytest

from backend.accounts import consent, personal_data
from backend.accounts.consent_rules import ConsentAnswer, ConsentAudience, ConsentGiver, ConsentPurpose, Question
from backend.campaigns.personal import PERSONAL
from backend.campaigns.rules import Audience, Review, Visibility
from backend.core.errors import Conflict, NotFound, Unauthenticated
from backend.core.ids import Id
from backend.core.viewer import ANONYMOUS, Viewer
from media.rules import People
from moderation.rules import Reason, Verdict
from moderation.subjects import Subject
from tests.campaigns.stage import DESK, Stage, together
from tests.places.town import SETTINGS

CITY = Question(ConsentPurpose.PUBLISH, ConsentAudience.CITY)


@pytest.fixture(autouse=True)
def domain() -> None:
    """As the composition root does it."""
    personal_data.register(PERSONAL)


async def prepared(stage: Stage, author: Viewer, state: str) -> Id:
    """A statement in a state."""
    if state == "draft":
        return await stage.draft(author)
    subject = await stage.hand_in(author)
    if state == "changes_requested":
        await stage.decide(subject, Verdict.REQUEST_CHANGES, reason=Reason.SPAM, words="Kortere.")
    if state == "rejected":
        await stage.decide(subject, Verdict.REJECT, reason=Reason.SPAM)
    if state in {"published", "hidden", "removed", "second_in_review"}:
        await stage.approve(subject)
    async with stage.db.transaction() as tx:
        if state == "hidden":
            await DESK.handler("statement").hide(tx, subject.id, subject.revision_id)
        if state == "removed":
            await DESK.handler("statement").remove(tx, subject.id, subject.revision_id)
    if state == "second_in_review":
        await stage.revise(author, subject.id)
        await stage.submit(author, subject.id)
    return subject.id


@pytest.mark.parametrize(
    "state",
    ["draft", "in_review", "changes_requested", "rejected", "published", "hidden", "removed", "second_in_review"],
)
async def test_withdraw_in_every_state_twice_ends_it(stage: Stage, state: str) -> None:
    author = await stage.student()
    statement_id = await prepared(stage, author, state)
    await stage.withdraw(author, statement_id)
    await stage.withdraw(author, statement_id)
    statement = await stage.statement(statement_id)
    assert statement.visibility is Visibility.WITHDRAWN
    assert await stage.value("select count(*) from takedown") == 0
    assert (await stage.own(author, statement_id))[1] == "NOTHING"
    assert not await stage.sees(author, statement_id)
    assert await stage.value("select count(*) from moderation_case where closed_at is null") == 0
    assert await stage.value("select count(*) from audit_entry where action = 'author:statement:withdrawn'") == 1


async def test_withdraw_somebody_elses_is_not_found(stage: Stage) -> None:
    author, other = await stage.student(), await stage.student()
    statement_id = await stage.publish(author)
    for viewer in (other, stage.teacher, stage.moderator):
        with pytest.raises(NotFound):
            await stage.withdraw(viewer, statement_id)
    with pytest.raises(Unauthenticated):
        await stage.withdraw(ANONYMOUS, statement_id)
    assert await stage.sees(author, statement_id)


async def test_withdraw_while_a_moderator_decides_never_comes_back(stage: Stage) -> None:
    author = await stage.student()
    for _ in range(4):
        subject = await stage.hand_in(author, audience=Audience.CLASS)
        await together(stage.withdraw(author, subject.id), stage.teacher_key(subject))
        assert (await stage.state(subject.id))[0] is Visibility.WITHDRAWN
        assert not await stage.sees(author, subject.id)


async def test_withdraw_then_decisions_and_late_effects_change_nothing(stage: Stage) -> None:
    author = await stage.student()
    subject = await stage.hand_in(author)
    await stage.withdraw(author, subject.id)
    assert (await stage.teacher_key(subject)).outcome is None
    with pytest.raises(Conflict):
        await stage.decide(subject, Verdict.APPROVE)
    handler = DESK.handler("statement")
    async with stage.db.transaction() as tx:
        await handler.approve(tx, subject.id, subject.revision_id)
        await handler.restore(tx, subject.id, subject.revision_id)
        await handler.hide(tx, subject.id, subject.revision_id)
        await handler.remove(tx, subject.id, subject.revision_id)
    assert (await stage.state(subject.id))[0] is Visibility.WITHDRAWN


async def test_withdraw_and_submit_at_the_same_time_leave_nothing_in_review(stage: Stage) -> None:
    author = await stage.student()
    statement_id = await stage.draft(author)
    await together(stage.submit(author, statement_id), stage.withdraw(author, statement_id))
    assert (await stage.state(statement_id))[0] is Visibility.WITHDRAWN
    assert await stage.value("select count(*) from moderation_case where closed_at is null") == 0


# Pictures go where their statement goes.


async def test_pictures_follow_their_statement(stage: Stage) -> None:
    author = await stage.student()
    asset_id = await stage.picture(author)
    subject = await stage.hand_in(author, audience=Audience.CITY, asset_ids=[asset_id])
    assert await stage.asset_state(asset_id) == ("CLEAN", False)
    await stage.approve(subject)
    assert await stage.asset_state(asset_id) == ("RELEASED", True)
    handler = DESK.handler("statement")
    async with stage.db.transaction() as tx:
        await handler.hide(tx, subject.id, subject.revision_id)
    assert await stage.asset_state(asset_id) == ("REVOKED", False)
    async with stage.db.transaction() as tx:
        await handler.restore(tx, subject.id, subject.revision_id)
    assert await stage.asset_state(asset_id) == ("RELEASED", True)
    await stage.withdraw(author, subject.id)
    assert await stage.asset_state(asset_id) == ("REVOKED", False)


async def test_pictures_of_members_only_statements_are_not_public(stage: Stage) -> None:
    author = await stage.student()
    asset_id = await stage.picture(author)
    await stage.publish(author, audience=Audience.SCHOOL, asset_ids=[asset_id])
    assert await stage.asset_state(asset_id) == ("RELEASED", False)


async def test_picture_left_out_of_the_new_wording_is_revoked_with_its_approval(stage: Stage) -> None:
    author = await stage.student()
    old, new = await stage.picture(author), await stage.picture(author)
    statement_id = await stage.publish(author, audience=Audience.CITY, asset_ids=[old])
    await stage.revise(author, statement_id, audience=Audience.CITY, asset_ids=[new])
    subject = await stage.submit(author, statement_id)
    assert await stage.asset_state(old) == ("RELEASED", True)
    assert await stage.asset_state(new) == ("CLEAN", False)
    await stage.approve(subject)
    assert await stage.asset_state(old) == ("REVOKED", False)
    assert await stage.asset_state(new) == ("RELEASED", True)


async def test_hiding_leaves_the_pictures_of_a_new_draft_usable(stage: Stage) -> None:
    author = await stage.student()
    old, new = await stage.picture(author), await stage.picture(author)
    statement_id = await stage.publish(author, audience=Audience.CITY, asset_ids=[old])
    revision_id = (await stage.latest(statement_id)).id
    await stage.revise(author, statement_id, audience=Audience.CITY, asset_ids=[new])
    handler = DESK.handler("statement")
    async with stage.db.transaction() as tx:
        await handler.hide(tx, statement_id, revision_id)
        await handler.restore(tx, statement_id, revision_id)
    await stage.approve(await stage.submit(author, statement_id))
    assert await stage.asset_state(new) == ("RELEASED", True)


# A consent that is taken back.


async def say_no(stage: Stage, author: Viewer, audience: ConsentAudience, **more: object) -> None:
    await stage.consent(
        author.require_account(), [audience], answer=ConsentAnswer.NO, days_ago=0, givers=[ConsentGiver.SELF], **more  # type: ignore[arg-type]
    )  # fmt: skip


async def test_consent_taken_back_takes_down_what_it_carried_and_nothing_else(stage: Stage) -> None:
    author, other = await stage.student(), await stage.student()
    city = await stage.publish(author, audience=Audience.CITY)
    waiting = (await stage.hand_in(author, audience=Audience.CITY)).id
    draft = await stage.draft(author, audience=Audience.CITY)
    school = await stage.publish(author, audience=Audience.SCHOOL)
    others = await stage.publish(other, audience=Audience.CITY)
    await say_no(stage, author, ConsentAudience.CITY)
    for statement_id, visibility in (
        (city, Visibility.WITHDRAWN), (waiting, Visibility.WITHDRAWN), (draft, Visibility.UNPUBLISHED),
        (school, Visibility.PUBLISHED), (others, Visibility.PUBLISHED),
    ):  # fmt: skip
        assert (await stage.statement(statement_id)).visibility is visibility
    kinds = await stage.value(
        "select count(*) from notice where account_id = $1 and kind = 'statement_lost_consent'", author.account_id
    )
    assert kinds == 2


async def test_consent_to_ones_picture_taken_back_takes_the_statement_down(stage: Stage) -> None:
    author = await stage.student()
    media = ConsentPurpose.IDENTIFIABLE_MEDIA
    await stage.consent(author.require_account(), [ConsentAudience.CITY], purpose=media)
    mine = await stage.picture(author, people=People.ONLY_ME)
    with_me = await stage.publish(author, audience=Audience.CITY, asset_ids=[mine])
    without = await stage.publish(author, audience=Audience.CITY)
    await say_no(stage, author, ConsentAudience.CITY, purpose=media)
    assert not await stage.sees(ANONYMOUS, with_me)
    assert await stage.sees(ANONYMOUS, without)


async def run_out(stage: Stage, author: Viewer) -> None:
    """The consents reach their last day, which no answer tells."""
    async with stage.db.transaction() as tx:
        await tx.execute("update consent set expires_at = now() where account_id = $1", author.account_id)


async def test_consent_run_out_before_the_last_key_publishes_nothing(stage: Stage) -> None:
    author = await stage.student()
    subject = await stage.hand_in(author, audience=Audience.CITY)
    await stage.teacher_key(subject)
    await run_out(stage, author)
    await stage.decide(subject, Verdict.APPROVE)
    assert (await stage.state(subject.id))[0] is Visibility.WITHDRAWN


async def test_removed_statement_whose_consent_ran_out_is_not_restored(stage: Stage) -> None:
    author = await stage.student()
    statement_id = await stage.publish(author, audience=Audience.CITY)
    subject: Subject = await stage.subject(statement_id)
    handler = DESK.handler("statement")
    async with stage.db.transaction() as tx:
        await handler.remove(tx, statement_id, subject.revision_id)
    await run_out(stage, author)
    async with stage.db.transaction() as tx:
        await handler.restore(tx, statement_id, subject.revision_id)
    assert (await stage.state(statement_id)) == (Visibility.WITHDRAWN, Review.APPROVED)


async def test_consent_taken_back_while_the_last_key_turns_publishes_nothing(stage: Stage) -> None:
    for _ in range(3):
        author = await stage.student()
        subject = await stage.hand_in(author, audience=Audience.CITY)
        await stage.teacher_key(subject)
        await together(
            stage.decide(subject, Verdict.APPROVE), say_no(stage, author, ConsentAudience.CITY)
        )  # fmt: skip
        assert (await stage.state(subject.id))[0] is Visibility.WITHDRAWN
        assert not await stage.sees(ANONYMOUS, subject.id)


async def test_consent_taken_back_while_handing_in_leaves_nothing_waiting_that_could_be_published(stage: Stage) -> None:
    author = await stage.student()
    statement_id = await stage.draft(author, audience=Audience.CITY)
    await together(stage.submit(author, statement_id), say_no(stage, author, ConsentAudience.CITY))
    visibility, review = await stage.state(statement_id)
    assert visibility is Visibility.WITHDRAWN or review is Review.DRAFT


async def test_guardians_no_takes_down_with_its_commit_and_not_without(stage: Stage) -> None:
    author = await stage.student()
    async with stage.db.transaction() as tx:
        await tx.execute("update account set birth_year = 2016 where id = $1", author.account_id)
    statement_id = await stage.publish(author, audience=Audience.CITY)
    refused = [consent.Answered(CITY, ConsentAnswer.NO)]

    async def refuse(*, fails: bool) -> None:
        async with stage.db.transaction() as tx:
            giver = consent.Giver(ConsentGiver.GUARDIAN, None)
            await consent.write_answers(tx, SETTINGS.accounts, author.require_account(), refused, giver)
            if fails:
                raise LookupError

    with pytest.raises(LookupError):
        await refuse(fails=True)
    assert await stage.sees(ANONYMOUS, statement_id)
    await refuse(fails=False)
    assert not await stage.sees(ANONYMOUS, statement_id)
    assert not [one for one in await stage.shown(ANONYMOUS) if one.id == statement_id]
    assert await stage.value("select state from moderation_case where subject_id = $1", statement_id) == "CLOSED"


async def test_consent_run_out_takes_down_what_is_published_by_the_next_round(stage: Stage) -> None:
    author, other = await stage.student(), await stage.student()
    statement_id = await stage.publish(author, audience=Audience.CITY)
    others = await stage.publish(other, audience=Audience.CITY)
    await run_out(stage, author)
    assert await consent.end_expired(stage.db) == 1
    assert not await stage.sees(ANONYMOUS, statement_id)
    assert await stage.sees(ANONYMOUS, others)
    assert await consent.end_expired(stage.db) == 1  # again is harmless
