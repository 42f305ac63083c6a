"""SQL for seats."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.core.database import Connection, Transaction
from backend.core.ids import Id
from backend.core.paging import Key, Page, PageRequest, keyset_sql, page_of
from backend.places.records import RosterSeat, Seat
from backend.places.rules import RemovalReason, SeatStatus

_SEAT = "select id, class_id, account_id, status, joined_at, confirmed_at, ended_at from seat"
_ROSTER = """
select s.id, s.class_id, s.account_id, case a.status when 'ACTIVE' then a.pseudonym end as pseudonym, s.status,
       s.joined_at, s.confirmed_at, s.ended_at
  from seat s join account a on a.id = s.account_id
"""


@dataclass(frozen=True, slots=True)
class SeatCounts:
    """How many seats of a class are live."""

    pending: int
    confirmed: int


async def insert_seat(tx: Transaction, seat: Seat, *, batch_id: Id | None = None) -> bool:
    """Add a pending seat; False when the account has a live one in the class."""
    made = await tx.fetch_value(
        "insert into seat (id, class_id, account_id, status, card_batch_id, joined_at)"
        " values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning id",
        seat.id, seat.class_id, seat.account_id, seat.status, batch_id, seat.joined_at,
    )  # fmt: skip
    return made is not None


async def count_seats(conn: Connection, class_id: Id) -> SeatCounts:
    """Pending and confirmed seats of a class."""
    return (await count_seats_of(conn, [class_id])).get(class_id, SeatCounts(0, 0))


async def count_seats_of(conn: Connection, class_ids: Sequence[Id]) -> dict[Id, SeatCounts]:
    """Pending and confirmed seats by class; classes without any are missing."""
    rows = await conn.fetch(
        "select class_id, count(*) filter (where status = 'PENDING') as pending,"
        " count(*) filter (where status = 'CONFIRMED') as confirmed"
        " from seat where class_id = any($1) and status in ('PENDING','CONFIRMED') group by class_id",
        list(class_ids),
    )
    return {row["class_id"]: SeatCounts(row["pending"], row["confirmed"]) for row in rows}


async def count_live_of(conn: Connection, account_id: Id) -> int:
    """How many pending and confirmed seats an account has."""
    count: int = await conn.fetch_value(
        "select count(*) from seat where account_id = $1 and status in ('PENDING','CONFIRMED')", account_id
    )
    return count


async def get_seats(conn: Connection, seat_ids: Sequence[Id]) -> dict[Id, Seat]:
    """Seats by id."""
    return {row.id: row for row in await conn.fetch_as(Seat, f"{_SEAT} where id = any($1)", list(seat_ids))}


async def lock_seats(tx: Transaction, seat_ids: Sequence[Id]) -> list[Seat]:
    """The seats that exist, in id order, for this transaction alone."""
    return await tx.fetch_as(Seat, f"{_SEAT} where id = any($1) order by id for update", list(seat_ids))


async def find_live_seat(conn: Connection, class_id: Id, account_id: Id) -> Seat | None:
    """The account's pending or confirmed seat in the class."""
    return await conn.fetch_one_as(
        Seat,
        f"{_SEAT} where class_id = $1 and account_id = $2 and status in ('PENDING','CONFIRMED')",
        class_id,
        account_id,
    )


async def taken_skeletons(
    conn: Connection, class_ids: Sequence[Id], skeletons: Sequence[str], *, but: Id | None = None
) -> set[str]:
    """Which of the skeletons the pseudonyms of live seats in these classes have; `but` this account's own."""
    rows = await conn.fetch(
        "select distinct a.pseudonym_skeleton as taken from seat s join account a on a.id = s.account_id"
        " where s.class_id = any($1) and s.status in ('PENDING','CONFIRMED') and a.pseudonym_skeleton = any($2)"
        " and a.id is distinct from $3",
        list(class_ids),
        list(skeletons),
        but,
    )
    return {row["taken"] for row in rows}


async def has_unnamed(conn: Connection, seat_ids: Sequence[Id]) -> bool:
    """Whether somebody behind these seats has no pseudonym, or is leaving."""
    found = await conn.fetch_value(
        "select exists (select from seat s join account a on a.id = s.account_id"
        " where s.id = any($1) and (a.pseudonym is null or a.status <> 'ACTIVE'))",
        list(seat_ids),
    )
    return bool(found)


async def set_confirmed(tx: Transaction, seat_ids: Sequence[Id], by: Id) -> None:
    """Confirm pending seats."""
    await tx.execute(
        "update seat set status = 'CONFIRMED', confirmed_at = $2, confirmed_by = $3"
        " where id = any($1) and status = 'PENDING'",
        list(seat_ids),
        await tx.now(),
        by,
    )


async def set_ended(
    tx: Transaction, seat_id: Id, status: SeatStatus, *, by: Id, reason: RemovalReason | None = None
) -> None:
    """End a live seat as REMOVED or LEFT."""
    await tx.execute(
        "update seat set status = $2, ended_at = $3, ended_by = $4, end_reason = $5"
        " where id = $1 and status in ('PENDING','CONFIRMED')",
        seat_id, status, await tx.now(), by, reason,
    )  # fmt: skip


async def list_roster(
    conn: Connection, class_id: Id, statuses: Sequence[SeatStatus], request: PageRequest
) -> Page[RosterSeat]:
    """A class's seats in these states, in the order of joining."""
    where, order, params = keyset_sql(request, at="s.joined_at", row_id="s.id", first_param=3, newest_first=False)
    rows = await conn.fetch_as(
        RosterSeat,
        f"{_ROSTER} where s.class_id = $1 and s.status = any($2) and a.status = 'ACTIVE' and {where} {order}",
        class_id,
        [status.value for status in statuses],
        *params,
    )
    return page_of(request, rows, lambda row: Key(row.joined_at, row.id))


async def get_roster_seats(conn: Connection, seat_ids: Sequence[Id]) -> list[RosterSeat]:
    """Seats with pseudonyms, in id order."""
    return await conn.fetch_as(RosterSeat, f"{_ROSTER} where s.id = any($1) order by s.id", list(seat_ids))


async def confirmed_seats(conn: Connection, class_id: Id) -> list[RosterSeat]:
    """All confirmed seats of a class but of those who are leaving (its capacity bounds them), in id order."""
    return await conn.fetch_as(
        RosterSeat,
        f"{_ROSTER} where s.class_id = $1 and s.status = 'CONFIRMED' and a.status = 'ACTIVE' order by s.id",
        class_id,
    )


async def list_batch(conn: Connection, batch_id: Id) -> list[RosterSeat]:
    """The seats made together by one print of cards, in id order."""
    return await conn.fetch_as(RosterSeat, f"{_ROSTER} where s.card_batch_id = $1 order by s.id", batch_id)


async def has_printed_card(conn: Connection, account_id: Id) -> bool:
    """Whether a teacher has printed how to get into the account, and its owner has not carried it over since."""
    found: bool = await conn.fetch_value(
        "select exists (select from seat s join account a on a.id = s.account_id"
        " where s.account_id = $1 and s.card_batch_id is not null and a.door = 'CLASS_CODE')",
        account_id,
    )
    return found


async def list_own_seats(conn: Connection, account_id: Id) -> list[RosterSeat]:
    """All seats an account has or had, oldest first; at most 100."""
    return await conn.fetch_as(
        RosterSeat, f"{_ROSTER} where s.account_id = $1 order by s.joined_at, s.id limit 100", account_id
    )


async def end_all(tx: Transaction, account_id: Id) -> None:
    """Erasure: every live seat of the account ends."""
    await tx.execute(
        "update seat set status = 'LEFT', ended_at = $2 where account_id = $1 and status in ('PENDING','CONFIRMED')",
        account_id,
        await tx.now(),
    )
