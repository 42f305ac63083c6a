"""Who is told what about a decision. A notice names a message; its text is made in the reader's language when read."""

from collections.abc import Iterable

from backend.core.database import Transaction
from backend.core.ids import Id
from backend.notices import inbox
from moderation.rules import Verdict
from moderation.store import CaseRow, DecisionRow

TO_AUTHOR = {
    Verdict.APPROVE: "moderation_approved",
    Verdict.REQUEST_CHANGES: "moderation_changes_requested",
    Verdict.REJECT: "moderation_rejected",
    Verdict.KEEP: "moderation_kept",
    Verdict.HIDE: "moderation_hidden",
    Verdict.REMOVE: "moderation_removed",
}


async def tell_author(tx: Transaction, row: CaseRow, decision: DecisionRow, *, kind: str | None = None) -> None:
    """Tell the author of a decision on their own; nobody once the account is erased."""
    if row.author_id is not None and row.sealed_at is None:
        await inbox.tell(
            tx, row.author_id, kind or TO_AUTHOR[decision.verdict], subject=("moderation_decision", decision.id)
        )


async def tell_reporters(tx: Transaction, reporter_ids: Iterable[Id], kind: str, decision_id: Id) -> None:
    """Tell those who reported what came of it, without naming anybody."""
    for reporter_id in reporter_ids:
        await inbox.tell(tx, reporter_id, kind, subject=("moderation_decision", decision_id))
