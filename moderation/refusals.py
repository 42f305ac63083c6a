"""Refusals of wordings as somebody reads them who may speak up for the author: reason and appeal, not the words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.core.database import Connection
from backend.core.ids import Id
from moderation import appeal_store
from moderation.appeal_rules import appeal_until
from moderation.appeal_store import AppealRow
from moderation.rules import Reason
from moderation.store import DecisionRow
from moderation.subjects import Desk

MAX_REFUSALS = 50


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal, the one appeal against it, and until when that can be filed; None when it cannot."""

    decision: DecisionRow
    reason: Reason
    appeal: AppealRow | None
    appeal_until: datetime | None


async def list_refusals(
    conn: Connection, desk: Desk, author_id: Id, kind: str, revision_ids: Sequence[Id]
) -> list[Refusal]:
    """The refusals of these revisions of the author's, newest first, at most `MAX_REFUSALS`; nothing on what is hidden.

    The caller knows that the reader may learn of these revisions.
    """
    now = await conn.now()
    decisions = await appeal_store.list_refusals(conn, author_id, kind, revision_ids, most=MAX_REFUSALS)
    ids = [one.id for one in decisions]
    reasons = await appeal_store.reasons_on(conn, ids)
    appeals = await appeal_store.appeals_on(conn, ids)
    overtaken = await appeal_store.overtaken(conn, ids)
    found = []
    for one in decisions:
        until = appeal_until(one.at, desk.settings.appeal_months)
        is_open = now < until and one.id not in appeals and one.id not in overtaken
        found.append(Refusal(one, reasons[one.id].reason, appeals.get(one.id), until if is_open else None))
    return found
