"""The SQL of accounts themselves."""

from datetime import datetime

from backend.accounts.people import Account, Credentials, NewAccount, Status
from backend.core.database import Connection, Transaction
from backend.core.ids import Id

_ACCOUNT = (
    "id, handle, pseudonym, birth_year, country, locale, review_languages, email, email_verified_at, door, status,"
    " restricted_until, created_at, reset_at, erasure_requested_at"
)


async def insert_account(tx: Transaction, new: NewAccount, credentials: Credentials, *, skeleton: str | None) -> bool:
    """Add the account; False when the handle is taken."""
    return (
        await tx.execute(
            "insert into account (id, handle, pseudonym, pseudonym_skeleton, birth_year, country, locale,"
            " review_languages, door, passphrase_hash, recovery_hash, created_at, status, erasure_keeps_statements)"
            " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'ACTIVE', false)"
            " on conflict (handle) do nothing",
            new.id,
            new.handle,
            new.pseudonym,
            skeleton,
            new.birth_year,
            new.country,
            new.locale,
            list(new.review_languages),
            new.door,
            credentials.passphrase_hash,
            credentials.recovery_hash,
            await tx.now(),
        )
        == 1
    )


async def get_account(conn: Connection, account_id: Id) -> Account | None:
    """The account, erased ones too."""
    return await conn.fetch_one_as(Account, f"select {_ACCOUNT} from account where id = $1", account_id)


async def lock_account(tx: Transaction, account_id: Id) -> Account | None:
    """The account, held until the transaction ends."""
    return await tx.fetch_one_as(Account, f"select {_ACCOUNT} from account where id = $1 for update", account_id)


async def find_credentials(conn: Connection, handle: str) -> tuple[Id, str] | None:
    """The account's id and passphrase hash by handle."""
    row = await conn.fetch_one("select id, passphrase_hash from account where handle = $1", handle)
    return None if row is None or row["passphrase_hash"] is None else (row["id"], row["passphrase_hash"])


async def passphrase_hash_of(conn: Connection, account_id: Id) -> str | None:
    """The stored passphrase hash."""
    stored: str | None = await conn.fetch_value("select passphrase_hash from account where id = $1", account_id)
    return stored


async def recovery_hash_of(tx: Transaction, account_id: Id) -> bytes | None:
    """The stored hash of the recovery code."""
    stored: bytes | None = await tx.fetch_value("select recovery_hash from account where id = $1", account_id)
    return stored


async def set_passphrase(tx: Transaction, account_id: Id, passphrase_hash: str) -> None:
    """Replace the passphrase."""
    await tx.execute("update account set passphrase_hash = $2 where id = $1", account_id, passphrase_hash)


async def replace_hash(tx: Transaction, account_id: Id, old: str, new: str) -> None:
    """The same passphrase under today's parameters; nothing happens when it was changed meanwhile."""
    await tx.execute(
        "update account set passphrase_hash = $3 where id = $1 and passphrase_hash = $2", account_id, old, new
    )


async def set_recovery(tx: Transaction, account_id: Id, recovery_hash: bytes) -> None:
    """Replace the recovery code."""
    await tx.execute("update account set recovery_hash = $2 where id = $1", account_id, recovery_hash)


async def mark_reset(tx: Transaction, account_id: Id, at: datetime | None) -> None:
    """Remember (or with None forget) that somebody else has set the passphrase."""
    await tx.execute("update account set reset_at = $2, reset_used_at = null where id = $1", account_id, at)


async def set_pseudonym(tx: Transaction, account_id: Id, pseudonym: str, skeleton: str) -> None:
    """Replace the shown name."""
    await tx.execute(
        "update account set pseudonym = $2, pseudonym_skeleton = $3 where id = $1", account_id, pseudonym, skeleton
    )


async def set_locale(tx: Transaction, account_id: Id, locale: str) -> None:
    """Replace the language of the product."""
    await tx.execute("update account set locale = $2 where id = $1", account_id, locale)


async def set_review_languages(tx: Transaction, account_id: Id, languages: list[str]) -> None:
    """Replace the languages in which the person can review."""
    await tx.execute("update account set review_languages = $2 where id = $1", account_id, languages)


async def set_birth(tx: Transaction, account_id: Id, birth_year: int, country: str) -> bool:
    """Give a birth year once, and the country if none is known; False when the year is known already."""
    return (
        await tx.execute(
            "update account set birth_year = $2, country = coalesce(country, $3) where id = $1 and birth_year is null",
            account_id,
            birth_year,
            country,
        )
        == 1
    )


async def set_status(tx: Transaction, account_id: Id, status: Status, *, since: datetime | None, keep: bool) -> None:
    """Ask for erasure, or take it back (`since` None)."""
    await tx.execute(
        "update account set status = $2, erasure_requested_at = $3, erasure_keeps_statements = $4 where id = $1",
        account_id,
        status,
        since,
        keep,
    )


async def forget_person(tx: Transaction, account_id: Id) -> None:
    """Null what is personal and remove what hangs on the person; the account's row stays without anybody behind it."""
    for table in ("session", "known_address", "email_verification", "guardian_key"):
        await tx.execute(f"delete from {table} where account_id = $1", account_id)
    await tx.execute(
        "update account set handle = null, pseudonym = null, pseudonym_skeleton = null, birth_year = null,"
        " country = null, review_languages = '{}', email = null, email_verified_at = null, passphrase_hash = null,"
        " recovery_hash = null, reset_at = null, reset_used_at = null, restricted_until = null, status = 'ERASED',"
        " erased_at = $2 where id = $1",
        account_id,
        await tx.now(),
    )
