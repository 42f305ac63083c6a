"""Guardian keys: one child's guardian is asked, answers and withdraws without an account, by a link or a printed code.

The child never sees the key: it goes to the guardian by the school's own channel, or by mail where there is no school.
Whoever got a mailed one is not known for sure, so it carries nothing that is said as somebody of a class.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from backend.accounts import consent, consent_store, store
from backend.accounts.config import AccountSettings
from backend.accounts.consent import Answered, Giver
from backend.accounts.consent_rules import (
    ConsentAnswer,
    ConsentGiver,
    ConsentState,
    KeyChannel,
    Question,
    of_age_from,
)
from backend.accounts.consent_store import GuardianKeyRow
from backend.accounts.guardian_sight import Carried, carried
from backend.accounts.people import Account, Status
from backend.accounts.secret_codes import code_hash, make_code
from backend.accounts.throttle import network_of
from backend.core import audit, ratelimit, repeats
from backend.core.database import Connection, Database, Transaction
from backend.core.derive import derive_bytes
from backend.core.errors import NotAllowed, NotFound, ValidationFailed, not_found
from backend.core.ids import Id, new_id
from backend.core.ratelimit import Limit
from backend.core.viewer import Viewer
from backend.notices import inbox

ASK_DAYS = 60
_GUESSES = Limit("guardian_key", burst=30, per_seconds=900)


@dataclass(frozen=True, slots=True)
class GuardianSlip:
    """What is printed for a guardian: for which child, until when, the code and the same as a link."""

    account_id: Id
    questions: tuple[Question, ...]
    expires_at: datetime
    is_answered: bool
    code: str = field(repr=False)
    link: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class GuardianPage:
    """What a guardian sees: which child, what is asked, what holds, and what their yes carries."""

    child: Account
    questions: tuple[Question, ...]
    state: ConsentState
    carried: Carried
    expires_at: datetime


async def ask(
    tx: Transaction,
    settings: AccountSettings,
    account_id: Id,
    questions: Sequence[Question],
    *,
    channel: KeyChannel,
    asked_by: Id,
) -> GuardianSlip:
    """Ask a child's guardian for more. One running key a child and channel: it is reused while it runs.

    Raises NotFound; ValidationFailed `guardian_by_school` for a mail after the guardian has answered by the school.
    """
    consent.check_questions(questions)
    await consent.lock(tx, account_id)
    if channel is KeyChannel.MAIL and await consent_store.has_school_answer(tx, account_id):
        raise ValidationFailed("guardian_by_school", path=("guardianEmail",))
    now, wanted = await tx.now(), [question.key for question in questions]
    running = await consent_store.running_keys(tx, [account_id], now, channels=[channel])
    until = now + timedelta(days=ASK_DAYS)
    if running:
        row = running[-1]
        asked, until = list(dict.fromkeys([*row.asked, *wanted])), max(row.expires_at, until)
        await consent_store.ask_more(tx, row.id, asked, until)
        row = dataclasses.replace(row, asked=asked, expires_at=until)
    else:
        row = GuardianKeyRow(new_id(), account_id, channel, wanted, now, until, None)
        await consent_store.insert_key(tx, row, code_hash(_code(settings, row.id)), asked_by=asked_by)
    await audit.record(tx, asked_by, "account:guardian:asked", ("account", account_id))
    return _slip(settings, row)


async def renew(tx: Transaction, settings: AccountSettings, account_id: Id, *, by: Id) -> GuardianSlip:
    """A new slip in place of one that was lost or seen by the wrong person. Raises NotFound when none runs."""
    await consent.lock(tx, account_id)
    running = await consent_store.running_keys(tx, [account_id], await tx.now(), channels=[KeyChannel.SCHOOL])
    if not running:
        raise not_found("GuardianKey")
    await revoke(tx, account_id, by=by)
    questions = [Question.from_key(key) for key in running[-1].asked]
    return await ask(tx, settings, account_id, questions, channel=KeyChannel.SCHOOL, asked_by=by)


async def revoke(tx: Transaction, account_id: Id, *, by: Id) -> None:
    """End a child's keys; consents that were given stay."""
    await consent_store.revoke_keys(tx, account_id)
    await audit.record(tx, by, "account:guardian:key_revoked", ("account", account_id))


async def slips(conn: Connection, settings: AccountSettings, account_ids: Sequence[Id]) -> list[GuardianSlip]:
    """The running keys of these children, for the teacher who hands them out; the caller has checked the role."""
    rows = await consent_store.running_keys(conn, account_ids, await conn.now(), channels=[KeyChannel.SCHOOL])
    return [_slip(settings, row) for row in rows]


async def open_page(db: Database, settings: AccountSettings, viewer: Viewer, code: str) -> GuardianPage | None:
    """What a key opens; None for a wrong or ended one. Changes nothing but the count of wrong guesses."""
    try:
        row = await find_key(db, settings, viewer, code)
    except NotFound:
        return None
    async with db.snapshot() as conn:
        child = await store.get_account(conn, row.account_id)
        state = await _state(conn, row) if child is not None else None
    if child is None or state is None or child.status is Status.ERASED:
        return None
    return GuardianPage(child, _questions(row), state, carried(child, row, state), row.expires_at)


async def lock_carried(tx: Transaction, viewer: Viewer, row: GuardianKeyRow) -> Carried:
    """What a key carries, while no consent of the child can change; the child itself is refused.

    Raises NotFound, NotAllowed `guardian_key_by_child` or `guardian_key_by_teacher`.
    """
    await _giver(tx, viewer, row, [])
    child = await store.lock_account(tx, row.account_id)
    if child is None:
        raise not_found("Account")
    return carried(child, row, await _state(tx, row))


async def answer_by_key(
    db: Database,
    settings: AccountSettings,
    viewer: Viewer,
    code: str,
    answers: Sequence[Answered],
    *,
    wording: str,
    client_key: str | None = None,
) -> ConsentState:
    """A guardian's answers. Raises NotFound, NotAllowed `consent_not_asked`, `guardian_key_by_…`."""
    consent.check_answers(answers, wording)
    row = await find_key(db, settings, viewer, code)
    async with db.transaction() as tx:
        giver = await _giver(tx, viewer, row, [one.question for one in answers])
        if await repeats.first_result(tx, viewer, "consentAnswerByKey", client_key, row.id) is not None:
            return await _state(tx, row)
        await consent.write_answers(tx, settings, row.account_id, answers, giver)
        state = await _state(tx, row)
        await consent_store.note_answer(tx, row.id, _until_of_age(state, _questions(row)))
        if row.channel is KeyChannel.SCHOOL:  # from now on the guardian is known: nobody else answers in their place
            await consent_store.revoke_keys(tx, row.account_id, channels=[KeyChannel.MAIL])
        yes = sum(one.answer is ConsentAnswer.YES for one in answers)
        await inbox.tell(tx, row.account_id, "guardian_answered", {"yes": yes, "no": len(answers) - yes})
    return state


async def withdraw_by_key(
    db: Database, settings: AccountSettings, viewer: Viewer, code: str, questions: Sequence[Question]
) -> ConsentState:
    """A guardian takes a yes back, at once. Raises as `answer_by_key`, Conflict `consent_not_given`."""
    consent.check_questions(questions)
    row = await find_key(db, settings, viewer, code)
    async with db.transaction() as tx:
        giver = await _giver(tx, viewer, row, questions)
        await consent.end_answers(tx, row.account_id, questions, giver)
        await inbox.tell(tx, row.account_id, "guardian_withdrew")
        return await _state(tx, row)


async def _state(conn: Connection, row: GuardianKeyRow) -> ConsentState:
    """What the child's ledger means for what this key can carry."""
    at_school = row.channel is KeyChannel.SCHOOL
    return (await consent.effective(conn, [row.account_id], await conn.now(), at_school=at_school))[row.account_id]


async def find_key(db: Database, settings: AccountSettings, viewer: Viewer, code: str) -> GuardianKeyRow:
    """The running key behind a code. Raises NotFound `guardian_key_unknown`, RateLimited after many wrong ones."""
    who = network_of(viewer.address)
    async with db.reading() as conn:
        row = await consent_store.find_key(conn, code_hash(code), await conn.now())
    if row is None:
        await ratelimit.take(db, _GUESSES, who, secret=settings.secret)
        raise NotFound("guardian_key_unknown", path=("key",))
    return row


async def _giver(tx: Transaction, viewer: Viewer, row: GuardianKeyRow, questions: Sequence[Question]) -> Giver:
    if viewer.account_id == row.account_id:
        raise NotAllowed("guardian_key_by_child", path=("key",))
    if row.account_id in viewer.students:  # who prints the slips has seen the keys
        raise NotAllowed("guardian_key_by_teacher", path=("key",))
    await consent.lock(tx, row.account_id)
    still = await consent_store.running_keys(tx, [row.account_id], await tx.now())
    if row.id not in {one.id for one in still}:
        raise NotFound("guardian_key_unknown", path=("key",))
    if {question.key for question in questions} - set(row.asked):
        raise NotAllowed("consent_not_asked", path=("items",))
    by_mail = row.channel is KeyChannel.MAIL
    return Giver(ConsentGiver.GUARDIAN, None, guardian_key_id=row.id, by_mail=by_mail)


def _until_of_age(state: ConsentState, questions: Sequence[Question]) -> datetime:
    if state.birth_year is None:
        return state.now + timedelta(days=consent.REPRESENTATIVE_DAYS)
    age = max(state.age_for(question.purpose) for question in questions)
    return max(of_age_from(state.birth_year, age), state.now + timedelta(days=1))


def _questions(row: GuardianKeyRow) -> tuple[Question, ...]:
    return tuple(Question.from_key(key) for key in row.asked)


def _slip(settings: AccountSettings, row: GuardianKeyRow) -> GuardianSlip:
    code = _code(settings, row.id)
    link = f"{settings.public_url}/consent#{code}"
    return GuardianSlip(row.account_id, _questions(row), row.expires_at, row.answered_at is not None, code, link)


def _code(settings: AccountSettings, key_id: Id) -> str:
    return make_code(derive_bytes(settings.secret, "guardian_key", str(key_id)))
