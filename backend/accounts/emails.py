"""E-mail addresses: optional, and only one that a mailed code has proved is kept. They are never a way to sign in."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.accounts import store
from backend.accounts.config import AccountSettings
from backend.accounts.secret_codes import code_hash, make_code
from backend.core import audit, ratelimit, repeats
from backend.core.database import Database, Transaction
from backend.core.derive import derive_bytes
from backend.core.errors import Closed, NotFound, ValidationFailed
from backend.core.ids import Id, new_id
from backend.core.ratelimit import Limit
from backend.core.viewer import Viewer
from backend.notices import inbox, mail

MAX_CHARS = 254
CODE_HOURS = 48
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
_MAILS_OF_ACCOUNT = Limit("email_of_account", burst=5, per_seconds=86400)
_MAILS_TO_ADDRESS = Limit("email_to_address", burst=5, per_seconds=86400)
_GUESSES = Limit("email_code", burst=30, per_seconds=900)


@dataclass(frozen=True, slots=True)
class _Pending:
    id: Id
    account_id: Id
    email: str | None
    expires_at: datetime
    used_at: datetime | None


def check_email(typed: str, *, path: tuple[str, ...] = ("email",)) -> str:
    """The address, its domain in lower case. Raises ValidationFailed `email_format`."""
    text = typed.strip() if len(typed) <= 2 * MAX_CHARS else ""
    if len(text) > MAX_CHARS or not _ADDRESS.fullmatch(text) or ".." in text:
        raise ValidationFailed("email_format", path=path)
    name, _, domain = text.rpartition("@")
    return f"{name}@{domain.lower()}"


async def limit_mail(db: Database, settings: AccountSettings, email: str, *, account_id: Id | None) -> None:
    """Nobody is flooded through us. Raises RateLimited."""
    if account_id is not None:
        await ratelimit.take(db, _MAILS_OF_ACCOUNT, str(account_id), secret=settings.secret)
    await ratelimit.take(db, _MAILS_TO_ADDRESS, email.lower(), secret=settings.secret)


async def change_email(
    db: Database, settings: AccountSettings, viewer: Viewer, typed: str, *, client_key: str | None = None
) -> str:
    """Mail a code to a new address, which is kept once the code comes back. The address. Raises RateLimited."""
    account_id, email = viewer.require_account(), check_email(typed)
    await limit_mail(db, settings, email, account_id=account_id)
    async with db.transaction() as tx:
        await store.lock_account(tx, account_id)
        if await repeats.first_result(tx, viewer, "emailChange", client_key, account_id) is None:
            await begin_verification(tx, settings, account_id, email, locale=viewer.locale)
    return email


async def begin_verification(
    tx: Transaction, settings: AccountSettings, account_id: Id, email: str, *, locale: str
) -> None:
    """Mail a code; earlier ones of the account end. The address was checked by the caller."""
    row_id, now = new_id(), await tx.now()
    code = make_code(derive_bytes(settings.secret, "email_code", str(row_id)))
    await tx.execute("delete from email_verification where account_id = $1 and used_at is null", account_id)
    await tx.execute(
        "insert into email_verification (id, account_id, email, code_hash, made_at, expires_at)"
        " values ($1, $2, $3, $4, $5, $6)",
        row_id,
        account_id,
        email,
        code_hash(code),
        now,
        now + timedelta(hours=CODE_HOURS),
    )
    link = f"{settings.public_url}/email#{code}"
    await mail.send(tx, email, "email_verify", locale=locale, params={"code": code, "link": link, "hours": CODE_HOURS})


async def verify_email(db: Database, settings: AccountSettings, viewer: Viewer, code: str) -> str:
    """Keep the address that the code was mailed to; it needs no session. The address. Repeating it is harmless.

    Raises NotFound `email_code_unknown` or Closed `email_code_expired`.
    """
    async with db.transaction() as tx:
        row = await tx.fetch_one_as(
            _Pending,
            "select id, account_id, email, expires_at, used_at from email_verification where code_hash = $1 for update",
            code_hash(code),
        )
        if row is not None and row.email is not None:
            if row.used_at is None:
                await _keep(tx, row, row.email)
            return row.email
    await ratelimit.take(db, _GUESSES, viewer.address, secret=settings.secret)
    raise NotFound("email_code_unknown", path=("code",))


async def _keep(tx: Transaction, row: _Pending, email: str) -> None:
    now = await tx.now()
    if row.expires_at <= now:
        raise Closed("email_code_expired", path=("code",))
    await tx.execute("update email_verification set used_at = $2 where id = $1", row.id, now)
    await tx.execute("update account set email = $2, email_verified_at = $3 where id = $1", row.account_id, email, now)
    await inbox.tell(tx, row.account_id, "email_verified")
    await audit.record(tx, row.account_id, "account:email:verified", ("account", row.account_id))


async def forget_ended(tx: Transaction) -> int:
    """Remove verifications a day after their end; how many."""
    return await tx.execute("delete from email_verification where expires_at < $1", await tx.now() - timedelta(days=1))
