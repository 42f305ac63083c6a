"""The inbox: what happened that concerns the viewer, newest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.core.database import Connection, Database, Transaction
from backend.core.ids import Id, new_id
from backend.core.paging import Key, Page, PageRequest, keyset_sql, page_of
from backend.core.viewer import Viewer

# What a session that a reset began may read: that there was one. All else is the person's alone.
_UNSEALED = "($2 or kind in ('passphrase_reset', 'account_recovered'))"


@dataclass(frozen=True, slots=True)
class Notice:
    """A line of the inbox; `kind` names a message `notice.<kind>`, `params` fill it."""

    id: Id
    kind: str
    params: dict[str, str | int]
    subject_kind: str | None
    subject_id: Id | None
    at: datetime
    read_at: datetime | None


async def tell(
    tx: Transaction,
    account_id: Id,
    kind: str,
    params: Mapping[str, str | int] | None = None,
    *,
    subject: tuple[str, Id] | None = None,
) -> None:
    """Put a notice into somebody's inbox, with the transaction that causes it."""
    subject_kind, subject_id = subject or (None, None)
    await tx.execute(
        "insert into notice (id, account_id, kind, params, subject_kind, subject_id, at)"
        " values ($1, $2, $3, $4, $5, $6, $7)",
        new_id(), account_id, kind, dict(params or {}), subject_kind, subject_id, await tx.now(),
    )  # fmt: skip


async def tell_all(tx: Transaction, account_ids: Sequence[Id], kind: str, *, subject: tuple[str, Id]) -> None:
    """The same notice for many, in one statement."""
    subject_kind, subject_id = subject
    await tx.execute(
        "insert into notice (id, account_id, kind, params, subject_kind, subject_id, at)"
        " select i, a, $3, '{}', $4, $5, $6 from unnest($1::uuid[], $2::uuid[]) as n (i, a)",
        [new_id() for _ in account_ids], list(account_ids), kind, subject_kind, subject_id, await tx.now(),
    )  # fmt: skip


async def list_notices(db: Database, viewer: Viewer, request: PageRequest) -> Page[Notice]:
    """The viewer's own inbox; of a sealed one only the notice of the reset."""
    where, order, params = keyset_sql(request, at="at", row_id="id", first_param=3)
    async with db.reading() as conn:
        is_open = not viewer.is_sealed
        rows = await conn.fetch_as(
            Notice,
            "select id, kind, params, subject_kind, subject_id, at, read_at from notice"
            f" where account_id = $1 and {_UNSEALED} and {where} {order}",
            viewer.require_account(),
            is_open,
            *params,
        )
    return page_of(request, rows, lambda row: Key(row.at, row.id))


async def find_notices(db: Database, viewer: Viewer, notice_ids: Sequence[Id]) -> list[Notice]:
    """Those lines of the viewer's own inbox, in no order; none for nobody."""
    async with db.reading() as conn:
        return await conn.fetch_as(
            Notice,
            "select id, kind, params, subject_kind, subject_id, at, read_at from notice"
            f" where account_id = $1 and {_UNSEALED} and id = any($3)",
            viewer.account_id,
            not viewer.is_sealed,
            notice_ids,
        )


async def mark_read(db: Database, viewer: Viewer, up_to: datetime) -> int:
    """Mark everything up to that moment as read; the number newly read. Raises Conflict `sealed_after_reset`."""
    async with db.transaction() as tx:
        viewer.require_unsealed()
        return await tx.execute(
            "update notice set read_at = $3 where account_id = $1 and at <= $2 and read_at is null",
            viewer.require_account(),
            up_to,
            await tx.now(),
        )


async def export(conn: Connection, account_id: Id) -> list[Notice]:
    """All notices of an account, for its own copy of its data."""
    return await conn.fetch_as(
        Notice,
        "select id, kind, params, subject_kind, subject_id, at, read_at from notice where account_id = $1 order by at",
        account_id,
    )


async def erase(tx: Transaction, account_id: Id) -> None:
    """Remove the inbox of an erased account."""
    await tx.execute("delete from notice where account_id = $1", account_id)
