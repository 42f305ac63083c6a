"""The SQL of second factors."""

from dataclasses import dataclass
from datetime import datetime

from backend.core.database import Connection, Transaction
from backend.core.ids import Id, random_id


@dataclass(frozen=True, slots=True)
class TotpRow:
    """An authenticator app; `last_step` is the time step of the last code that was accepted, -1 before the first."""

    secret_sealed: bytes
    confirmed_at: datetime | None
    last_step: int


async def lock_totp(tx: Transaction, account_id: Id) -> TotpRow | None:
    """The app of an account, held until the transaction ends."""
    return await tx.fetch_one_as(
        TotpRow, "select secret_sealed, confirmed_at, last_step from totp where account_id = $1 for update", account_id
    )


async def find_totp(conn: Connection, account_id: Id) -> TotpRow | None:
    """The app of an account."""
    return await conn.fetch_one_as(
        TotpRow, "select secret_sealed, confirmed_at, last_step from totp where account_id = $1", account_id
    )


async def has_totp(conn: Connection, account_id: Id) -> bool:
    """Whether a confirmed app is in use."""
    found: bool = await conn.fetch_value(
        "select exists(select from totp where account_id = $1 and confirmed_at is not null)", account_id
    )
    return found


async def insert_totp(tx: Transaction, account_id: Id, sealed: bytes) -> None:
    """Add an app that is not yet confirmed."""
    await tx.execute(
        "insert into totp (account_id, secret_sealed, made_at, last_step) values ($1, $2, $3, -1)",
        account_id,
        sealed,
        await tx.now(),
    )


async def confirm_totp(tx: Transaction, account_id: Id, now: datetime) -> None:
    """The app is in use from now on."""
    await tx.execute("update totp set confirmed_at = $2 where account_id = $1", account_id, now)


async def note_step(tx: Transaction, account_id: Id, step: int) -> None:
    """Codes up to this time step are used up."""
    await tx.execute("update totp set last_step = $2 where account_id = $1", account_id, step)


async def replace_recovery(tx: Transaction, account_id: Id, hashes: list[bytes]) -> None:
    """New recovery codes; the old ones are void."""
    await tx.execute("delete from totp_recovery where account_id = $1", account_id)
    await tx.execute_many(
        "insert into totp_recovery (id, account_id, code_hash) values ($1, $2, $3)",
        [(random_id(), account_id, one) for one in hashes],
    )


async def use_recovery(tx: Transaction, account_id: Id, hashed: bytes, now: datetime) -> bool:
    """Use up a recovery code; False when there is none such left."""
    return (
        await tx.execute(
            "update totp_recovery set used_at = $3 where account_id = $1 and code_hash = $2 and used_at is null",
            account_id,
            hashed,
            now,
        )
        == 1
    )


async def recovery_left(conn: Connection, account_id: Id) -> int:
    """How many recovery codes are unused."""
    left: int = await conn.fetch_value(
        "select count(*) from totp_recovery where account_id = $1 and used_at is null", account_id
    )
    return left


async def forget(tx: Transaction, account_id: Id) -> None:
    """Remove the app and its recovery codes."""
    await tx.execute("delete from totp_recovery where account_id = $1", account_id)
    await tx.execute("delete from totp where account_id = $1", account_id)
