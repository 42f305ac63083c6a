"""The consent ledger: answers are added and ended, never changed, and what holds now follows from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.accounts import consent_store, personal_data, store
from backend.accounts.config import AccountSettings
from backend.accounts.consent_rules import (
    WORDING,
    ConsentAnswer,
    ConsentGiver,
    ConsentPurpose,
    ConsentRow,
    ConsentState,
    Question,
)
from backend.accounts.consent_store import NewConsent
from backend.core import audit, jobs, repeats
from backend.core.database import Connection, Database, Transaction
from backend.core.errors import Conflict, ConsentRequired, NotAllowed, ValidationFailed, not_found
from backend.core.ids import Id, new_id
from backend.core.viewer import Viewer

# A job written with the answer: places tell the school.
JOB_GIVEN = "consent.given"

REPRESENTATIVE_DAYS = 365
MAX_ANSWERS = 12


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer to a question."""

    question: Question
    answer: ConsentAnswer


@dataclass(frozen=True, slots=True)
class Giver:
    """Who answers for the account, by which key or office."""

    granted_by: ConsentGiver
    actor_id: Id | None
    guardian_key_id: Id | None = None
    by_mail: bool = False
    reason_code: str | None = None


async def effective(
    conn: Connection, account_ids: Sequence[Id], now: datetime, *, at_school: bool
) -> dict[Id, ConsentState]:
    """What each account's ledger means now; accounts that are not there are left out. `at_school`: see ConsentState."""
    births = await consent_store.births(conn, account_ids)
    rows = await consent_store.running_rows(conn, account_ids)
    ages = await consent_store.ages(conn, now)
    return {
        account_id: ConsentState(birth_year, ages.get(country or "", {}), rows.get(account_id, []), now, at_school)
        for account_id, (birth_year, country) in births.items()
    }


async def require(
    conn: Connection,
    account_id: Id,
    audience: str | None,
    purpose: ConsentPurpose = ConsentPurpose.PUBLISH,
    *,
    at_school: bool,
) -> None:
    """Pass when the ledger covers it. Raises ConsentRequired with the code of what is missing.

    `at_school`: see ConsentState.
    """
    state = (await effective(conn, [account_id], await conn.now(), at_school=at_school)).get(account_id)
    if state is None:
        raise not_found("Account", account_id)
    if reason := state.covers(audience, purpose):
        raise ConsentRequired(reason, purpose=purpose, audience=audience)


async def answer_self(
    db: Database,
    settings: AccountSettings,
    viewer: Viewer,
    answers: Sequence[Answered],
    *,
    wording: str,
    client_key: str | None = None,
) -> ConsentState:
    """The viewer's own answers. Raises ValidationFailed, Conflict `sealed_after_reset`."""
    account_id = viewer.require_account()
    check_answers(answers, wording)
    async with db.transaction() as tx:
        viewer.require_unsealed()
        await lock(tx, account_id)
        if await repeats.first_result(tx, viewer, "consentAnswer", client_key, account_id) is None:
            await write_answers(tx, settings, account_id, answers, Giver(ConsentGiver.SELF, account_id))
        return (await effective(tx, [account_id], await tx.now(), at_school=bool(viewer.seats)))[account_id]


async def withdraw_self(db: Database, viewer: Viewer, questions: Sequence[Question]) -> ConsentState:
    """Take the viewer's own yes back, at once. Raises Conflict `consent_not_given` or `sealed_after_reset`."""
    account_id = viewer.require_account()
    check_questions(questions)
    async with db.transaction() as tx:
        viewer.require_unsealed()
        await lock(tx, account_id)
        await end_answers(tx, account_id, questions, Giver(ConsentGiver.SELF, account_id))
        return (await effective(tx, [account_id], await tx.now(), at_school=bool(viewer.seats)))[account_id]


async def grant_by_representative(
    tx: Transaction, settings: AccountSettings, account_id: Id, questions: Sequence[Question], *, by: Id,
    reason_code: str,
) -> None:  # fmt: skip
    """A year's yes in place of parents who cannot be reached; the caller has checked the head of school's role."""
    check_questions(questions)
    if by == account_id:
        raise NotAllowed("not_for_oneself")
    await lock(tx, account_id)
    giver = Giver(ConsentGiver.REPRESENTATIVE, by, reason_code=reason_code)
    await write_answers(tx, settings, account_id, [Answered(one, ConsentAnswer.YES) for one in questions], giver)


def check_answers(answers: Sequence[Answered], wording: str) -> None:
    """Raises ValidationFailed for another wording than today's and for what `check_questions` refuses."""
    if wording != WORDING:
        raise ValidationFailed("wording_outdated", path=("wording",), wording=WORDING)
    check_questions([one.question for one in answers])


def check_questions(questions: Sequence[Question]) -> None:
    """Raises ValidationFailed for none, too many, the same twice, or a purpose with the wrong kind of audience."""
    if not 0 < len(questions) <= MAX_ANSWERS or len(set(questions)) != len(questions):
        raise ValidationFailed("consent_questions", path=("items",), max=MAX_ANSWERS)
    if not all(question.is_sensible for question in questions):
        raise ValidationFailed("consent_audience", path=("items",))


async def lock(tx: Transaction, account_id: Id) -> None:
    """Answers of one account are written one after the other."""
    if await store.lock_account(tx, account_id) is None:
        raise not_found("Account", account_id)


async def write_answers(
    tx: Transaction, settings: AccountSettings, account_id: Id, answers: Sequence[Answered], giver: Giver
) -> None:
    """Add answers to the ledger of a locked account; one that says what already holds changes nothing.

    With a no, what it no longer covers leaves every view in the same transaction.
    """
    now = await tx.now()
    running = (await consent_store.running_rows(tx, [account_id])).get(account_id, [])
    for one in answers:
        former = _former(running, one.question, giver.granted_by)
        if former is not None and _says_already(former, one, giver, now):
            continue
        if former is not None:
            await consent_store.end_consent(tx, account_id, one.question, giver.granted_by, ended_by=giver.granted_by)
        yearly = giver.granted_by is ConsentGiver.REPRESENTATIVE
        new = NewConsent(
            id=new_id(),
            account_id=account_id,
            question=one.question,
            answer=one.answer,
            wording=WORDING,
            granted_by=giver.granted_by,
            effective_at=_effective_at(settings, one, former, now),
            expires_at=now + timedelta(days=REPRESENTATIVE_DAYS) if yearly else None,
            guardian_key_id=giver.guardian_key_id,
            representative_id=giver.actor_id if yearly else None,
            reason_code=giver.reason_code,
        )
        await consent_store.insert_consent(tx, new)
        if one.answer is ConsentAnswer.NO:
            await _end_in_place_of(tx, account_id, one.question, giver)
        await _tell(tx, account_id, one.question, giver, yes=one.answer is ConsentAnswer.YES)
    if any(one.answer is ConsentAnswer.NO for one in answers):
        await _take_down_uncovered(tx, account_id)


def _says_already(former: ConsentRow, answered: Answered, giver: Giver, now: datetime) -> bool:
    """Whether the answer adds nothing: not for a new year of a representative, nor for the school after a mail."""
    is_stronger = giver.reason_code is not None or (former.by_mail and not giver.by_mail)
    return former.runs(now) and former.answer is answered.answer and not is_stronger


def _effective_at(settings: AccountSettings, answered: Answered, former: ConsentRow | None, now: datetime) -> datetime:
    """A wide yes waits; one that renews a yes which still runs goes on without a gap."""
    if not answered.question.is_wide or answered.answer is not ConsentAnswer.YES:
        return now
    if former is not None and former.runs(now) and former.answer is ConsentAnswer.YES:
        return max(now, former.effective_at)
    return now + settings.consent_delay


async def end_expired(db: Database, *, within: timedelta = timedelta(days=7), limit: int = 500) -> int:
    """Periodic: take out of view what consents carried that ran out lately; how many accounts were looked at.

    Safe to repeat: what is still covered, or was taken down before, stays as it is.
    """
    async with db.reading() as conn:
        now = await conn.now()
        account_ids = await consent_store.accounts_with_expired(conn, now - within, now, limit)
    for account_id in account_ids:
        async with db.transaction() as tx:
            await lock(tx, account_id)
            await _take_down_uncovered(tx, account_id)
    return len(account_ids)


async def end_answers(tx: Transaction, account_id: Id, questions: Sequence[Question], giver: Giver) -> None:
    """End running yeses of one giver at once. Raises Conflict `consent_not_given` when one of them is not there."""
    for question in questions:
        ended = await consent_store.end_consent(tx, account_id, question, giver.granted_by, ended_by=giver.granted_by)
        if ended is None or ended.answer is ConsentAnswer.NO:
            raise Conflict("consent_not_given", state="NONE", path=("items",))
        await _end_in_place_of(tx, account_id, question, giver)
        await _tell(tx, account_id, question, giver, yes=False)
    await _take_down_uncovered(tx, account_id)


async def _end_in_place_of(tx: Transaction, account_id: Id, question: Question, giver: Giver) -> None:
    """A guardian who says no is there: what the school answered in their place ends with it."""
    if giver.granted_by is ConsentGiver.GUARDIAN and not giver.by_mail:
        await consent_store.end_consent(
            tx, account_id, question, ConsentGiver.REPRESENTATIVE, ended_by=ConsentGiver.GUARDIAN
        )


async def _take_down_uncovered(tx: Transaction, account_id: Id) -> None:
    for domain in personal_data.registered():
        if domain.consent_ended is not None:
            await domain.consent_ended(tx, account_id)


def _former(rows: Sequence[ConsentRow], question: Question, granted_by: ConsentGiver) -> ConsentRow | None:
    return next((row for row in rows if row.question == question and row.granted_by is granted_by), None)


async def _tell(tx: Transaction, account_id: Id, question: Question, giver: Giver, *, yes: bool) -> None:
    verb = "given" if yes else "withdrawn"
    await audit.record(
        tx, giver.actor_id, f"{giver.granted_by.lower()}:consent:{verb}", ("account", account_id),
        purpose=question.purpose, audience=question.audience, reason=giver.reason_code,
    )  # fmt: skip
    if yes and question.is_wide:
        await jobs.enqueue(
            tx,
            JOB_GIVEN,
            {"account": str(account_id), "purpose": question.purpose, "audience": question.audience},
        )
