"""SQL of which pictures stand in which wording. The pictures themselves are media's."""

from collections.abc import Collection, Sequence

from backend.core.database import Connection, Transaction
from backend.core.ids import Id


async def list_assets(conn: Connection, revision_ids: Sequence[Id]) -> list[Id]:
    """All pictures of these revisions together, each once."""
    rows = await conn.fetch(
        "select distinct asset_id from revision_asset where revision_id = any($1::uuid[])", list(revision_ids)
    )
    return [row["asset_id"] for row in rows]


async def statements_with(conn: Connection, asset_ids: Collection[Id]) -> dict[Id, set[Id]]:
    """In which statements each of the pictures stands or stood."""
    rows = await conn.fetch(
        "select a.asset_id, array_agg(distinct r.statement_id) as statements"
        "  from revision_asset a join revision r on r.id = a.revision_id"
        " where a.asset_id = any($1::uuid[]) group by a.asset_id",
        list(asset_ids),
    )
    return {row["asset_id"]: set(row["statements"]) for row in rows}


async def are_used_elsewhere(conn: Connection, asset_ids: Sequence[Id], statement_id: Id) -> bool:
    """Whether one of the pictures is in another statement."""
    used: bool = await conn.fetch_value(
        "select exists (select from revision_asset a join revision r on r.id = a.revision_id"
        " where a.asset_id = any($1::uuid[]) and r.statement_id <> $2)",
        list(asset_ids), statement_id,
    )  # fmt: skip
    return used


async def lock_pictures_of(tx: Transaction, author_id: Id) -> None:
    """One statement at a time takes an author's pictures in: the check that none is used elsewhere then holds."""
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended('campaigns.pictures:' || $1::uuid::text, 0))", author_id
    )


async def assets_of_statement(conn: Connection, statement_id: Id) -> list[Id]:
    """All pictures that any revision of the statement ever held."""
    rows = await conn.fetch(
        "select distinct a.asset_id from revision_asset a join revision r on r.id = a.revision_id"
        " where r.statement_id = $1",
        statement_id,
    )
    return [row["asset_id"] for row in rows]
