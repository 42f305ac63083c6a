"""The SQL of how pictures look, and of those that were removed.

Looks are alike when they differ in few bits, which no index finds by itself. But when 64 bits differ in at most 11, one
of their four quarters differs in at most 2: so each quarter has an index, which is asked for the 137 values that near.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import combinations

from backend.core.database import Connection, Transaction
from backend.core.ids import Id, new_id
from media.processing.orders import Fingerprint, Look

MOST_COARSE = 11
MOST_FINE = 28
MOST_COLOUR = 24
MOST_FINE_AND_COLOUR = 44

_QUARTERS = (
    "({0}.coarse >> 48) & 65535",
    "({0}.coarse >> 32) & 65535",
    "({0}.coarse >> 16) & 65535",
    "{0}.coarse & 65535",
)
_NEAR = [sum(1 << bit for bit in bits) for count in range(3) for bits in combinations(range(16), count)]
_IN_QUARTER = " or ".join(
    f"({one.format('r')}) = any (array(select ({one.format('l')}) # near from unnest($2::bigint[]) near))"
    for one in _QUARTERS
)
_FIND = f"""
select distinct p.asset_id
  from picture_fingerprint f
 cross join lateral unnest(f.coarse, f.fine, f.colour) l (coarse, fine, colour)
 cross join lateral (select r.picture_id from removed_look r
                      where ({_IN_QUARTER})
                        and bit_count((r.coarse # l.coarse)::bit(64)) <= {MOST_COARSE}
                        and bit_count((r.fine # l.fine)::bit(64)) <= {MOST_FINE}
                        and bit_count((r.colour # l.colour)::bit(64)) <= {MOST_COLOUR}
                        and bit_count((r.fine # l.fine)::bit(64)) + bit_count((r.colour # l.colour)::bit(64))
                            <= {MOST_FINE_AND_COLOUR}) found
  join removed_picture p on p.id = found.picture_id
 where f.asset_id = any($1)
"""


async def keep_fingerprint(tx: Transaction, asset_id: Id, print_: Fingerprint) -> None:
    """How the picture looks now, in place of how it looked before."""
    await tx.execute(
        "insert into picture_fingerprint (id, asset_id, coarse, fine, colour, square) values ($1, $2, $3, $4, $5, $6)"
        " on conflict (asset_id) do update set coarse = excluded.coarse, fine = excluded.fine,"
        " colour = excluded.colour, square = excluded.square",
        new_id(), asset_id, *_columns(print_.looks), print_.square,
    )  # fmt: skip


def _columns(looks: Sequence[Look]) -> tuple[list[int], list[int], list[int]]:
    return [one.coarse for one in looks], [one.fine for one in looks], [one.colour for one in looks]


async def list_fingerprints(conn: Connection, asset_ids: Collection[Id]) -> dict[Id, Fingerprint]:
    """How these pictures look, as far as it is known."""
    rows = await conn.fetch(
        "select asset_id, coarse, fine, colour, square from picture_fingerprint where asset_id = any($1)",
        list(asset_ids),
    )
    return {
        row["asset_id"]: Fingerprint(tuple(map(Look, row["coarse"], row["fine"], row["colour"])), row["square"])
        for row in rows
    }


async def insert_removed(tx: Transaction, asset_id: Id, looks: Sequence[Look]) -> None:
    """Remember how a removed picture and its cut-outs look, in place of what was remembered of it; counts from now."""
    await forget_removed(tx, [asset_id])
    picture_id = new_id()
    await tx.execute(
        "insert into removed_picture (id, asset_id, removed_at) values ($1, $2, $3)",
        picture_id, asset_id, await tx.now(),
    )  # fmt: skip
    await tx.execute(
        "insert into removed_look (id, picture_id, coarse, fine, colour) select uuidv7(), $1, coarse, fine, colour"
        " from unnest($2::bigint[], $3::bigint[], $4::bigint[]) l (coarse, fine, colour)",
        picture_id, *_columns(looks),
    )  # fmt: skip


async def forget_removed(tx: Transaction, asset_ids: Collection[Id]) -> None:
    """These pictures are no longer removed ones; their looks go with them."""
    await tx.execute("delete from removed_picture where asset_id = any($1)", list(asset_ids))


async def forget_removed_before(tx: Transaction, before: datetime) -> int:
    """Forget what was removed before then; how many pictures."""
    return await tx.execute("delete from removed_picture where removed_at < $1", before)


async def find_alike(conn: Connection, asset_ids: Collection[Id]) -> list[Id]:
    """Removed pictures that look like one of these or hold it as a cut-out, by the ids that they had."""
    rows = await conn.fetch(_FIND, list(asset_ids), _NEAR)
    return [row["asset_id"] for row in rows]
