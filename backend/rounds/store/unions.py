"""SQL of classes that compete as one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.core.database import Connection, Transaction
from backend.core.ids import Id


@dataclass(frozen=True, slots=True)
class ClassUnion:
    """A union's row; it holds for the rounds that open between `made_at` and `ended_at`."""

    id: Id
    campaign_id: Id
    class_ids: list[Id]
    made_by: Id
    made_at: datetime
    ended_at: datetime | None


_UNION = ", ".join(ClassUnion.__slots__)


async def add_union(tx: Transaction, union: ClassUnion) -> None:
    """Insert a union."""
    await tx.insert("class_union", union)


async def find_unions(conn: Connection, ids: Sequence[Id]) -> list[ClassUnion]:
    """Those of the unions that exist, in no order."""
    return await conn.fetch_as(ClassUnion, f"select {_UNION} from class_union where id = any($1)", list(ids))


async def lock_union(tx: Transaction, union_id: Id) -> ClassUnion | None:
    """The row, locked until the end of the transaction."""
    return await tx.fetch_one_as(ClassUnion, f"select {_UNION} from class_union where id = $1 for update", union_id)


async def live_unions(conn: Connection, campaign_id: Id, class_ids: Sequence[Id]) -> list[ClassUnion]:
    """A campaign's unions that have not ended and that one of the classes is in."""
    return await conn.fetch_as(
        ClassUnion,
        f"select {_UNION} from class_union where campaign_id = $1 and ended_at is null and class_ids && $2::uuid[]",
        campaign_id, list(class_ids),
    )  # fmt: skip


async def live_unions_of(conn: Connection, class_id: Id) -> list[ClassUnion]:
    """The unions that a class is in now, of all campaigns, the newest first."""
    return await conn.fetch_as(
        ClassUnion,
        f"select {_UNION} from class_union where ended_at is null and $1 = any(class_ids)"
        " order by made_at desc, id desc",
        class_id,
    )


async def set_ended(tx: Transaction, union_id: Id, at: datetime) -> None:
    """The classes are on their own again in rounds that open from now on."""
    await tx.execute("update class_union set ended_at = $2 where id = $1", union_id, at)


async def unions_in_rounds(
    conn: Connection, round_ids: Sequence[Id], class_ids: Sequence[Id]
) -> dict[Id, list[list[Id]]]:
    """By round the groups of classes that compete as one in it and that one of the classes is in."""
    rows = await conn.fetch(
        "select q.id, u.class_ids from round q join class_union u on u.campaign_id = q.campaign_id"
        " and u.made_at <= q.opens_at and (u.ended_at is null or u.ended_at > q.opens_at)"
        " where q.id = any($1) and u.class_ids && $2::uuid[] order by q.id, u.made_at, u.id",
        list(round_ids), list(class_ids),
    )  # fmt: skip
    found: dict[Id, list[list[Id]]] = {}
    for row in rows:
        found.setdefault(row["id"], []).append(row["class_ids"])
    return found
