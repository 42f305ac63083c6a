"""The SQL of sessions."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.accounts.people import SessionKind, SessionRow
from backend.core.database import Connection, Transaction
from backend.core.ids import Id

MAX_SESSIONS = 50

# The live session of the token's hash $1 at the moment $2, with its account.
LIVE_SESSION = """
select s.id, s.account_id, s.created_at, s.last_seen_at, s.second_factor_at, s.after_reset_at,
       a.handle, a.locale, a.review_languages, a.status, a.restricted_until
  from session s join account a on a.id = s.account_id
 where s.token_hash = $1 and s.revoked_at is null and s.idle_until > $2 and s.ends_at > $2 and a.status <> 'ERASED'
"""
_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session that begins now."""

    id: Id
    account_id: Id
    token_hash: bytes
    kind: SessionKind
    device: str | None
    idle: timedelta
    ends_at: datetime
    second_factor_at: datetime | None
    after_reset_at: datetime | None


@dataclass(frozen=True, slots=True)
class ListedSession:
    """A live session as its owner sees it in the list."""

    id: Id
    kind: SessionKind
    device: str | None
    created_at: datetime
    last_seen_at: datetime
    ends_at: datetime


async def note_use(conn: Connection, session: SessionRow, now: datetime) -> None:
    """Put off the end of a session that is in use; written at most once a minute, which is how its use is shown."""
    if now - session.last_seen_at > _NOTED_EVERY:
        await conn.execute(
            "update session set last_seen_at = $2,"
            " idle_until = least($2 + make_interval(secs => idle_seconds), ends_at)"
            " where id = $1 and last_seen_at < $2",
            session.id, now,
        )  # fmt: skip


async def insert_session(tx: Transaction, new: NewSession) -> bool:
    """Begin a session; beyond MAX_SESSIONS the account's oldest ends. False when the token exists."""
    now = await tx.now()
    inserted = await tx.execute(
        "insert into session (id, account_id, token_hash, kind, device, created_at, last_seen_at, idle_seconds,"
        " idle_until, ends_at, second_factor_at, after_reset_at) values ($1,$2,$3,$4,$5,$6,$6,$7,$8,$9,$10,$11)"
        " on conflict (token_hash) do nothing",
        new.id, new.account_id, new.token_hash, new.kind, new.device, now, int(new.idle.total_seconds()),
        min(now + new.idle, new.ends_at),
        new.ends_at, new.second_factor_at, new.after_reset_at,
    )  # fmt: skip
    await tx.execute(
        "update session set revoked_at = $2 where id in (select id from session where account_id = $1"
        " and revoked_at is null and ends_at > $2 order by created_at desc, id desc offset $3)",
        new.account_id,
        now,
        MAX_SESSIONS,
    )
    return inserted == 1


async def session_account(conn: Connection, session_id: Id) -> Id | None:
    """Whose session it is, live or ended."""
    owner: Id | None = await conn.fetch_value("select account_id from session where id = $1", session_id)
    return owner


async def list_sessions(conn: Connection, account_id: Id, now: datetime) -> list[ListedSession]:
    """The live sessions of an account, the latest used first."""
    return await conn.fetch_as(
        ListedSession,
        "select id, kind, device, created_at, last_seen_at, ends_at from session where account_id = $1"
        " and revoked_at is null and idle_until > $2 and ends_at > $2 order by last_seen_at desc, id desc limit $3",
        account_id,
        now,
        MAX_SESSIONS,
    )


async def revoke(tx: Transaction, session_id: Id, account_id: Id, now: datetime) -> bool:
    """End one session of the account; False when it has none such that lives."""
    return (
        await tx.execute(
            "update session set revoked_at = $3 where id = $1 and account_id = $2 and revoked_at is null",
            session_id,
            account_id,
            now,
        )
        == 1
    )


async def revoke_all(tx: Transaction, account_id: Id, now: datetime, *, but: Id | None = None) -> int:
    """End all sessions of the account, except perhaps one; how many."""
    return await tx.execute(
        "update session set revoked_at = $2 where account_id = $1 and revoked_at is null and id is distinct from $3",
        account_id,
        now,
        but,
    )


async def pass_second_factor(tx: Transaction, session_id: Id, now: datetime) -> None:
    """Note that the session has passed the second factor."""
    await tx.execute("update session set second_factor_at = $2 where id = $1", session_id, now)


async def lose_second_factor(tx: Transaction, account_id: Id) -> None:
    """No session of the account has passed the second factor any more."""
    await tx.execute("update session set second_factor_at = null where account_id = $1", account_id)


async def begin_after_reset(tx: Transaction, account_id: Id, now: datetime, seal: timedelta) -> datetime | None:
    """The first sign-in since somebody else set the passphrase, perhaps this one; None once the seal has passed."""
    first: datetime | None = await tx.fetch_value(
        "update account set reset_used_at = coalesce(reset_used_at, $2) where id = $1 and reset_at is not null"
        " returning reset_used_at",
        account_id,
        now,
    )
    return first if first is not None and now - first < seal else None


@dataclass(frozen=True, slots=True)
class BegunSession:
    """A session as it was begun, live or ended."""

    id: Id
    account_id: Id
    kind: SessionKind
    ends_at: datetime
    second_factor_at: datetime | None
    after_reset_at: datetime | None


_BEGUN = "select id, account_id, kind, ends_at, second_factor_at, after_reset_at from session"


async def get_session(conn: Connection, session_id: Id) -> BegunSession | None:
    """The session by id, live or ended."""
    return await conn.fetch_one_as(BegunSession, f"{_BEGUN} where id = $1", session_id)


async def begun_session(conn: Connection, hashed: bytes) -> BegunSession | None:
    """The session of a token's hash, live or ended."""
    return await conn.fetch_one_as(BegunSession, f"{_BEGUN} where token_hash = $1", hashed)


async def forget_ended(tx: Transaction, before: datetime) -> int:
    """Remove sessions that ended before then; how many."""
    return await tx.execute(
        "delete from session where least(ends_at, idle_until, coalesce(revoked_at, ends_at)) < $1", before
    )
