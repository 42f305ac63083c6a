"""What the accounts themselves hold about somebody: the copy they can have, and how it is forgotten."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.accounts import consent_store, email_store, second_factor_store, session_store, store, throttle
from backend.accounts.config import AccountSettings
from backend.accounts.consent_rules import ConsentRow
from backend.accounts.people import Account
from backend.accounts.personal_data import PersonalDomain
from backend.accounts.session_store import ListedSession
from backend.core.database import Connection, Database, Transaction
from backend.core.ids import Id

_ENDED_SESSIONS_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class OwnData:
    """The account with its sessions and answers; hashes and secrets are of no use to anyone and left out."""

    account: Account | None
    sessions: list[ListedSession]
    consents: list[ConsentRow]
    has_second_factor: bool
    exported_at: datetime


async def export(conn: Connection, account_id: Id) -> OwnData:
    """The copy."""
    now = await conn.now()
    return OwnData(
        account=await store.get_account(conn, account_id),
        sessions=await session_store.list_sessions(conn, account_id, now),
        consents=await consent_store.ledger(conn, account_id),
        has_second_factor=await second_factor_store.has_totp(conn, account_id),
        exported_at=now,
    )


async def erase(tx: Transaction, account_id: Id) -> None:
    """Null what is personal; the row and the ledger's answers stay, without anybody behind them."""
    await second_factor_store.forget(tx, account_id)
    await store.forget_person(tx, account_id)


PERSONAL = PersonalDomain("accounts", export, erase)


async def tidy(db: Database, settings: AccountSettings) -> int:
    """Periodic: remove ended sessions after thirty days, old failures, addresses and mailed codes; how many rows."""
    async with db.transaction() as tx:
        removed = await throttle.forget_old(tx, settings.login_window) + await email_store.forget_ended(tx)
        return removed + await session_store.forget_ended(tx, await tx.now() - _ENDED_SESSIONS_KEPT)
