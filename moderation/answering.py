"""What the answer to an appeal does to the subject: a key is turned, a restriction lifted, eased or made."""

import dataclasses

from backend.core.database import Transaction
from moderation import effects
from moderation.appeal_rules import Effect
from moderation.appeal_store import AppealRow
from moderation.deciding import NewDecision, decision_row, record
from moderation.opening import due_at
from moderation.rules import Hand, Person, Reason, Verdict
from moderation.store import CaseRow, DecisionRow
from moderation.subjects import Desk

_VERDICTS = {
    Effect.TURN_KEY: Verdict.APPROVE,
    Effect.ASK_CHANGES: Verdict.REQUEST_CHANGES,
    Effect.RESTORE: Verdict.KEEP,
    Effect.HIDE: Verdict.HIDE,
}


async def carry_out_answer(
    tx: Transaction, desk: Desk, row: CaseRow, contested: DecisionRow, *, effect: Effect, appeal: AppealRow,
    person: Person, reason: Reason | None, words: str | None, language: str | None,
) -> CaseRow:  # fmt: skip
    """Write the new decision that the answer amounts to, and do what it says; the case after it.

    An overturned refusal is this person's key: where two are needed and none is there, a second moderator still looks.
    """
    if effect is Effect.NOTHING:
        return row
    verdict = _VERDICTS[effect]
    restricts = effect in (Effect.ASK_CHANGES, Effect.HIDE)
    new = NewDecision(
        contested.revision_id,
        contested.version,
        verdict,
        (reason or contested.reason) if restricts else None,
        words,
        language,
    )
    decision = await decision_row(tx, row, person, new, hand=Hand.MODERATOR, read_in=row.review, appeal_id=appeal.id)
    settled = await _act(tx, desk, row, decision)
    await record(tx, decision, settled)
    return settled


async def _act(tx: Transaction, desk: Desk, row: CaseRow, decision: DecisionRow) -> CaseRow:
    match decision.verdict:
        case Verdict.APPROVE:
            again = dataclasses.replace(
                row,
                review_open=True,
                reopened=True,
                opened_at=decision.at,
                queue_from=decision.at,
                due_at=due_at(decision.at, severity=row.severity, zone=row.zone),
                closed_at=None,
            )
            return await effects.turn_key(tx, desk, again, decision)
        case Verdict.REQUEST_CHANGES:
            return await effects.refuse(tx, desk, row, decision)
        case _:
            return await effects.settle_reports(tx, desk, row, decision)
