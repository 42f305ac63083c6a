"""SQL for the end of classes."""

from datetime import datetime

from backend.core.database import Connection, Transaction
from backend.core.ids import Id


async def members(tx: Transaction, class_id: Id) -> list[tuple[Id, bool]]:
    """Who sits in the class, and accounts that it made and that sit nowhere any more, in id order.

    With each whether it ends with the class: made by a code or card, and sitting in no other class that runs.
    """
    rows = await tx.fetch(
        "with member as (select a.id, a.door, bool_or(s.status in ('PENDING','CONFIRMED')) as sits_here, exists"
        "   (select from seat o join school_class c on c.id = o.class_id where o.account_id = a.id"
        "     and o.class_id <> $1 and o.status in ('PENDING','CONFIRMED') and c.closed_at is null) as sits_elsewhere"
        "   from seat s join account a on a.id = s.account_id where s.class_id = $1 and a.status = 'ACTIVE'"
        "   group by a.id)"
        " select id, door = 'CLASS_CODE' and not sits_elsewhere as ends from member"
        " where sits_here or door = 'CLASS_CODE' and not sits_elsewhere order by id",
        class_id,
    )
    return [(row["id"], row["ends"]) for row in rows]


async def due_classes(conn: Connection, *, limit: int) -> list[Id]:
    """Running classes whose last day has passed on their city's calendar."""
    rows = await conn.fetch(
        "select c.id from school_class c join school s on s.id = c.school_id join city t on t.id = s.city_id"
        " where c.closed_at is null and c.closes_on < ($1::timestamptz at time zone t.zone)::date order by c.id"
        " limit $2",
        await conn.now(),
        limit,
    )
    return [row["id"] for row in rows]


async def classes_to_erase(conn: Connection, closed_before: datetime, *, limit: int) -> list[Id]:
    """Classes closed before then whose accounts were not yet looked through."""
    rows = await conn.fetch(
        "select id from school_class where closed_at <= $1 and erased_at is null order by closed_at, id limit $2",
        closed_before,
        limit,
    )
    return [row["id"] for row in rows]


async def set_erased(tx: Transaction, class_id: Id) -> bool:
    """Note that the class's accounts were looked through; False when they were before."""
    changed = await tx.execute(
        "update school_class set erased_at = $2 where id = $1 and erased_at is null", class_id, await tx.now()
    )
    return changed == 1


async def accounts_left_in(tx: Transaction, class_id: Id, closed_before: datetime) -> list[Id]:
    """Accounts made by a code or card that were in the class and sit in no other that runs or closed later.

    Also those that were removed from it or left it without being carried over: nothing else would ever end them.
    """
    rows = await tx.fetch(
        "select distinct a.id from seat s join account a on a.id = s.account_id"
        " where s.class_id = $1 and a.door = 'CLASS_CODE'"
        " and a.status = 'ACTIVE'"
        " and not exists (select from seat o join school_class c on c.id = o.class_id where o.account_id = a.id"
        "   and o.class_id <> $1 and o.status in ('PENDING','CONFIRMED')"
        "   and (c.closed_at is null or c.closed_at > $2))"
        " and not exists (select from role_grant g where g.account_id = a.id and g.revoked_at is null"
        "   and (g.until is null or g.until > $3))"
        " order by a.id",
        class_id,
        closed_before,
        await tx.now(),
    )
    return [row["id"] for row in rows]
