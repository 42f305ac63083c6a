"""Who is asking: from a session token to the viewer, in one statement."""

from datetime import datetime, timedelta

from backend.accounts.people import SessionRow, Status
from backend.accounts.session_store import note_use
from backend.accounts.sessions import sealed_until
from backend.core.clock import process_now
from backend.core.database import Database
from backend.core.locale import negotiate
from backend.core.policy import STAFF_ROLES
from backend.core.viewer import Viewer
from backend.places.standing_store import find_signed_in

_MAX_TOKEN_CHARS = 200


async def load_viewer(
    db: Database,
    token: str | None,
    *,
    address: str,
    request_id: str,
    accept_language: str | None,
    reset_seal: timedelta,
) -> Viewer:
    """The viewer behind a session token; nobody when there is none or it has ended.

    Staff roles count only in a session that passed the second factor; `second_factor_missing` says that it did not.
    `reset_seal` is for how long a session stays sealed that began with a passphrase a teacher had set.
    """
    if token is None or len(token) > _MAX_TOKEN_CHARS:
        return _anonymous(address, request_id, accept_language)
    now = process_now()
    async with db.reading() as conn:
        session = await find_signed_in(conn, token, now)
        if session is None:
            return _anonymous(address, request_id, accept_language)
        await note_use(conn, session, now)
    has_second_factor = session.second_factor_at is not None
    counting = tuple(grant for grant in session.grants if has_second_factor or grant.role not in STAFF_ROLES)
    return Viewer(
        account_id=session.account_id,
        session_id=session.id,
        session_started_at=session.created_at,
        handle=session.handle,
        locale=negotiate(accept_language, session.locale),
        grants=counting,
        seats=session.seats,
        students=session.students,
        languages=frozenset(session.review_languages),
        is_restricted=_is_restricted(session, now),
        second_factor_missing=len(counting) < len(session.grants),
        sealed_until=sealed_until(session.after_reset_at, now, reset_seal),
        address=address,
        request_id=request_id,
    )


def _is_restricted(session: SessionRow, now: datetime) -> bool:
    """Also whoever is leaving only reads, appeals, withdraws and exports: what they did now would be seen by others."""
    is_leaving = session.status is not Status.ACTIVE
    return is_leaving or (session.restricted_until is not None and session.restricted_until > now)


def _anonymous(address: str, request_id: str, accept_language: str | None) -> Viewer:
    return Viewer(locale=negotiate(accept_language), address=address, request_id=request_id)
