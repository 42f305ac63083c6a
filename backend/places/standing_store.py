"""SQL of what somebody is and where they sit: one statement a request."""

from dataclasses import dataclass

from backend.core.clock import clock_offset
from backend.core.database import Connection
from backend.core.ids import Id
from backend.core.viewer import Grant, ViewerSeat

# Roles in force now, live seats of running classes, and who sits in the classes taught: JSON lists in one row.
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
      and (c.closes_on is null or c.closes_on >= ((now() + $2::interval) at time zone t.zone)::date)) as seats,
  (select coalesce(jsonb_agg(distinct s.account_id), '[]')
     from role_grant g join seat s on s.class_id = g.scope_id
    where g.account_id = $1 and g.role = 'TEACHER' and g.revoked_at is null
      and (g.until is null or g.until > now() + $2::interval)
      and s.status in ('PENDING','CONFIRMED')) as students
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """Roles in force now, live seats of running classes, and the accounts that sit in a class taught."""

    grants: tuple[Grant, ...] = ()
    seats: tuple[ViewerSeat, ...] = ()
    students: frozenset[Id] = frozenset()


async def get_standing(conn: Connection, account_id: Id) -> Standing:
    """What the account is and where it sits at this moment."""
    return await conn.fetch_one_as(Standing, _STANDING, account_id, clock_offset()) or Standing()
