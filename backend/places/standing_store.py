"""SQL of who is asking, what they are and where they sit: one statement a request."""

from dataclasses import dataclass
from datetime import datetime

from backend.accounts.people import SessionRow
from backend.accounts.session_store import LIVE_SESSION
from backend.core.clock import clock_offset
from backend.core.database import Connection
from backend.core.derive import token_hash
from backend.core.ids import Id
from backend.core.viewer import Grant, ViewerSeat

# With roles in force now, live seats of running classes, and who sits in the classes taught: JSON lists in one row.
_SIGNED_IN = f"""
select l.*,
  (select coalesce(jsonb_agg(jsonb_build_object('role', g.role, 'scope_kind', g.scope_kind, 'scope_id', g.scope_id)),
                   '[]')
     from role_grant g
    where g.account_id = l.account_id and g.revoked_at is null
      and (g.until is null or g.until > now() + $3::interval)) as grants,
  (select coalesce(jsonb_agg(jsonb_build_object('seat_id', s.id, 'class_id', c.id, 'school_id', c.school_id,
                                                'city_id', o.city_id, 'confirmed', s.status = 'CONFIRMED')), '[]')
     from seat s join school_class c on c.id = s.class_id join school o on o.id = c.school_id
     join city t on t.id = o.city_id
    where s.account_id = l.account_id and s.status in ('PENDING','CONFIRMED') and c.closed_at is null
      and (c.closes_on is null or c.closes_on >= ((now() + $3::interval) at time zone t.zone)::date)) as seats,
  (select coalesce(jsonb_agg(distinct s.account_id), '[]')
     from role_grant g join seat s on s.class_id = g.scope_id
    where g.account_id = l.account_id and g.role = 'TEACHER' and g.revoked_at is null
      and (g.until is null or g.until > now() + $3::interval)
      and s.status in ('PENDING','CONFIRMED')) as students
  from ({LIVE_SESSION}) l
"""


@dataclass(frozen=True, slots=True)
class SignedIn(SessionRow):
    """A live session with its account's roles in force, live seats, and the accounts that sit in a class taught."""

    grants: tuple[Grant, ...]
    seats: tuple[ViewerSeat, ...]
    students: frozenset[Id]


async def find_signed_in(conn: Connection, token: str, now: datetime) -> SignedIn | None:
    """The live session of a token, with what its account is and where it sits at this moment."""
    return await conn.fetch_one_as(SignedIn, _SIGNED_IN, token_hash(token), now, clock_offset())
