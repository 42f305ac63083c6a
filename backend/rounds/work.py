"""What the worker does for the rounds: makes early what whoever asks would cause, tells teachers, and forgets."""

from datetime import timedelta

from backend.core import audit
from backend.core.database import Database
from backend.core.jobs import Registry
from backend.notices import inbox
from backend.rounds import drawing, freezing
from backend.rounds.rules import ABANDONED_AFTER, ARCHIVE_DAYS
from backend.rounds.store import rounds as round_store
from backend.rounds.store import standings as store


def register(registry: Registry, db: Database) -> None:
    """Add the periodic work of rounds."""

    async def freeze() -> None:
        await freezing.freeze_due(db)

    async def draw() -> None:
        await drawing.draw_due(db)

    async def tell() -> None:
        await tell_announced(db)

    async def trim() -> None:
        await end_abandoned(db)
        await trim_old(db)

    registry.every("rounds.freeze_due", "* * * * *", freeze)
    registry.every("rounds.draw_due", "* * * * *", draw)
    registry.every("rounds.tell_announced", "* * * * *", tell)
    registry.every("rounds.trim_old", "43 * * * *", trim)


async def tell_announced(db: Database) -> None:
    """Tell the teachers of the classes in a result that it is there, each once a round."""
    async with db.reading() as conn:
        due = await store.untold_rounds(conn, await conn.now())
    for round_id in due:
        async with db.transaction() as tx:
            if not await store.set_told(tx, round_id):
                continue
            teachers = await store.teachers_of_contenders(tx, round_id)
            await inbox.tell_all(tx, teachers, "round_announced", subject=("round", round_id))


async def end_abandoned(db: Database) -> int:
    """End rounds that nobody confirmed for three months, without a result or a reason; how many."""
    async with db.reading() as conn:
        due = await store.abandoned_rounds(conn, await conn.now() - ABANDONED_AFTER)
    for round_id in due:
        async with db.transaction() as tx:
            row = await round_store.lock_round(tx, round_id)
            if row is not None and row.confirmed_at is None and row.voided_at is None:
                await round_store.set_void(tx, round_id, await tx.now(), None)
                await audit.record(tx, None, "clock:round:voided", ("round", round_id))
    return len(due)


async def trim_old(db: Database) -> int:
    """30 days after the announcement, or after it was voided, remove what leads to a person; how many rounds."""
    async with db.reading() as conn:
        due = await store.due_for_trimming(conn, await conn.now() - timedelta(days=ARCHIVE_DAYS))
    trimmed = 0
    for round_id in due:
        async with db.transaction() as tx:
            trimmed += await store.trim(tx, round_id)
    return trimmed
