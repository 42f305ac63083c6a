"""The SQL of a movie while it is made: whether it is still wanted, and how far it is."""

from collections.abc import Collection
from dataclasses import dataclass

from backend.core.database import Connection, Transaction
from backend.core.ids import Id
from media.movies.orders import Sound
from media.rules import AssetStatus


@dataclass(frozen=True, slots=True)
class StandingRow:
    """Where a picture or movie stands, and how far a movie is that is being made."""

    id: Id
    status: AssetStatus
    percent: int | None


async def list_standings(conn: Connection, ids: Collection[Id]) -> list[StandingRow]:
    """Where these stand; one statement."""
    return await conn.fetch_as(StandingRow, "select id, status, percent from asset where id = any($1)", list(ids))


async def is_wanted(conn: Connection, asset_id: Id, *, sound: Sound) -> bool:
    """Whether the movie is still to be made, and with this choice of sound."""
    return await conn.fetch_value(_WANTED, asset_id, sound) is not None


_WANTED = "select 1 from asset where id = $1 and sound = $2 and status = 'PROCESSING'"


async def set_percent(tx: Transaction, asset_id: Id, percent: int, *, sound: Sound) -> bool:
    """Say how far it is; whether the movie is still wanted. It counts as touched: nobody takes it for forgotten."""
    changed = await tx.execute(
        "update asset set percent = $3, changed_at = $4 where id = $1 and sound = $2 and status = 'PROCESSING'",
        asset_id, sound, percent, await tx.now(),
    )  # fmt: skip
    return changed == 1


async def set_sound(tx: Transaction, asset_id: Id, sound: Sound, *, anew: bool) -> None:
    """The author's choice. `anew`: the movie waits to be made from the original, and nobody reads the one there was."""
    await tx.execute(
        "update asset set sound = $2, changed_at = $4, status = case when $3 then 'SCANNING' else status end,"
        " attempts = case when $3 then 0 else attempts end, percent = null where id = $1",
        asset_id, sound, anew, await tx.now(),
    )  # fmt: skip


async def has_original(tx: Transaction, asset_id: Id) -> bool:
    """Whether the uploaded bytes are still there to make the movie from."""
    return bool(await tx.fetch_value("select original_gone_at is null from asset where id = $1", asset_id))
