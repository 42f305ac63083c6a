"""Write the classes' counts down at the freeze: what is taken back or removed later must not show in them.

Whoever looks first after the freeze causes it; the worker makes that somebody early.
"""

from datetime import datetime

from backend.core.database import Database
from backend.core.ids import Id
from backend.rounds.store import frozen
from backend.rounds.store import rounds as store
from backend.rounds.store.rounds import Round
from backend.rounds.store.standings import participants


async def freeze_if_due(db: Database, round_id: Id) -> None:
    """Keep the counts of a round whose freeze has begun; again is harmless."""
    async with db.reading() as conn:
        row = await store.get_round(conn, round_id)
        if row is None or not _is_due(row, await conn.now()):
            return
    async with db.transaction() as tx:
        row = await store.lock_round(tx, round_id)
        if row is not None and _is_due(row, await tx.now()):
            await frozen.keep(tx, round_id, await participants(tx, row, until=row.freezes_at))


async def freeze_due(db: Database) -> None:
    """The worker's part."""
    async with db.reading() as conn:
        due = await frozen.due(conn, await conn.now())
    for round_id in due:
        await freeze_if_due(db, round_id)


def _is_due(row: Round, now: datetime) -> bool:
    if row.frozen_at is not None or row.voided_at is not None or row.confirmed_at is not None:
        return False
    return row.freezes_at <= min(now, row.paused_at or now)
