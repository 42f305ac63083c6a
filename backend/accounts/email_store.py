"""SQL of addresses that wait for their mailed code."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.core.database import Transaction
from backend.core.ids import Id


@dataclass(frozen=True, slots=True)
class Verification:
    """An address of an account and the code mailed to it."""

    id: Id
    account_id: Id
    email: str | None
    expires_at: datetime
    used_at: datetime | None


async def replace_verification(
    tx: Transaction, row_id: Id, account_id: Id, *, email: str, code_hash: bytes, expires_at: datetime
) -> None:
    """Wait for this code; earlier ones of the account end."""
    await tx.execute("delete from email_verification where account_id = $1 and used_at is null", account_id)
    await tx.execute(
        "insert into email_verification (id, account_id, email, code_hash, made_at, expires_at)"
        " values ($1, $2, $3, $4, $5, $6)",
        row_id, account_id, email, code_hash, await tx.now(), expires_at,
    )  # fmt: skip


async def lock_verification(tx: Transaction, code_hash: bytes) -> Verification | None:
    """What the code was mailed for, locked; used ones too."""
    return await tx.fetch_one_as(
        Verification,
        "select id, account_id, email, expires_at, used_at from email_verification where code_hash = $1 for update",
        code_hash,
    )


async def keep_email(tx: Transaction, row: Verification, email: str) -> None:
    """The account has the address from now on; the code is used."""
    now = await tx.now()
    await tx.execute("update email_verification set used_at = $2 where id = $1", row.id, now)
    await tx.execute("update account set email = $2, email_verified_at = $3 where id = $1", row.account_id, email, now)


async def forget_ended(tx: Transaction) -> int:
    """Remove verifications a day after their end; how many."""
    return await tx.execute("delete from email_verification where expires_at < $1", await tx.now() - timedelta(days=1))
