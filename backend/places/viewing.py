"""Who is asking: from a session token to the viewer, in two statements."""

from dataclasses import dataclass
from datetime import timedelta

from backend.accounts.people import SessionRow, Status
from backend.accounts.sessions import find_session
from backend.core.clock import clock_offset, process_now
from backend.core.database import Connection, Database
from backend.core.locale import negotiate
from backend.core.policy import STAFF_ROLES
from backend.core.viewer import Grant, Viewer, ViewerSeat

_MAX_TOKEN_CHARS = 200

# Roles in force now and live seats of running classes, as two JSON lists in one row.
_STANDING = """
select
  (select coalesce(jsonb_agg(jsonb_build_object('role', g.role, 'scope_kind', g.scope_kind, 'scope_id', g.scope_id)),
                   '[]')
     from role_grant g
    where g.account_id = $1 and g.revoked_at is null and (g.until is null or g.until > now() + $2::interval)) as grants,
  (select coalesce(jsonb_agg(jsonb_build_object('seat_id', s.id, 'class_id', c.id, 'school_id', c.school_id,
                                                'city_id', o.city_id, 'confirmed', s.status = 'CONFIRMED')), '[]')
     from seat s join school_class c on c.id = s.class_id join school o on o.id = c.school_id
     join city t on t.id = o.city_id
    where s.account_id = $1 and s.status in ('PENDING','CONFIRMED') and c.closed_at is null
      and (c.closes_on is null or c.closes_on >= ((now() + $2::interval) at time zone t.zone)::date)) as seats
"""


@dataclass(frozen=True, slots=True)
class _Standing:
    grants: tuple[Grant, ...]
    seats: tuple[ViewerSeat, ...]


async def load_viewer(
    db: Database,
    token: str | None,
    *,
    address: str,
    request_id: str,
    accept_language: str | None,
    reset_seal: timedelta = timedelta(hours=24),
) -> Viewer:
    """The viewer behind a session token; nobody when there is none or it has ended.

    Staff roles count only in a session that passed the second factor; `second_factor_missing` says that it did not.
    `reset_seal` is for how long a session stays sealed that began with a passphrase a teacher had set.
    """
    if token is None or len(token) > _MAX_TOKEN_CHARS:
        return _anonymous(address, request_id, accept_language)
    async with db.reading() as conn:
        session = await find_session(conn, token, process_now())
        if session is None or session.status is Status.ERASED:
            return _anonymous(address, request_id, accept_language)
        standing = await _standing(conn, session)
    has_second_factor = session.second_factor_at is not None
    counting = tuple(grant for grant in standing.grants if has_second_factor or grant.role not in STAFF_ROLES)
    return Viewer(
        account_id=session.account_id,
        session_id=session.id,
        session_started_at=session.created_at,
        handle=session.handle,
        locale=negotiate(accept_language, session.locale),
        grants=counting,
        seats=standing.seats,
        languages=frozenset(session.review_languages),
        is_restricted=session.restricted_until is not None and session.restricted_until > process_now(),
        second_factor_missing=len(counting) < len(standing.grants),
        sealed_until=None if session.after_reset_at is None else session.after_reset_at + reset_seal,
        address=address,
        request_id=request_id,
    )


async def _standing(conn: Connection, session: SessionRow) -> _Standing:
    found = await conn.fetch_one_as(_Standing, _STANDING, session.account_id, clock_offset())
    return found or _Standing((), ())


def _anonymous(address: str, request_id: str, accept_language: str | None) -> Viewer:
    return Viewer(locale=negotiate(accept_language), address=address, request_id=request_id)
