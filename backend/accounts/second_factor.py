"""The second factor of staff: a code of an authenticator app, or one of ten single-use recovery codes."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime

import pyotp
import segno
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backend.accounts import second_factor_store as factors
from backend.accounts import session_store, store
from backend.accounts.config import AccountSettings
from backend.accounts.secret_codes import code_hash, make_code
from backend.core import audit, ratelimit, repeats
from backend.core.database import Connection, Database, Transaction
from backend.core.derive import derive_bytes
from backend.core.errors import Conflict, NotAllowed, RateLimited
from backend.core.ids import Id, random_id
from backend.core.viewer import Viewer
from backend.notices import inbox

ISSUER = "Stemme"
RECOVERY_CODES = 10
_STEP_SECONDS, _DRIFT_STEPS = 30, 1
_NONCE_BYTES = 12
_TRIES = ratelimit.Limit("second_factor", burst=10, per_seconds=900)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the authenticator app reads: the otpauth address and the same as a QR code (SVG)."""

    uri: str = field(repr=False)
    svg: str = field(repr=False)


async def enrol(db: Database, settings: AccountSettings, viewer: Viewer, client_key: str | None) -> Enrolment:
    """Begin with an authenticator app; a second begin before `confirm` gives the same secret.

    Raises Conflict `second_factor_active` when an app is in use, or `sealed_after_reset`.
    """
    account_id = viewer.require_account()
    async with db.transaction() as tx:
        viewer.require_unsealed()
        await store.lock_account(tx, account_id)
        await repeats.first_result(tx, viewer, "totpEnroll", client_key, account_id)
        current = await factors.lock_totp(tx, account_id)
        if current is not None and current.confirmed_at is not None:
            raise Conflict("second_factor_active", state="ACTIVE")
        if current is None:
            secret = pyotp.random_base32()
            await factors.insert_totp(tx, account_id, _seal(settings, account_id, secret))
            await audit.record(tx, account_id, "account:second_factor:begun", ("account", account_id))
        else:
            secret = _open(settings, account_id, current.secret_sealed)
    uri = pyotp.TOTP(secret).provisioning_uri(name=viewer.handle, issuer_name=ISSUER)
    return Enrolment(uri, segno.make(uri, error="m").svg_inline(scale=4))


async def confirm(
    db: Database, settings: AccountSettings, viewer: Viewer, code: str, *, client_key: str | None
) -> list[str]:
    """Put the app to use with its first code; this session has passed. The ten recovery codes, shown once.

    Raises Conflict `second_factor_not_begun`, `second_factor_active`, `sealed_after_reset`, NotAllowed
    `second_factor_wrong`.
    """
    account_id = viewer.require_account()
    await take_try(db, settings, account_id)
    seed = derive_bytes(settings.secret, "totp_recovery", str(account_id), client_key or str(random_id()))
    codes = [make_code(seed + bytes([place])) for place in range(RECOVERY_CODES)]
    async with db.transaction() as tx:
        viewer.require_unsealed()
        await store.lock_account(tx, account_id)
        if await repeats.first_result(tx, viewer, "totpConfirm", client_key, account_id) is not None:
            return codes
        current = await factors.lock_totp(tx, account_id)
        if current is None:
            raise Conflict("second_factor_not_begun", state="NONE")
        if current.confirmed_at is not None:
            raise Conflict("second_factor_active", state="ACTIVE")
        await _use_app_code(tx, settings, account_id, code, current)
        now = await tx.now()
        await factors.confirm_totp(tx, account_id, now)
        await factors.replace_recovery(tx, account_id, [code_hash(one) for one in codes])
        if viewer.session_id is not None:
            await session_store.pass_second_factor(tx, viewer.session_id, now)
        await inbox.tell(tx, account_id, "second_factor_on")
        await audit.record(tx, account_id, "account:second_factor:confirmed", ("account", account_id))
    return codes


async def pass_now(db: Database, settings: AccountSettings, viewer: Viewer, code: str) -> None:
    """Let the running session pass the second factor. Raises NotAllowed `second_factor_wrong`."""
    account_id = viewer.require_account()
    await take_try(db, settings, account_id)
    async with db.transaction() as tx:
        await store.lock_account(tx, account_id)
        await use(tx, settings, account_id, code)
        if viewer.session_id is not None:
            await session_store.pass_second_factor(tx, viewer.session_id, await tx.now())
        await audit.record(tx, account_id, "account:second_factor:passed", ("account", account_id))


async def switch_off(db: Database, settings: AccountSettings, viewer: Viewer, code: str) -> None:
    """Forget the app, with a code of it: for a new phone. Roles of staff rest until another app is confirmed."""
    account_id = viewer.require_account()
    await take_try(db, settings, account_id)
    async with db.transaction() as tx:
        await store.lock_account(tx, account_id)
        await use(tx, settings, account_id, code)
        await factors.forget(tx, account_id)
        await session_store.lose_second_factor(tx, account_id)
        await inbox.tell(tx, account_id, "second_factor_off")
        await audit.record(tx, account_id, "account:second_factor:removed", ("account", account_id))


async def take_try(db: Database, settings: AccountSettings, account_id: Id) -> None:
    """Codes may be guessed ten times in a quarter of an hour, from wherever. Raises RateLimited."""
    try:
        await ratelimit.take(db, _TRIES, str(account_id), secret=settings.secret)
    except RateLimited as error:
        raise RateLimited("second_factor_limited", retry_after_seconds=error.retry_after_seconds) from None


async def use(
    tx: Transaction, settings: AccountSettings, account_id: Id, code: str, *, path: tuple[str, ...] = ("code",)
) -> None:
    """Accept a code once: of the app or a recovery code. The account is locked. Raises NotAllowed about `path`."""
    current = await factors.lock_totp(tx, account_id)
    if current is None or current.confirmed_at is None:
        raise NotAllowed("second_factor_wrong", path=path)
    typed = code.replace(" ", "")[:64]
    if len(typed) == 6 and typed.isascii() and typed.isdigit():
        await _use_app_code(tx, settings, account_id, typed, current, path=path)
    elif not await factors.use_recovery(tx, account_id, code_hash(typed), await tx.now()):
        raise NotAllowed("second_factor_wrong", path=path)


async def next_code(conn: Connection, settings: AccountSettings, account_id: Id) -> str | None:
    """The code that the person's app would show, or the next one when it was used already. For development only.

    None when no app is in use, or when the next code was used too.
    """
    current = await factors.find_totp(conn, account_id)
    if current is None or current.confirmed_at is None:
        return None
    here = int((await conn.now()).timestamp()) // _STEP_SECONDS
    step = max(here, current.last_step + 1)
    if step > here + _DRIFT_STEPS:
        return None
    return pyotp.TOTP(_open(settings, account_id, current.secret_sealed)).generate_otp(step)


async def _use_app_code(
    tx: Transaction, settings: AccountSettings, account_id: Id, code: str, current: factors.TotpRow,
    *, path: tuple[str, ...] = ("code",),
) -> None:  # fmt: skip
    step = _matching_step(_open(settings, account_id, current.secret_sealed), code, await tx.now())
    # A code that was used, or is older than one that was, is refused: nobody profits from looking over a shoulder.
    if step is None or step <= current.last_step:
        raise NotAllowed("second_factor_wrong", path=path)
    await factors.note_step(tx, account_id, step)


def _matching_step(secret: str, code: str, now: datetime) -> int | None:
    app = pyotp.TOTP(secret)
    here = int(now.timestamp()) // _STEP_SECONDS
    for step in range(here - _DRIFT_STEPS, here + _DRIFT_STEPS + 1):
        if pyotp.utils.strings_equal(app.generate_otp(step), code.replace(" ", "")):
            return step
    return None


def _seal(settings: AccountSettings, account_id: Id, secret: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + _cipher(settings).encrypt(nonce, secret.encode(), account_id.bytes)


def _open(settings: AccountSettings, account_id: Id, sealed: bytes) -> str:
    try:
        return _cipher(settings).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], account_id.bytes).decode()
    except InvalidTag:
        raise RuntimeError("a second factor was sealed under another server secret") from None


def _cipher(settings: AccountSettings) -> AESGCM:
    return AESGCM(derive_bytes(settings.secret, "totp_secret"))
