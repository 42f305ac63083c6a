"""What a guardian's key shows of what a child says: all that their yes carries, and nothing else."""

import asyncio
from datetime import timedelta

import pytest

from backend.accounts import guardian_keys, personal_data
from backend.accounts.consent import Answered
from backend.accounts.consent_rules import WORDING, ConsentAnswer, ConsentAudience, KeyChannel
from backend.accounts.erasure import request_erasure
from backend.campaigns import guardians
from backend.campaigns.personal import PERSONAL
from backend.campaigns.rules import Audience
from backend.core.clock import time_shifted
from backend.core.errors import Closed, NotFound
from backend.core.ids import new_id
from backend.core.paging import PageRequest
from moderation.rules import Reason, Verdict
from tests.campaigns.family import (
    ACCOUNTS,
    CITY,
    GUARDIAN,
    SOCIAL,
    Family,
    give_key,
    make_child,
    make_family,
    speak_for_all,
)
from tests.campaigns.stage import DESK, Stage
from tests.places.town import viewer_of


@pytest.fixture(autouse=True)
def domain() -> None:
    """As the composition root does it."""
    personal_data.register(PERSONAL)


@pytest.fixture
def family(stage: Stage, runner: asyncio.Runner) -> Family:
    return runner.run(make_family(stage))


async def test_guardian_reads_what_their_yes_carries_newest_first_and_nothing_else(
    stage: Stage, family: Family
) -> None:
    other = await make_child(stage)
    others = Family(stage, other, await give_key(stage, other, [CITY]))
    await speak_for_all(stage, family.child, [ConsentAudience.SOCIAL])
    await stage.publish(family.child, "Første.", audience=Audience.CITY)
    await stage.publish(family.child, "Andre.", audience=Audience.CITY)
    await stage.publish(family.child, "For skolen.", audience=Audience.SCHOOL)
    await stage.publish(family.child, "For klassen.", audience=Audience.CLASS)
    await stage.publish(family.child, "Med skolens ja.", audience=Audience.SOCIAL)
    await stage.publish(other, "En annens.", audience=Audience.CITY)
    await stage.draft(family.child, "Utkast.", audience=Audience.CITY)
    await stage.hand_in(family.child, "Venter.", audience=Audience.CITY)
    await family.refuse("Ikke slik.")
    assert await family.reads() == ["Andre.", "Første."]
    assert await others.reads() == ["En annens."]
    page = await guardians.list_published(stage.db, GUARDIAN, await family.carried(), PageRequest(1))
    [row] = page.rows
    assert (row.language, row.direction, row.audience, page.has_next) == ("nb", "ltr", Audience.CITY, True)
    rest = await guardians.list_published(
        stage.db, GUARDIAN, await family.carried(), PageRequest(1, after=page.keys[0])
    )
    assert [row.text for row in rest.rows] == ["Første."]


async def test_newer_wording_is_not_shown_before_it_is_published(stage: Stage, family: Family) -> None:
    statement_id = await stage.publish(family.child, "Gammelt.", audience=Audience.CITY)
    await stage.revise(family.child, statement_id, "Nytt.", audience=Audience.CITY)
    subject = await stage.submit(family.child, statement_id)
    assert await family.reads() == ["Gammelt."]
    await stage.approve(subject)
    assert await family.reads() == ["Nytt."]


@pytest.mark.parametrize("how", ["hidden", "removed", "withdrawn", "leaving", "leaving, statements stay"])
async def test_what_is_hidden_taken_back_or_of_who_leaves_is_not_shown(stage: Stage, family: Family, how: str) -> None:
    subject = await stage.hand_in(family.child, audience=Audience.CITY)
    await stage.approve(subject)
    await stage.revise(family.child, subject.id, "Ny.", audience=Audience.CITY)
    newer = await stage.submit(family.child, subject.id)
    decided = await stage.decide(newer, Verdict.REJECT, reason=Reason.SPAM)
    assert (await family.reads(), len(await family.refused())) == (["Vi må få snakke."], 1)
    if how == "withdrawn":
        await stage.withdraw(family.child, subject.id)
    elif how.startswith("leaving"):
        await request_erasure(stage.db, ACCOUNTS, family.child, keep_statements=how != "leaving")
    else:
        act = DESK.handler("statement").hide if how == "hidden" else DESK.handler("statement").remove
        async with stage.db.transaction() as tx:
            await act(tx, subject.id, subject.revision_id)
    assert (await family.reads(), await family.refused()) == ([], [])
    with pytest.raises(NotFound, match="not_found"):
        await family.appeal(decided.decision.id)


@pytest.mark.parametrize("how", ["withdrawn", "no", "of age", "not in force yet", "without the child's yes"])
async def test_consent_that_does_not_carry_shows_nothing(stage: Stage, family: Family, how: str) -> None:
    """A yes of the school's in place of the guardian would still carry the statements."""
    await speak_for_all(stage, family.child, [ConsentAudience.CITY])
    await stage.publish(family.child, audience=Audience.CITY)
    _, decision_id = await family.refuse()
    assert (len(await family.reads()), len(await family.refused())) == (1, 1)
    if how == "withdrawn":
        await family.withdraw()
    elif how == "no":
        no = [Answered(CITY, ConsentAnswer.NO)]
        await guardian_keys.answer_by_key(stage.db, ACCOUNTS, GUARDIAN, family.code, no, wording=WORDING)
    async with stage.db.transaction() as tx:
        if how == "of age":
            await tx.execute("update account set birth_year = 2010 where id = $1", family.child.account_id)
        elif how == "not in force yet":
            await tx.execute("update consent set effective_at = now() + interval '1 h' where granted_by = 'GUARDIAN'")
        elif how == "without the child's yes":
            await tx.execute("update consent set withdrawn_at = now() where granted_by = 'SELF'")
    assert (await family.reads(), await family.refused()) == ([], [])
    with pytest.raises(NotFound, match="not_found"):
        await family.appeal(decision_id)


async def test_revoked_and_expired_keys_see_and_contest_nothing(stage: Stage, family: Family) -> None:
    _, decision_id = await family.refuse()
    with time_shifted(timedelta(days=3 * 366)):
        assert await family.page() is None
        with pytest.raises(NotFound, match="not_found"):
            await family.appeal(decision_id)
    async with stage.db.transaction() as tx:
        await guardian_keys.revoke(tx, family.child.require_account(), by=new_id())
    assert await family.page() is None
    with pytest.raises(NotFound, match="not_found"):
        await family.appeal(decision_id)
    assert await stage.value("select count(*) from appeal") == 0


async def test_key_shows_nothing_that_it_was_not_asked_about(stage: Stage, family: Family) -> None:
    await stage.publish(family.child, audience=Audience.CITY)
    child_id = family.child.require_account()
    async with stage.db.transaction() as tx:
        await guardian_keys.revoke(tx, child_id, by=new_id())
        slip = await guardian_keys.ask(tx, ACCOUNTS, child_id, [SOCIAL], channel=KeyChannel.SCHOOL, asked_by=child_id)
    family.code = slip.code
    assert await family.reads() == []
    async with stage.db.transaction() as tx:
        await guardian_keys.ask(tx, ACCOUNTS, child_id, [CITY], channel=KeyChannel.SCHOOL, asked_by=child_id)
    assert await family.reads() == ["Vi må få snakke."]


async def test_mailed_key_sees_nothing_that_is_said_in_a_class(stage: Stage) -> None:
    outsider = await stage.outsider()
    await stage.pass_course(outsider.require_account())
    await make_child(stage, outsider)
    mailed = Family(stage, outsider, await give_key(stage, outsider, [CITY], channel=KeyChannel.MAIL))
    await stage.publish(outsider, "Utenfor klassen.", audience=Audience.CITY)
    joined = await stage.student(consents=())
    async with stage.db.transaction() as tx:
        await tx.execute(
            "update seat set account_id = $1 where account_id = $2", outsider.account_id, joined.account_id
        )
    mailed.child = await viewer_of(stage.db, outsider.require_account())
    await speak_for_all(stage, outsider, [ConsentAudience.CITY])
    in_class = stage.town.school_class.id
    await stage.approve(await stage.hand_in(mailed.child, "I klassen.", audience=Audience.CITY, class_id=in_class))
    subject = await stage.hand_in(mailed.child, "Ikke slik.", audience=Audience.CITY, class_id=in_class)
    decided = await stage.decide(subject, Verdict.REJECT, reason=Reason.SPAM)
    assert (await mailed.reads(), await mailed.refused()) == (["Utenfor klassen."], [])
    with pytest.raises(NotFound, match="not_found"):
        await mailed.appeal(decided.decision.id)
    # A guardian whom the school asks sees nothing of what a mailed yes carries, and all of it after saying yes.
    async with stage.db.transaction() as tx:
        slip = await guardian_keys.ask(
            tx, ACCOUNTS, outsider.require_account(), [CITY], channel=KeyChannel.SCHOOL, asked_by=new_id()
        )
    by_school = Family(stage, mailed.child, slip.code)
    assert (await by_school.reads(), await by_school.refused()) == ([], [])
    await give_key(stage, outsider, [CITY])
    assert (await by_school.reads(), len(await by_school.refused())) == (["I klassen.", "Utenfor klassen."], 1)
    assert await mailed.page() is None


async def test_guardian_learns_of_refusals_but_not_of_words_nor_of_what_was_hidden(
    stage: Stage, family: Family
) -> None:
    await family.refuse("For skolen.", audience=Audience.SCHOOL)
    first, _ = await family.refuse("Endre meg.", verdict=Verdict.REQUEST_CHANGES)
    _, second_id = await family.refuse("Ikke slik.")
    await stage.publish(family.child, audience=Audience.CITY)
    newest, oldest = await family.refused()
    assert newest.refusal.decision.id == second_id
    assert [one.refusal.decision.verdict for one in (newest, oldest)] == [Verdict.REJECT, Verdict.REQUEST_CHANGES]
    assert [one.refusal.reason for one in (newest, oldest)] == [Reason.SPAM, Reason.SPAM]
    assert oldest.refusal.appeal_until is not None
    # What is handed in again overtakes the refusal; half a year ends the time for an appeal.
    await stage.revise(family.child, first, "Bedre.", audience=Audience.CITY)
    await stage.submit(family.child, first)
    newest, oldest = await family.refused()
    assert (newest.refusal.appeal_until is None, oldest.refusal.appeal_until) == (False, None)
    with time_shifted(timedelta(days=185)):
        assert [one.refusal.appeal_until for one in await family.refused()] == [None, None]
        with pytest.raises(Closed, match="appeal_window_over"):
            await family.appeal(second_id)


async def test_reading_changes_nothing(stage: Stage, family: Family) -> None:
    await stage.publish(family.child, audience=Audience.CITY)
    await family.refuse()

    async def everything() -> list[str]:
        tables = ("statement", "revision", "moderation_case", "moderation_decision", "appeal", "guardian_key",
                  "consent", "notice", "audit_entry", "rate_bucket")  # fmt: skip
        line = "md5(coalesce(string_agg(t::text, '|' order by t::text), ''))"
        return [await stage.value(f"select {line} from {name} t") for name in tables]

    before = await everything()
    assert (len(await family.reads()), len(await family.refused())) == (1, 1)
    assert await everything() == before
