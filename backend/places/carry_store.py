"""SQL for an account that becomes its owner's alone."""

import asyncpg

from backend.core.database import Transaction
from backend.core.ids import Id


async def make_own(tx: Transaction, account_id: Id, *, handle: str, passphrase_hash: str, recovery_hash: bytes) -> bool:
    """Replace all that a card opened, and a reset with it; False when somebody has the handle."""
    try:
        async with tx.savepoint():
            await tx.execute(
                "update account set door = 'OWN', handle = $2, passphrase_hash = $3, recovery_hash = $4,"
                " reset_at = null, reset_used_at = null where id = $1",
                account_id, handle, passphrase_hash, recovery_hash,
            )  # fmt: skip
    except asyncpg.UniqueViolationError:
        return False
    return True
