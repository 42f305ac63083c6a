"""The SQL of ending: what runs out, is erased or purged, and what has files that nobody needs any more."""

from collections.abc import Collection
from datetime import datetime, timedelta

from backend.core.database import Connection, Transaction
from backend.core.ids import Id
from media.rules import OPEN, WAITING
from media.store import ASSET
from media.views import AssetView


async def list_hidden(conn: Connection, *, hidden_before: datetime, after: Id | None, limit: int) -> list[Id]:
    """Pictures that nobody has been shown since then, by id from `after` on."""
    rows = await conn.fetch(
        "select id from asset where status = 'REVOKED' and changed_at < $1 and ($2::uuid is null or id > $2)"
        " order by id limit $3",
        hidden_before, after, limit,
    )  # fmt: skip
    return [row["id"] for row in rows]


async def purge_hidden(tx: Transaction, ids: Collection[Id], *, hidden_before: datetime) -> list[Id]:
    """Those that are still hidden end: out of every view now, their files by `list_gone`; which."""
    rows = await tx.fetch(
        f"{_PURGE} where id = any($3::uuid[]) and status = 'REVOKED' and changed_at < $4 returning id",
        await tx.now(), "hidden", list(ids), hidden_before,
    )  # fmt: skip
    return [row["id"] for row in rows]


_PURGE = (
    "update asset set status = 'PURGED', reason = $2, changed_at = $1, is_public = false, alt_text = null,"
    " people = null, placeholder = null, percent = null, original_size = null, original_sha256 = null,"
    " original_gone_at = null"
)


async def purge_of_owner(tx: Transaction, owner_id: Id, *, keep: Collection[Id]) -> list[Id]:
    """All pictures of an account end, but for those that are kept without their owner; which ended."""
    await tx.execute("update asset set owner_id = null where owner_id = $1 and id = any($2)", owner_id, list(keep))
    rows = await tx.fetch(
        f"{_PURGE}, owner_id = null where owner_id = $3 returning id", await tx.now(), "erased", owner_id
    )
    return [row["id"] for row in rows]


async def list_gone(conn: Connection, *, after: Id | None, limit: int) -> list[AssetView]:
    """Pictures that have ended and still have files, by id from `after` on."""
    return await conn.fetch_as(
        AssetView,
        f"{ASSET} where a.status = 'PURGED' and a.original_gone_at is null"
        " and ($1::uuid is null or a.id > $1) order by a.id limit $2",
        after, limit,
    )  # fmt: skip


async def list_old_originals(
    conn: Connection, *, decided_before: datetime, refused_before: datetime, after: Id | None, limit: int
) -> list[Id]:
    """Pictures whose uploaded bytes nobody needs any more, by id: decided before then, and refused, if ever, as well.

    What never was handed in counts from its last change; what lies before the reviewers stays.
    """
    rows = await conn.fetch(
        "select id from asset where status in ('RELEASED', 'CLEAN', 'REJECTED', 'FAILED') and original_gone_at is null"
        " and not (status = 'CLEAN' and is_fixed and decided_at is null)"
        " and coalesce(decided_at, changed_at) < $1 and (refused_at is null or refused_at < $2)"
        " and ($3::uuid is null or id > $3) order by id limit $4",
        decided_before, refused_before, after, limit,
    )  # fmt: skip
    return [row["id"] for row in rows]


async def mark_original_gone(tx: Transaction, ids: Collection[Id]) -> None:
    """The uploaded bytes of these pictures have been removed."""
    await tx.execute("update asset set original_gone_at = $2 where id = any($1)", list(ids), await tx.now())


async def list_just_gone(
    conn: Connection, *, since: datetime, before: datetime, under_way: timedelta, after: Id | None, limit: int
) -> list[Id]:
    """Pictures, by id, whose uploaded bytes were removed in this time, while an address to send them still worked.

    Or had not worked for so short a time that bytes could still be under way.
    """
    rows = await conn.fetch(
        "select a.id from asset a join upload u on u.asset_id = a.id"
        " where a.original_gone_at > $1 and a.original_gone_at <= $2"
        " and u.expires_at > a.original_gone_at - $5::interval"
        " and ($3::uuid is null or a.id > $3) order by a.id limit $4",
        since, before, after, limit, under_way,
    )  # fmt: skip
    return [row["id"] for row in rows]


async def delete_renditions(tx: Transaction, ids: Collection[Id]) -> None:
    """The files that were made of these pictures and movies have been removed; captions are their author's and stay."""
    await tx.execute("delete from rendition where asset_id = any($1) and format <> 'vtt'", list(ids))
    for table in ("old_rendition", "asset_blur", "picture_fingerprint"):
        await tx.execute(f"delete from {table} where asset_id = any($1)", list(ids))


async def delete_old_tickets(tx: Transaction, *, before: datetime) -> int:
    """Tickets of uploads that ended long ago; how many."""
    return await tx.execute(
        "delete from upload u using asset a where a.id = u.asset_id and a.status <> all($2) and u.created_at < $1",
        before, sorted(OPEN | WAITING),
    )  # fmt: skip


async def list_of_owner(conn: Connection, owner_id: Id) -> list[AssetView]:
    """All pictures of an account that have not ended, oldest first."""
    return await conn.fetch_as(
        AssetView, f"{ASSET} where a.owner_id = $1 and a.status <> 'PURGED' order by a.id", owner_id
    )


async def list_expired(conn: Connection, *, limit: int) -> list[Id]:
    """Pictures whose ticket ran out before it was finalised."""
    rows = await conn.fetch(
        "select u.asset_id from upload u join asset a on a.id = u.asset_id"
        " where u.expires_at <= $1 and a.status = any($2) order by u.expires_at limit $3",
        await conn.now(), sorted(OPEN), limit,
    )  # fmt: skip
    return [row["asset_id"] for row in rows]


async def purge_open(tx: Transaction, ids: Collection[Id], *, reason: str) -> int:
    """These pictures end if their bytes are still awaited; how many did."""
    return await tx.execute(
        f"{_PURGE} where id = any($3) and status = any($4)", await tx.now(), reason, list(ids), sorted(OPEN)
    )


async def purge_one(tx: Transaction, asset_id: Id, *, reason: str) -> None:
    """This picture ends, whatever its state: the caller has locked it and decided."""
    await tx.execute(f"{_PURGE} where id = $3", await tx.now(), reason, asset_id)
