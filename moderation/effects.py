"""What a decision brings about, all in its transaction: the subject changes, reasons are given, people are told."""

import dataclasses
from datetime import datetime

from backend.core import signals
from backend.core.database import Transaction
from backend.core.ids import new_id
from moderation import appeal_store, report_store, rules, store
from moderation.appeal_rules import appeal_until
from moderation.appeal_store import ReasonsRow
from moderation.opening import due_at, settle_state, unclaimed
from moderation.rules import Reason, Verdict
from moderation.store import CaseRow, DecisionRow
from moderation.subjects import Desk
from moderation.telling import tell_author, tell_reporters

# What a report is told to have led to.
_OUTCOMES = {Verdict.KEEP: "KEPT", Verdict.HIDE: "HIDDEN", Verdict.REMOVE: "REMOVED", Verdict.APPROVE: "REPLACED"}


async def turn_key(tx: Transaction, desk: Desk, row: CaseRow, decision: DecisionRow) -> CaseRow:
    """Write an approval that the rules let count; publishes when it was the last key that was needed."""
    keys = await store.list_keys(tx, row)
    mine = rules.Key(decision.decided_by, decision.hand, decision.is_authors_teacher)
    approved = rules.is_approved(row.review, [*keys, mine])
    decision = dataclasses.replace(decision, is_final=approved)
    await store.insert_decision(tx, decision)
    handler = desk.handler(row.subject_kind)
    if not approved:
        await handler.in_review(tx, row.subject_id, row.revision_id)
        waiting = dataclasses.replace(
            unclaimed(row),
            queue_from=decision.at,
            due_at=due_at(decision.at, severity=row.severity, zone=row.zone),
        )
        return await _save(tx, waiting, keys_given=len(keys) + 1, at=decision.at)
    await handler.approve(tx, row.subject_id, row.revision_id)
    await tell_author(tx, row, decision)
    # The new revision takes the place of the reported one, read by somebody who saw the reports.
    await close_reports(tx, row, decision)
    settled = dataclasses.replace(_without_report(row), review_open=False, is_hidden=False)
    await notify_changed(tx, row)
    return await _save(tx, settled, keys_given=0, at=decision.at)


async def refuse(tx: Transaction, desk: Desk, row: CaseRow, decision: DecisionRow) -> CaseRow:
    """REJECT or REQUEST_CHANGES on the revision under review."""
    await store.insert_decision(tx, decision)
    handler = desk.handler(row.subject_kind)
    if decision.verdict is Verdict.REJECT:
        await handler.reject(tx, row.subject_id, decision.revision_id, _reason(decision))
    else:
        await handler.request_changes(tx, row.subject_id, decision.revision_id)
    await give_reasons(tx, desk, row, decision)
    await tell_author(tx, row, decision)
    settled = dataclasses.replace(unclaimed(row), review_open=False)
    return await _save(tx, settled, keys_given=0, at=decision.at)


async def settle_reports(tx: Transaction, desk: Desk, row: CaseRow, decision: DecisionRow) -> CaseRow:
    """KEEP, HIDE or REMOVE on what is visible and was reported; also what an appeal makes of it."""
    await store.insert_decision(tx, decision)
    await change_visibility(tx, desk, row, decision)
    if decision.verdict in rules.RESTRICTIONS:
        await give_reasons(tx, desk, row, decision)
    if decision.verdict is not Verdict.KEEP or row.is_hidden:
        await tell_author(tx, row, decision)
    await close_reports(tx, row, decision)
    settled = dataclasses.replace(_without_report(row), is_hidden=decision.verdict is not Verdict.KEEP)
    if decision.verdict is Verdict.REMOVE and row.review_open:  # only an appeal brings it back, not a newer wording
        await desk.handler(row.subject_kind).request_changes(tx, row.subject_id, row.revision_id)
        settled = dataclasses.replace(settled, review_open=False)
    keys = await store.list_keys(tx, row) if settled.review_open else []
    return await _save(tx, settled, keys_given=len(keys), at=decision.at)


async def change_visibility(tx: Transaction, desk: Desk, row: CaseRow, decision: DecisionRow) -> None:
    """Show, hide or take away the revision, and tell every process's cache at the commit."""
    handler = desk.handler(row.subject_kind)
    if decision.verdict is Verdict.KEEP:
        if row.is_hidden:
            await handler.restore(tx, row.subject_id, decision.revision_id)
            await notify_changed(tx, row)
        return
    act = handler.hide if decision.verdict is Verdict.HIDE else handler.remove
    await act(tx, row.subject_id, decision.revision_id)
    await notify_changed(tx, row)


async def give_reasons(tx: Transaction, desk: Desk, row: CaseRow, decision: DecisionRow) -> None:
    """Write the statement of reasons that every restriction needs.

    A restriction by enough reports is said to be automated; it cannot be appealed because a person looks at it anyway.
    """
    is_provisional = not decision.is_final
    await appeal_store.insert_reasons(
        tx,
        ReasonsRow(
            id=new_id(),
            decision_id=decision.id,
            account_id=row.author_id,
            restriction=decision.verdict,
            reason=_reason(decision),
            facts=decision.words,
            facts_language=decision.words_language,
            automated=decision.hand is rules.Hand.RULE,
            appeal_until=None if is_provisional else appeal_until(decision.at, desk.settings.appeal_months),
            at=decision.at,
        ),
    )


async def close_reports(tx: Transaction, row: CaseRow, decision: DecisionRow) -> None:
    """Give every waiting report its outcome and tell the reporters."""
    outcome = _OUTCOMES[decision.verdict]
    reporter_ids = await report_store.close_reports(
        tx, row.subject_kind, row.subject_id, outcome, decision_id=decision.id, at=decision.at
    )
    kind = "report_kept" if decision.verdict is Verdict.KEEP else "report_acted_on"
    await tell_reporters(tx, reporter_ids, kind, decision.id)


async def notify_changed(tx: Transaction, row: CaseRow) -> None:
    """Every process drops what it has cached of the subject, as soon as this is committed."""
    await signals.notify(tx, f"subject:{row.subject_kind}:{row.subject_id}")


def _reason(decision: DecisionRow) -> Reason:
    return decision.reason or Reason.OFF_CAMPAIGN_RULES


def _without_report(row: CaseRow) -> CaseRow:
    return dataclasses.replace(
        unclaimed(row), reported_revision_id=None, reported_version=None, reports=0, severity=0, reopened=False
    )


async def _save(tx: Transaction, row: CaseRow, *, keys_given: int, at: datetime) -> CaseRow:
    settled = settle_state(row, keys_given=keys_given, now=at)
    await store.save_case(tx, settled)
    return settled
