"""The SQL of public copies: which files may stand where everybody reads them, and which perhaps still do."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from backend.core.database import Connection, Transaction
from backend.core.ids import Id, new_id
from media.store import PUBLIC


@dataclass(frozen=True, slots=True)
class CopiedFile:
    """A file of a picture and the key in its public address; `sha256` in hex."""

    asset_id: Id
    key: str
    sha256: str
    format: str


# Whether the file of `c` may be read by everybody at this moment: `a` is its picture.
_RIGHT = (
    f"({PUBLIC}"
    " and (exists (select 1 from rendition r where r.asset_id = c.asset_id and r.sha256 = c.sha256)"
    " or exists (select 1 from old_rendition o where o.asset_id = c.asset_id and o.sha256 = c.sha256"
    " and o.is_readable)))"  # made anew: the old file stays for as long as a page may be open that shows it
)
_MISSING = (
    f"{PUBLIC} and exists (select 1 from rendition r where r.asset_id = a.id and not exists"
    " (select 1 from public_copy c where c.asset_id = a.id and c.sha256 = r.sha256 and c.copied_at is not null))"
)


async def begin_copies(tx: Transaction, asset_id: Id) -> list[CopiedFile]:
    """Note down that the picture's files are about to be copied; those that stand already are left out.

    None when it is not for everybody. Locks it for a moment, so that hiding it comes either before or after.
    """
    if await _lock(tx, asset_id) is None:
        return []
    rows = await tx.fetch(
        "select r.sha256, r.format from rendition r join asset a on a.id = r.asset_id"
        f" where a.id = $1 and {PUBLIC} and not exists"
        " (select 1 from public_copy c where c.asset_id = a.id and c.sha256 = r.sha256 and c.copied_at is not null)"
        " order by r.size",
        asset_id,
    )
    now = await tx.now()
    await tx.execute_many(
        "insert into public_copy (id, asset_id, sha256, format, begun_at) values ($1, $2, $3, $4, $5)"
        " on conflict (asset_id, sha256) do update set begun_at = excluded.begun_at",
        [(new_id(), asset_id, row["sha256"], row["format"], now) for row in rows],
    )
    return await _files(tx, asset_id, [row["sha256"] for row in rows])


async def end_copies(tx: Transaction, asset_id: Id, copied: Collection[str]) -> list[CopiedFile]:
    """These files (SHA-256) have been copied: they count if they still may. What must be taken away again."""
    await _lock(tx, asset_id)
    await tx.execute(
        f"update public_copy c set copied_at = case when {_RIGHT} then coalesce(c.copied_at, $3) end from asset a"
        f" where a.id = c.asset_id and a.id = $1 and (c.sha256 = any($2) or not {_RIGHT})",
        asset_id, list(copied), await tx.now(),
    )  # fmt: skip
    wrong = await tx.fetch(
        f"select c.sha256 from public_copy c join asset a on a.id = c.asset_id where a.id = $1 and not {_RIGHT}",
        asset_id,
    )
    return await _files(tx, asset_id, [row["sha256"] for row in wrong])


async def forget_copies(tx: Transaction, asset_id: Id, taken: Collection[str], *, begun_before: datetime) -> bool:
    """The copies of these files were taken away; whether the picture became public meanwhile and needs them again.

    What was begun later than `begun_before` is remembered still: somebody may be copying it at this moment.
    """
    await _lock(tx, asset_id)
    await tx.execute(
        f"delete from public_copy c using asset a where a.id = c.asset_id and a.id = $1 and c.sha256 = any($2)"
        f" and c.begun_at < $3 and not {_RIGHT}",
        asset_id, list(taken), begun_before,
    )  # fmt: skip
    again = await tx.execute(
        f"update public_copy c set copied_at = null from asset a where a.id = c.asset_id and a.id = $1"
        f" and c.sha256 = any($2) and {_RIGHT}",
        asset_id, list(taken),
    )  # fmt: skip
    return again > 0


async def list_out_of_step(
    conn: Connection, *, changed_since: datetime | None, with_missing: bool, after: Id | None, limit: int
) -> list[Id]:
    """Pictures whose copies are not what they should be, by id from `after` on: unfinished, missing, or without right.

    Without `changed_since` all are looked at, else those that changed since then; the unfinished in any case.
    """
    rows = await conn.fetch(
        "select id from ("
        "  select asset_id as id from public_copy where copied_at is null"
        f" union select a.id from asset a where ($1::timestamptz is null or a.changed_at > $1) and ($4 and {_MISSING}"
        f"   or exists (select 1 from public_copy c where c.asset_id = a.id and not {_RIGHT}))"
        ") as found where $2::uuid is null or id > $2 order by id limit $3",
        changed_since, after, limit, with_missing,
    )  # fmt: skip
    return [row["id"] for row in rows]


async def _lock(tx: Transaction, asset_id: Id) -> Id | None:
    found: Id | None = await tx.fetch_value("select id from asset where id = $1 for update", asset_id)
    return found


async def _files(tx: Transaction, asset_id: Id, digests: Collection[str]) -> list[CopiedFile]:
    return await tx.fetch_as(
        CopiedFile,
        "select a.id as asset_id, a.key, c.sha256, c.format from public_copy c join asset a on a.id = c.asset_id"
        " where a.id = $1 and c.sha256 = any($2) order by c.id",
        asset_id, list(digests),
    )  # fmt: skip
