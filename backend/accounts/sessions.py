"""Sessions: beginning one for somebody who has proved who they are, listing and ending them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from backend.accounts import second_factor_store, session_store, store, throttle
from backend.accounts.config import AccountSettings
from backend.accounts.people import Account, SecondFactorState, SessionKind
from backend.accounts.session_store import ListedSession
from backend.core import audit
from backend.core.database import Connection, Database, Transaction
from backend.core.derive import derive_token, token_hash
from backend.core.errors import Conflict, ValidationFailed, not_found
from backend.core.ids import Id, new_id
from backend.core.viewer import Viewer

MAX_DEVICE_CHARS = 80


@dataclass(frozen=True, slots=True)
class StartedSession:
    """A new session; the token is shown once and stored as a hash only."""

    id: Id
    account_id: Id
    kind: SessionKind
    ends_at: datetime
    second_factor: SecondFactorState
    token: str = field(repr=False)


async def begin_session(
    tx: Transaction,
    settings: AccountSettings,
    account_id: Id,
    *,
    kind: SessionKind,
    address: str,
    device: str | None = None,
    seed: str | None = None,
    second_factor: bool = False,
    session_id: Id | None = None,
) -> StartedSession:
    """Sign somebody in who has proved who they are; their address is known from now on.

    `seed` is the client's key of at least 128 bits (with the account it gives the same token again), or None.
    Raises ValidationFailed `client_key_reused` when an older session was begun with the key.
    """
    now, session_id = await tx.now(), session_id or new_id()
    token = session_token(settings, account_id, seed or str(session_id))
    shared = kind is SessionKind.SHARED
    idle = settings.shared_session if shared else settings.session_idle
    new = session_store.NewSession(
        id=session_id,
        account_id=account_id,
        token_hash=token_hash(token),
        kind=kind,
        device=device,
        idle=idle,
        ends_at=now + (settings.shared_session if shared else settings.session_absolute),
        second_factor_at=now if second_factor else None,
        after_reset_at=await session_store.begin_after_reset(tx, account_id, now, settings.reset_seal),
    )
    if not await session_store.insert_session(tx, new):
        raise _key_reused()
    await throttle.remember(tx, account_id, address, secret=settings.secret)
    await audit.record(tx, account_id, "account:session:started", ("session", session_id), kind=kind)
    state = await _second_factor_state(tx, account_id, passed=second_factor)
    return StartedSession(session_id, account_id, kind, new.ends_at, state, token)


def _key_reused() -> ValidationFailed:
    return ValidationFailed("client_key_reused", path=("clientMutationKey",))


def session_token(settings: AccountSettings, account_id: Id, seed: str) -> str:
    """The opaque token; without the server's secret nobody makes it from a key or an id."""
    return derive_token(settings.secret, "session", str(account_id), seed)


async def repeated_session(tx: Transaction, settings: AccountSettings, account_id: Id, seed: str) -> StartedSession:
    """The session that `begin_session` made of this seed, for a repeated answer. Raises ValidationFailed."""
    token = session_token(settings, account_id, seed)
    begun = await session_store.begun_session(tx, token_hash(token))
    if begun is None:
        raise _key_reused()
    state = await _second_factor_state(tx, account_id, passed=begun.second_factor_at is not None)
    return StartedSession(begun.id, account_id, begun.kind, begun.ends_at, state, token)


async def _second_factor_state(conn: Connection, account_id: Id, *, passed: bool) -> SecondFactorState:
    if passed:
        return SecondFactorState.PASSED
    has_app = await second_factor_store.has_totp(conn, account_id)
    return SecondFactorState.NEEDED if has_app else SecondFactorState.NOT_SET_UP


async def end_session(db: Database, viewer: Viewer) -> Id:
    """Sign the viewer out of this session; its id. Raises Unauthenticated."""
    account_id = viewer.require_account()
    if viewer.session_id is None:
        raise not_found("Session")
    async with db.transaction() as tx:
        await session_store.revoke(tx, viewer.session_id, account_id, await tx.now())
        await audit.record(tx, account_id, "account:session:ended", ("session", viewer.session_id))
    return viewer.session_id


async def revoke_session(db: Database, viewer: Viewer, session_id: Id) -> None:
    """End one of the viewer's sessions. Raises NotFound for others' ones, Conflict `session_ended`."""
    account_id = viewer.require_account()
    async with db.transaction() as tx:
        if await session_store.session_account(tx, session_id) != account_id:
            raise not_found("Session", session_id)
        if not await session_store.revoke(tx, session_id, account_id, await tx.now()):
            raise Conflict("session_ended", state="ENDED", path=("sessionId",))
        await audit.record(tx, account_id, "account:session:revoked", ("session", session_id))


async def list_sessions(conn: Connection, viewer: Viewer) -> list[ListedSession]:
    """The viewer's live sessions, the latest used first; at most 50. A sealed session sees only itself."""
    rows = await session_store.list_sessions(conn, viewer.require_account(), await conn.now())
    return [row for row in rows if row.id == viewer.session_id or not viewer.is_sealed]


def sealed_until(after_reset_at: datetime | None, now: datetime, seal: timedelta) -> datetime | None:
    """The end of a seal that holds now: such a session must not touch what a student wrote before the reset."""
    end = None if after_reset_at is None else after_reset_at + seal
    return end if end is not None and now < end else None


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """What somebody sees of themselves. `recovery_codes_left` are those of the second factor."""

    account: Account
    sealed_until: datetime | None
    second_factor: SecondFactorState
    recovery_codes_left: int
    erasure_due_at: datetime | None


async def own_account(db: Database, settings: AccountSettings, viewer: Viewer) -> OwnAccount | None:
    """The viewer's account in this session; None when nobody is signed in."""
    if viewer.account_id is None or viewer.session_id is None:
        return None
    async with db.snapshot() as conn:
        account = await store.get_account(conn, viewer.account_id)
        session = await session_store.get_session(conn, viewer.session_id)
        if account is None or session is None:
            return None
        asked_at = account.erasure_requested_at
        return OwnAccount(
            account=account,
            sealed_until=sealed_until(session.after_reset_at, await conn.now(), settings.reset_seal),
            second_factor=await _second_factor_state(conn, account.id, passed=session.second_factor_at is not None),
            recovery_codes_left=await second_factor_store.recovery_left(conn, account.id),
            erasure_due_at=None if asked_at is None else asked_at + settings.erasure_delay,
        )
