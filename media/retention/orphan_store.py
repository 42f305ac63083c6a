"""The SQL of looking for orphans: what of a store's names a row still speaks for, and what rows say must be there."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from backend.core.database import Connection, Transaction
from backend.core.ids import Id, new_id
from media.rules import OPEN, USABLE, WAITING, AssetStatus
from media.store import PUBLIC


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file that must be there: of an original `sha256` and `format` are None."""

    asset_id: Id
    sha256: str | None
    format: str | None


async def lock_assets(tx: Transaction, ids: Collection[Id]) -> None:
    """Nobody begins to work on these pictures until the end of the transaction."""
    await tx.fetch("select id from asset where id = any($1) order by id for update", sorted(ids))


async def last_change(conn: Connection, asset_id: Id) -> datetime | None:
    """When the picture was last changed; None when it has ended or never was, and nothing new can come."""
    found: datetime | None = await conn.fetch_value(
        "select changed_at from asset where id = $1 and status <> 'PURGED'", asset_id
    )
    return found


async def originals_needed(conn: Connection, ids: Collection[Id]) -> set[Id]:
    """The pictures whose uploaded bytes are still to be there, or to be removed by the daily round."""
    rows = await conn.fetch("select id from asset where id = any($1) and original_gone_at is null", list(ids))
    return {row["id"] for row in rows}


async def renditions_needed(conn: Connection, ids: Collection[Id]) -> set[tuple[Id, str]]:
    """Picture and SHA-256 of each file that is served, or will be removed with its picture."""
    rows = await conn.fetch(
        "select asset_id, sha256 from rendition where asset_id = any($1)"
        " union all select asset_id, sha256 from old_rendition where asset_id = any($1)",
        list(ids),
    )
    return {(row["asset_id"], row["sha256"]) for row in rows}


async def list_worked_on(conn: Connection, ids: Collection[Id]) -> set[Id]:
    """The pictures whose files are being made at this moment, before there is a row for them."""
    rows = await conn.fetch("select id from asset where id = any($1) and status = any($2)", list(ids), sorted(WAITING))
    return {row["id"] for row in rows}


async def parts_needed(conn: Connection, ids: Collection[Id]) -> set[Id]:
    """The uploads whose parts are still awaited."""
    rows = await conn.fetch(
        "select u.id from upload u join asset a on a.id = u.asset_id"
        " where u.id = any($1) and a.status = any($2)",
        list(ids), sorted(OPEN),
    )  # fmt: skip
    return {row["id"] for row in rows}


async def copies_rightful(conn: Connection, keys: Collection[str]) -> set[tuple[str, str]]:
    """Key and SHA-256 of each file that everybody may read now."""
    rows = await conn.fetch(
        "select a.key, r.sha256 from asset a"
        " join (select asset_id, sha256 from rendition"
        "       union all select asset_id, sha256 from old_rendition where is_readable) r on r.asset_id = a.id"
        f" where a.key = any($1) and {PUBLIC}",
        list(keys),
    )
    return {(row["key"], row["sha256"]) for row in rows}


async def note_copy(tx: Transaction, key: str, sha256: str, format_: str) -> Id | None:
    """A copy was found of which no row knew: note it down as an old one. Its picture; None when there is none."""
    found: Id | None = await tx.fetch_value("select id from asset where key = $1", key)
    if found is not None:
        await tx.execute(
            "insert into public_copy (id, asset_id, sha256, format, begun_at) values ($1, $2, $3, $4, 'epoch')"
            " on conflict (asset_id, sha256) do nothing",
            new_id(), found, sha256, format_,
        )  # fmt: skip
    return found


async def list_with_files(conn: Connection, *, after: Id | None, limit: int) -> list[Id]:
    """The next pictures, by id, of which something must be there."""
    rows = await conn.fetch(
        "select id from asset where status = any($3) and ($1::uuid is null or id > $1) order by id limit $2",
        after, limit, sorted(USABLE | WAITING | {AssetStatus.UPLOADED, AssetStatus.FAILED}),
    )  # fmt: skip
    return [row["id"] for row in rows]


async def list_files(conn: Connection, ids: Collection[Id]) -> list[FileRow]:
    """All files that must be there of these pictures."""
    return await conn.fetch_as(
        FileRow,
        "select a.id as asset_id, r.sha256, r.format from asset a join rendition r on r.asset_id = a.id"
        " where a.id = any($1) and a.status = any($2)"
        " union all select id, null, null from asset where id = any($1) and original_gone_at is null"
        " and status <> all($3)",
        list(ids), sorted(USABLE), [AssetStatus.REQUESTED, AssetStatus.REJECTED, AssetStatus.PURGED],
    )  # fmt: skip
