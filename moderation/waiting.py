"""Where a submitted thing waits, for its author: with the teacher, or with the moderators."""

from collections.abc import Sequence
from datetime import datetime

from backend.core.database import Connection
from backend.core.ids import Id


async def with_teacher(conn: Connection, kind: str, subject_ids: Sequence[Id], now: datetime) -> frozenset[Id]:
    """Those of the subjects whose teacher still has the first turn."""
    rows = await conn.fetch(
        "select subject_id from moderation_case where subject_kind = $1 and subject_id = any($2::uuid[])"
        " and review_open and not skip_teacher and state = 'NEW' and queue_from > $3",
        kind, list(subject_ids), now,
    )  # fmt: skip
    return frozenset(row["subject_id"] for row in rows)
