"""A new passphrase: by the old one, or by the recovery code from the card."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from backend.accounts import session_store, store, throttle
from backend.accounts.config import AccountSettings
from backend.accounts.handles import normal_handle
from backend.accounts.passphrases import PassphraseHasher, check_passphrase
from backend.accounts.pseudonyms import passphrase_words
from backend.accounts.secret_codes import code_hash, make_code
from backend.accounts.sign_in import NOBODY
from backend.accounts.throttle import Window, network_of
from backend.core import audit, repeats
from backend.core.database import Database, Transaction
from backend.core.derive import derive_bytes
from backend.core.errors import Conflict, NotAllowed, RateLimited
from backend.core.ids import Id, new_token
from backend.core.viewer import ANONYMOUS, Viewer
from backend.notices import inbox


@dataclass(frozen=True, slots=True)
class Recovered:
    """What is shown once: the next recovery code, and the passphrase when it was made here."""

    recovery_code: str = field(repr=False)
    passphrase: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Recovery:
    """What somebody types who has lost the passphrase. Without a new one four words are made."""

    handle: str
    recovery_code: str = field(repr=False)
    passphrase: str | None = field(default=None, repr=False)
    client_key: str | None = field(default=None, repr=False)


# Whether somebody else has printed the account's recovery code, e.g. on a log-in card: a higher domain knows.
WasPrinted: TypeAlias = Callable[[Transaction, Id], Awaitable[bool]]


async def _by_nobody(_tx: Transaction, _account_id: Id) -> bool:
    return False


async def recover_account(
    db: Database, settings: AccountSettings, hasher: PassphraseHasher, viewer: Viewer, typed: Recovery,
    *, was_printed: WasPrinted = _by_nobody,
) -> Recovered:  # fmt: skip
    """Set a new passphrase by the recovery code, which a new one replaces; every session ends.

    A code that only the person knows lifts the seal of a reset; one that somebody else has printed seals like a reset.
    Tries are limited as for signing in; the right code always passes (it has 100 bits), so that nobody locks another
    out. Raises NotAllowed `recovery_failed`, for an unknown handle too, and RateLimited `sign_in_limited`.
    """
    handle, seed = normal_handle(typed.handle), typed.client_key or new_token()
    passphrase = typed.passphrase if typed.passphrase is not None else _words(settings, "recovery", handle, seed)
    check_passphrase(passphrase, handle=handle)
    hashed = await hasher.hash(passphrase)
    window = Window("recovery", settings.login_failures, settings.login_window)
    who = f"{handle} {network_of(viewer.address)}"
    attempt = await throttle.count_failure(db, window, who, secret=settings.secret)
    next_code = make_code(derive_bytes(settings.secret, "recovery_code", handle, seed))
    async with db.transaction() as tx:
        if not await _replace(tx, handle, typed, hashed, next_code, was_printed):
            if attempt.wait_seconds:
                raise RateLimited("sign_in_limited", retry_after_seconds=attempt.wait_seconds)
            raise NotAllowed("recovery_failed")
        await throttle.forgive(tx, attempt)
    return Recovered(next_code, passphrase if typed.passphrase is None else None)


async def _replace(
    tx: Transaction, handle: str, typed: Recovery, hashed: str, next_code: str, was_printed: WasPrinted
) -> bool:
    found = await store.find_credentials(tx, handle) if handle else None
    # For an unknown handle the same statements run, about nobody, so that the time does not tell.
    account_id = found[0] if found else NOBODY
    await store.lock_account(tx, account_id)
    first = await repeats.first_result(tx, ANONYMOUS, "accountRecover", typed.client_key, account_id)
    if first is not None:
        return first == account_id
    if await store.recovery_hash_of(tx, account_id) != code_hash(typed.recovery_code):
        return False
    now = await tx.now()
    await store.set_passphrase(tx, account_id, hashed)
    await store.set_recovery(tx, account_id, code_hash(next_code))
    # Whoever has the recovery code is the person, whatever passphrase a teacher has set meanwhile; but whoever printed
    # it has it too.
    await store.mark_reset(tx, account_id, now if await was_printed(tx, account_id) else None)
    await session_store.revoke_all(tx, account_id, now)
    await inbox.tell(tx, account_id, "account_recovered")
    await audit.record(tx, account_id, "account:passphrase:recovered", ("account", account_id))
    return True


@dataclass(frozen=True, slots=True)
class PassphraseChange:
    """The old passphrase and the new one; without it four words are made."""

    old: str = field(repr=False)
    new: str | None = field(default=None, repr=False)
    client_key: str | None = field(default=None, repr=False)


async def change_passphrase(
    db: Database, settings: AccountSettings, hasher: PassphraseHasher, viewer: Viewer, change: PassphraseChange
) -> str | None:
    """Replace the viewer's passphrase and end the other sessions; the new one when it was made here.

    Raises NotAllowed `passphrase_wrong`, RateLimited `sign_in_limited`, ValidationFailed.
    """
    account_id, seed = viewer.require_account(), change.client_key or new_token()
    new = change.new if change.new is not None else _words(settings, "change", str(account_id), seed)
    made = new if change.new is None else None
    check_passphrase(new, handle=viewer.handle or "", path=("passphrase",))
    async with db.reading() as conn:
        stored = await store.passphrase_hash_of(conn, account_id)
    window = Window("passphrase_change", settings.login_failures, settings.login_window)
    attempt = await throttle.count_failure(db, window, str(account_id), secret=settings.secret)
    right = attempt.wait_seconds == 0 and await hasher.verify(stored, change.old)
    hashed = await hasher.hash(new)
    async with db.transaction() as tx:
        await store.lock_account(tx, account_id)
        if await repeats.first_result(tx, viewer, "passphraseChange", change.client_key, account_id) is None:
            if attempt.wait_seconds:
                raise RateLimited("sign_in_limited", retry_after_seconds=attempt.wait_seconds)
            if not right:
                raise NotAllowed("passphrase_wrong", path=("current_passphrase",))
            if await store.passphrase_hash_of(tx, account_id) != stored:
                raise Conflict("passphrase_changed_meanwhile", state="CHANGED")
            await _write_change(tx, account_id, hashed, viewer.session_id)
        await throttle.forgive(tx, attempt)
    return made


async def _write_change(tx: Transaction, account_id: Id, hashed: str, session_id: Id | None) -> None:
    await store.set_passphrase(tx, account_id, hashed)
    await session_store.revoke_all(tx, account_id, await tx.now(), but=session_id)
    await inbox.tell(tx, account_id, "passphrase_changed")
    await audit.record(tx, account_id, "account:passphrase:changed", ("account", account_id))


def _words(settings: AccountSettings, purpose: str, who: str, seed: str) -> str:
    return "-".join(passphrase_words(derive_bytes(settings.secret, "passphrase", purpose, who, seed)))
