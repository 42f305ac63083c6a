"""The SQL of making files anew: parts to blur, files of an older recipe, and those that were replaced."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.core.database import Connection, Transaction
from backend.core.ids import Id, new_id
from media.images.regions import Region
from media.processing.orders import RECIPE, Decoded
from media.rules import USABLE, WAITING

# $1 the usable states, $2 today's recipe
_OUTDATED = "status = any($1) and coalesce(recipe, 1) < $2"


@dataclass(frozen=True, slots=True)
class OldFile:
    """A file that has been replaced."""

    id: Id
    asset_id: Id
    format: str
    sha256: str


async def begin_blur(tx: Transaction, asset_id: Id, regions: Sequence[Region]) -> None:
    """Add parts to blur; from this commit on nobody reads the files as they were. The caller holds the lock."""
    await tx.execute_many(
        "insert into asset_blur (id, asset_id, x, y, width, height) values ($1, $2, $3, $4, $5, $6)",
        [(new_id(), asset_id, one.x, one.y, one.width, one.height) for one in regions],
    )
    await replace_renditions(tx, asset_id, is_readable=False)
    await tx.execute(
        "update asset set status = 'SCANNING', attempts = 0, placeholder = null, changed_at = $2 where id = $1",
        asset_id, await tx.now(),
    )  # fmt: skip


async def replace_renditions(tx: Transaction, asset_id: Id, *, is_readable: bool) -> None:
    """The pictures that were served until now are old; those that were old already are no more readable than these.

    Of a movie they are those of its poster; the movie itself stays, since what is encoded twice gets worse.
    """
    await tx.execute(
        "with gone as (delete from rendition where asset_id = $1 and format in ('webp', 'jpeg') returning *)"
        " insert into old_rendition (id, asset_id, format, width, height, size, sha256, is_readable, replaced_at)"
        " select id, asset_id, format, width, height, size, sha256, $2, $3 from gone"
        " on conflict (asset_id, sha256) do update set is_readable = excluded.is_readable",
        asset_id, is_readable, await tx.now(),
    )  # fmt: skip
    if not is_readable:
        await tx.execute("update old_rendition set is_readable = false where asset_id = $1", asset_id)


async def swap(tx: Transaction, asset_id: Id, made: Decoded, *, blurs: int) -> bool:
    """Put new files in the place of those of an older recipe; whether the picture is still there to have them."""
    changed = await tx.execute(
        f"update asset set width = $4, height = $5, placeholder = $6, recipe = $2 where id = $3 and {_OUTDATED}"
        " and (select count(*) from asset_blur where asset_id = $3) = $7",
        sorted(USABLE), RECIPE, asset_id, made.width, made.height, made.placeholder, blurs,
    )  # fmt: skip
    if changed == 1:
        await replace_renditions(tx, asset_id, is_readable=True)
    return changed == 1


async def list_outdated(conn: Connection, *, after: Id | None, limit: int) -> list[Id]:
    """Pictures and movies whose pictures an older recipe made, by id, those after `after`."""
    rows = await conn.fetch(
        f"select id from asset where {_OUTDATED} and ($3::uuid is null or id > $3) order by id limit $4",
        sorted(USABLE), RECIPE, after, limit,
    )  # fmt: skip
    return [row["id"] for row in rows]


async def count_outdated(conn: Connection) -> int:
    """How many pictures and posters an older recipe made."""
    counted: int = await conn.fetch_value(f"select count(*) from asset where {_OUTDATED}", sorted(USABLE), RECIPE)
    return counted


async def list_old(conn: Connection, asset_ids: Collection[Id]) -> list[OldFile]:
    """Replaced files that have not been removed, the largest first."""
    return await conn.fetch_as(
        OldFile,
        "select id, asset_id, format, sha256 from old_rendition where asset_id = any($1)"
        " order by width desc, height desc, format desc, id desc",
        list(asset_ids),
    )


async def list_with_old(conn: Connection, *, replaced_before: datetime, after: Id | None, limit: int) -> list[Id]:
    """Pictures, by id, that have replaced files and do not wait for new ones."""
    rows = await conn.fetch(
        "select distinct a.id from asset a join old_rendition o on o.asset_id = a.id"
        " where a.status <> all($1) and o.replaced_at < $2 and ($3::uuid is null or a.id > $3) order by a.id limit $4",
        sorted(WAITING), replaced_before, after, limit,
    )  # fmt: skip
    return [row["id"] for row in rows]


async def delete_old(tx: Transaction, files: Sequence[OldFile]) -> None:
    """These replaced files have been removed."""
    await tx.execute("delete from old_rendition where id = any($1)", [file.id for file in files])
