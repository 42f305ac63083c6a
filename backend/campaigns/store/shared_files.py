"""The SQL of the files of cards and bundles: what may be sent at this moment, and what somebody took away."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from backend.campaigns.sharing.rules import Shared, ShareStatus
from backend.core.database import Connection, Transaction
from backend.core.ids import Id
from media.cards.orders import CardShape


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file in the private store: its format (png, zip), sides in pixels of a card, size in bytes, SHA-256 in hex."""

    id: Id
    format: str
    shape: CardShape | None
    width: int | None
    height: int | None
    size: int
    sha256: str


async def add_files(
    tx: Transaction, files: Sequence[FileRow], *, card_id: Id | None = None, export_id: Id | None = None
) -> None:
    """Insert the files of a card or of a bundle."""
    await tx.execute_many(
        "insert into shared_file (id, card_id, export_id, format, shape, width, height, size, sha256)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        [(f.id, card_id, export_id, f.format, f.shape, f.width, f.height, f.size, f.sha256) for f in files],
    )


async def find_ready_file(conn: Connection, file_id: Id, *, sha256: str, format_: str) -> FileRow | None:
    """A file whose card or bundle is ready at this moment."""
    return await conn.fetch_one_as(
        FileRow,
        "select f.id, f.format, f.shape, f.width, f.height, f.size, f.sha256 from shared_file f"
        " left join share_card k on k.id = f.card_id left join social_export e on e.id = f.export_id"
        " where f.id = $1 and f.sha256 = $2 and f.format = $3 and coalesce(k.status, e.status) = 'READY'",
        file_id, sha256, format_,
    )  # fmt: skip


async def lock_ready_file(tx: Transaction, file_id: Id, *, sha256: str, format_: str, to_mark: bool) -> FileRow | None:
    """A file that may be sent at this moment; whoever ends its card or bundle waits until the end of the transaction.

    The lock makes the order plain: what was fetched is known to whoever ends it, what has ended is not fetched.
    `to_mark`: it is going to be marked as fetched, so that two who do it at once take turns.
    """
    parent = await tx.fetch_one(
        "select card_id, export_id from shared_file where id = $1 and sha256 = $2 and format = $3",
        file_id, sha256, format_,
    )  # fmt: skip
    if parent is None:
        return None
    table, row_id = (Shared.CARD, parent["card_id"]) if parent["card_id"] else (Shared.BUNDLE, parent["export_id"])
    lock = "no key update" if to_mark else "share"
    status = await tx.fetch_value(f"select status from {table} where id = $1 for {lock}", row_id)
    if status != ShareStatus.READY:
        return None
    return await tx.fetch_one_as(
        FileRow, "select id, format, shape, width, height, size, sha256 from shared_file where id = $1", file_id
    )


async def mark_fetched(tx: Transaction, file_id: Id) -> Id | None:
    """Somebody of the campaign took a card away; its id the first time."""
    marked: Id | None = await tx.fetch_value(
        "update share_card set fetched_at = $2 where fetched_at is null and id ="
        " (select card_id from shared_file where id = $1) returning id",
        file_id, await tx.now(),
    )  # fmt: skip
    return marked


async def list_gone_files(conn: Connection, *, limit: int) -> list[FileRow]:
    """Files whose card or bundle has gone."""
    return await conn.fetch_as(
        FileRow,
        "select f.id, f.format, f.shape, f.width, f.height, f.size, f.sha256 from shared_file f"
        " left join share_card k on k.id = f.card_id left join social_export e on e.id = f.export_id"
        " where coalesce(k.status, e.status) = 'GONE' order by f.id limit $1",
        limit,
    )


async def delete_files(tx: Transaction, ids: Sequence[Id]) -> None:
    """The bytes of these files have been removed."""
    await tx.execute("delete from shared_file where id = any($1::uuid[])", list(ids))


async def kept_blobs(conn: Connection, names: Collection[str]) -> set[str]:
    """Those of the names in the private store that a card or a bundle has its bytes under."""
    rows = await conn.fetch(
        "select n.name from unnest($1::text[]) as n (name) join shared_file f"
        " on n.name = 'shared/' || replace(f.id::text, '-', '') || '/' || f.sha256 || '.' || f.format",
        list(names),
    )
    return {row["name"] for row in rows}
