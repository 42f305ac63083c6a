"""The first key: a class's teacher approves statements in a batch, or passes them on to a moderator with a concern."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from backend.core import audit
from backend.core.database import Database, Transaction
from backend.core.errors import Conflict, DomainError, ValidationFailed, not_found
from backend.core.text import clean_text
from backend.core.viewer import Viewer
from moderation import effects, rules, store
from moderation.access import person_of, refusal, require_sight
from moderation.claims import state_now
from moderation.deciding import MAX_WORDS, NewDecision, decision_row, record, require_current
from moderation.opening import due_at, settle_state
from moderation.rules import CaseState, Hand, Verdict
from moderation.store import CaseRow
from moderation.subjects import Desk, Subject

MAX_ITEMS = 50


class KeyOutcome(StrEnum):
    """What became of one item."""

    APPROVED = "APPROVED"
    WAITS_FOR_SECOND_KEY = "WAITS_FOR_SECOND_KEY"
    PASSED_ON = "PASSED_ON"


@dataclass(frozen=True, slots=True)
class KeyResult:
    """One item of a batch: its outcome, or why it was left as it was."""

    subject: Subject
    outcome: KeyOutcome | None
    problem: DomainError | None


async def teacher_keys(
    db: Database,
    desk: Desk,
    viewer: Viewer,
    items: Sequence[Subject],
    *,
    pass_on: bool = False,
    concern: str | None = None,
) -> list[KeyResult]:
    """Approve or pass on each item by itself, in order; a repeat of the same batch gives the same results.

    Raises Unauthenticated, ValidationFailed too_many_items, concern_only_when_passing_on or for its text; all else is
    each item's problem: NotFound, NotAllowed (codes of `rules.why_no_key`), Conflict (stale_revision,
    nothing_in_review, case_claimed).
    """
    viewer.require_account()
    if len(items) > MAX_ITEMS:
        raise ValidationFailed("too_many_items", path=("items",), max=MAX_ITEMS)
    if concern is not None and not pass_on:
        raise ValidationFailed("concern_only_when_passing_on", path=("concern",))
    if concern is not None:
        concern = clean_text(concern, path=("concern",), max_chars=MAX_WORDS, multiline=True)
    results = []
    for item in items:
        try:
            async with db.transaction() as tx:
                outcome = await _one(tx, desk, viewer, item, pass_on=pass_on, concern=concern)
            results.append(KeyResult(item, outcome, None))
        except DomainError as error:
            results.append(KeyResult(item, None, error))
    return results


async def _one(
    tx: Transaction, desk: Desk, viewer: Viewer, item: Subject, *, pass_on: bool, concern: str | None
) -> KeyOutcome:
    row = await _locked_case(tx, desk, viewer, item)
    keys = await store.list_keys(tx, row)
    is_same = (row.revision_id, row.version) == (item.revision_id, item.version)
    is_turned = any(key.account_id == viewer.account_id and key.hand is Hand.TEACHER for key in keys)
    if not pass_on and is_same and is_turned:
        return KeyOutcome.WAITS_FOR_SECOND_KEY if row.review_open else KeyOutcome.APPROVED
    state = state_now(row, await tx.now())
    new = NewDecision(item.revision_id, item.version, Verdict.APPROVE)
    require_current(row, new, state=state)
    if state is CaseState.CLAIMED:
        raise Conflict("case_claimed", state=state)
    if pass_on:
        return await _pass_on(tx, viewer, row, concern)
    person = person_of(viewer, row)
    if (code := rules.why_no_key(row.review, keys, person, Hand.TEACHER)) is not None:
        raise refusal(code)
    decision = await decision_row(tx, row, person, new, hand=Hand.TEACHER, read_in=row.review)
    settled = await effects.turn_key(tx, desk, row, decision)
    await record(tx, decision, settled)
    return KeyOutcome.WAITS_FOR_SECOND_KEY if settled.review_open else KeyOutcome.APPROVED


async def _locked_case(tx: Transaction, desk: Desk, viewer: Viewer, item: Subject) -> CaseRow:
    """Subject, then case, for its class's teacher only. Raises NotFound."""
    if await desk.handler(item.kind).lock(tx, item.id) is None:
        raise not_found("Case")
    row = require_sight(viewer, await store.lock_case_of(tx, item.kind, item.id))
    if not person_of(viewer, row).turns_teacher_key:
        raise not_found("Case")
    return row


async def _pass_on(tx: Transaction, viewer: Viewer, row: CaseRow, concern: str | None) -> KeyOutcome:
    if row.state is CaseState.SECOND_KEY:
        raise Conflict("already_approved", state=row.state)
    now, account_id = await tx.now(), viewer.require_account()
    if row.passed_on_at is not None and concern is None:
        return KeyOutcome.PASSED_ON
    queue_from = min(row.queue_from, now)
    due = due_at(queue_from, severity=row.severity, zone=row.zone)
    passed = dataclasses.replace(
        row, queue_from=queue_from, due_at=due, concern=concern or row.concern, passed_on_at=row.passed_on_at or now
    )
    await store.save_case(tx, settle_state(passed, keys_given=0, now=now))
    await store.save_hand(tx, row.id, account_id)
    await audit.record(tx, account_id, "teacher:case:passed_on", ("case", row.id))
    return KeyOutcome.PASSED_ON
