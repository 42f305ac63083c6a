"""SQL of the counts that stand still from the freeze on."""

from collections.abc import Mapping
from datetime import datetime

from backend.core.database import Connection, Transaction
from backend.core.ids import Id, random_id


async def counts(conn: Connection, round_id: Id) -> dict[Id, int]:
    """By class how many had done the task at the freeze; classes where nobody had are missing."""
    rows = await conn.fetch("select class_id, participants from frozen_count where round_id = $1", round_id)
    return {row["class_id"]: row["participants"] for row in rows}


async def keep(tx: Transaction, round_id: Id, people: Mapping[Id, int]) -> None:
    """Write the counts down, and that they are."""
    await tx.execute(
        "insert into frozen_count (id, round_id, class_id, participants)"
        " select i, $1, c, p from unnest($2::uuid[], $3::uuid[], $4::smallint[]) as n (i, c, p)",
        round_id, [random_id() for _ in people], list(people), list(people.values()),
    )  # fmt: skip
    await tx.execute("update round set frozen_at = $2 where id = $1", round_id, await tx.now())


async def due(conn: Connection, now: datetime) -> list[Id]:
    """Rounds whose counts should stand still and have not been written down. A pause before the freeze puts it off."""
    rows = await conn.fetch(
        "select id from round where frozen_at is null and voided_at is null and confirmed_at is null"
        " and freezes_at <= least($1, paused_at) order by freezes_at limit 100",
        now,
    )
    return [row["id"] for row in rows]
