"""Signing in with handle and passphrase. An unknown handle gets the same answer, after the same time and limits."""

from dataclasses import dataclass, field

from backend.accounts import second_factor, store, throttle
from backend.accounts.config import AccountSettings
from backend.accounts.handles import normal_handle
from backend.accounts.passphrases import PassphraseHasher
from backend.accounts.people import SessionKind
from backend.accounts.sessions import MAX_DEVICE_CHARS, StartedSession, begin_session, repeated_session
from backend.accounts.throttle import Window, network_of
from backend.core import repeats
from backend.core.database import Database
from backend.core.errors import NotAllowed, RateLimited
from backend.core.ids import Id, new_id
from backend.core.text import clean_text
from backend.core.viewer import ANONYMOUS, Viewer

UNKNOWN_HANDLES_PER_ADDRESS = 30
NOBODY = Id(int=0)  # looked up in place of an account that does not exist


@dataclass(frozen=True, slots=True)
class SignIn:
    """What somebody types. `second_factor` is a code of the authenticator app or one of its recovery codes."""

    handle: str
    passphrase: str = field(repr=False)
    second_factor: str | None = field(default=None, repr=False)
    kind: SessionKind = SessionKind.PERSONAL
    device: str | None = None
    client_key: str | None = field(default=None, repr=False)


async def sign_in(
    db: Database, settings: AccountSettings, hasher: PassphraseHasher, viewer: Viewer, typed: SignIn
) -> StartedSession:
    """Begin a session.

    Raises NotAllowed sign_in_failed or second_factor_wrong; RateLimited sign_in_limited, second_factor_limited, busy.
    """
    device = None if typed.device is None else clean_text(typed.device, path=("device",), max_chars=MAX_DEVICE_CHARS)
    account_id = await prove_passphrase(
        db, settings, hasher, handle=typed.handle, passphrase=typed.passphrase, address=viewer.address
    )
    if typed.second_factor is not None:
        await second_factor.take_try(db, settings, account_id)
    async with db.transaction() as tx:
        session_id = new_id()
        if await repeats.first_result(tx, ANONYMOUS, "sessionStart", typed.client_key, session_id) is not None:
            return await repeated_session(tx, settings, account_id, typed.client_key or "")
        await store.lock_account(tx, account_id)
        proved = typed.second_factor is not None
        if typed.second_factor is not None:
            await second_factor.use(tx, settings, account_id, typed.second_factor, path=("second_factor",))
        return await begin_session(
            tx, settings, account_id, kind=typed.kind, address=viewer.address, device=device, seed=typed.client_key,
            second_factor=proved, session_id=session_id,
        )  # fmt: skip


async def prove_passphrase(
    db: Database, settings: AccountSettings, hasher: PassphraseHasher, *, handle: str, passphrase: str, address: str
) -> Id:
    """The account whose passphrase this is. Raises NotAllowed `sign_in_failed` or RateLimited `sign_in_limited`.

    Tries are limited for each handle from each address, known or not; a right passphrase from an address from which
    the account has signed in before always passes. Unknown handles also use up the address's own allowance: once it is
    gone a wrong answer reads "limited" for every handle, so that it does not tell which of them exist.
    """
    handle, network = normal_handle(handle), network_of(address)
    pair, unknown = _windows(settings)
    attempt = await throttle.count_failure(db, pair, f"{handle} {network}", secret=settings.secret)
    async with db.reading() as conn:
        found = await store.find_credentials(conn, handle) if handle else None
        known = await throttle.is_known(conn, found[0] if found else NOBODY, address, secret=settings.secret)
        address_wait = await throttle.wait_seconds(conn, unknown, network, secret=settings.secret)
    account_id, stored = found or (None, None)
    right = await hasher.verify(stored, passphrase)
    if account_id is not None and stored is not None and right and (known or attempt.wait_seconds == 0):
        await _welcome(db, hasher, attempt, account_id, stored, passphrase)
        return account_id
    if address_wait == 0:
        # The same work for a handle that exists, so that the time does not tell; that count limits nothing.
        who = network if account_id is None else f"{network} has seen a handle that exists"
        await throttle.count_failure(db, unknown, who, secret=settings.secret)
    if wait := max(attempt.wait_seconds, address_wait):
        raise RateLimited("sign_in_limited", retry_after_seconds=wait)
    raise NotAllowed("sign_in_failed")


def _windows(settings: AccountSettings) -> tuple[Window, Window]:
    return (
        Window("sign_in", settings.login_failures, settings.login_window),
        Window("unknown_handle", UNKNOWN_HANDLES_PER_ADDRESS, settings.login_window),
    )


async def _welcome(
    db: Database,
    hasher: PassphraseHasher,
    attempt: throttle.Attempt,
    account_id: Id,
    stored: str,
    passphrase: str,
) -> None:
    renewed = await hasher.hash(passphrase) if hasher.is_outdated(stored) else None
    async with db.transaction() as tx:
        await throttle.forgive(tx, attempt)
        if renewed is not None:
            await store.replace_hash(tx, account_id, stored, renewed)
