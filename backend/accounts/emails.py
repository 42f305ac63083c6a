"""E-mail addresses: optional, and only one that a mailed code has proved is kept. They are never a way to sign in."""

import re
from datetime import timedelta

from backend.accounts import email_store, store
from backend.accounts.config import AccountSettings
from backend.accounts.email_store import Verification
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
    """Mail a code to a new address, which is kept once the code comes back. The address.

    Raises RateLimited, Conflict `sealed_after_reset`.
    """
    account_id, email = viewer.require_account(), check_email(typed)
    viewer.require_unsealed()
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
    row_id = new_id()
    code = make_code(derive_bytes(settings.secret, "email_code", str(row_id)))
    expires_at = await tx.now() + timedelta(hours=CODE_HOURS)
    await email_store.replace_verification(
        tx, row_id, account_id, email=email, code_hash=code_hash(code), expires_at=expires_at
    )
    link = f"{settings.public_url}/email#{code}"
    await mail.send(tx, email, "email_verify", locale=locale, params={"code": code, "link": link, "hours": CODE_HOURS})


async def verify_email(db: Database, settings: AccountSettings, viewer: Viewer, code: str) -> str:
    """Keep the address that the code was mailed to; it needs no session. The address. Repeating it is harmless.

    Raises NotFound `email_code_unknown` or Closed `email_code_expired`.
    """
    async with db.transaction() as tx:
        row = await email_store.lock_verification(tx, code_hash(code))
        if row is not None and row.email is not None:
            if row.used_at is None:
                await _keep(tx, row, row.email)
            return row.email
    await ratelimit.take(db, _GUESSES, viewer.address, secret=settings.secret)
    raise NotFound("email_code_unknown", path=("code",))


async def _keep(tx: Transaction, row: Verification, email: str) -> None:
    if row.expires_at <= await tx.now():
        raise Closed("email_code_expired", path=("code",))
    await email_store.keep_email(tx, row, email)
    await inbox.tell(tx, row.account_id, "email_verified")
    await audit.record(tx, row.account_id, "account:email:verified", ("account", row.account_id))
