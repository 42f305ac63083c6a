"""SQL of failed tries and of addresses from which an account is known; both under keyed hashes."""

from datetime import datetime

from backend.core.database import Connection, Transaction
from backend.core.ids import Id, new_id


async def lock_key(tx: Transaction, key: str) -> None:
    """Whoever tries under the same key waits until this transaction has ended."""
    await tx.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", key)


async def add_failure(tx: Transaction, key: str) -> None:
    """One more failed try under the key."""
    await tx.execute("insert into sign_in_failure (id, key, at) values ($1, $2, $3)", new_id(), key, await tx.now())


async def list_failures(conn: Connection, key: str, *, since: datetime, limit: int) -> list[datetime]:
    """When the latest failed tries under the key were, newest first."""
    rows = await conn.fetch(
        "select at from sign_in_failure where key = $1 and at > $2 order by at desc limit $3", key, since, limit
    )
    return [row["at"] for row in rows]


async def remove_failures(tx: Transaction, key: str) -> None:
    """Nothing under the key counts any more."""
    await tx.execute("delete from sign_in_failure where key = $1", key)


async def is_known(conn: Connection, account_id: Id, address_hash: bytes) -> bool:
    """Whether the account has signed in from there."""
    found: bool = await conn.fetch_value(
        "select exists(select from known_address where account_id = $1 and address_hash = $2)", account_id, address_hash
    )
    return found


async def save_address(tx: Transaction, account_id: Id, address_hash: bytes) -> None:
    """The account signed in from there now."""
    await tx.execute(
        "insert into known_address (id, account_id, address_hash, last_at) values ($1, $2, $3, $4)"
        " on conflict (account_id, address_hash) do update set last_at = excluded.last_at",
        new_id(), account_id, address_hash, await tx.now(),
    )  # fmt: skip


async def forget_before(tx: Transaction, *, failures: datetime, addresses: datetime) -> int:
    """Remove failures and addresses older than that; how many failures."""
    await tx.execute("delete from known_address where last_at < $1", addresses)
    return await tx.execute("delete from sign_in_failure where at < $1", failures)
