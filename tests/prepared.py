"""What very many tests begin with: made through the services once a process, then copied into each test's database."""

import io
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from backend.core.clock import clock_offset
from backend.core.database import Connection, Database

T = TypeVar("T")

_TABLES = """
select c.relname as name from pg_class c
 where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace order by c.relname
"""
_NUMBERS = "select sequencename as name, last_value from pg_sequences where schemaname = 'public'"


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was made, and the database then: the rows of each table with any, and the last number of each sequence."""

    made: Any
    rows: Mapping[str, bytes]
    numbers: Mapping[str, int]


_KEPT: dict[str, _Kept] = {}


async def prepared(db: Database, name: str, make: Callable[[], Awaitable[T]]) -> T:
    """What `make` makes in an empty database, with its rows in this one.

    It is made for this test alone where somebody is here already, or where the test lives at another time.
    """
    async with db.reading() as conn:
        is_new = not await conn.fetch_value("select exists (select from account)")
    if not is_new or clock_offset():
        return await make()
    known = _KEPT.get(name)
    if known is not None:
        await _copy_in(db, known)
        return cast("T", known.made)
    made = await make()
    _KEPT[name] = await _copy_out(db, made)
    return made


async def _copy_out(db: Database, made: Any) -> _Kept:
    rows = {}
    async with db.snapshot() as conn:
        for table in await _names(conn):
            if await conn.fetch_value(f'select exists (select from "{table}")'):
                held = io.BytesIO()
                await conn.raw.copy_from_table(table, output=held, format="binary")
                rows[table] = held.getvalue()
        numbers = {row["name"]: row["last_value"] for row in await conn.fetch(_NUMBERS) if row["last_value"]}
    return _Kept(made, rows, numbers)


async def _copy_in(db: Database, known: _Kept) -> None:
    async with db.transaction() as tx:
        await tx.execute("set local session_replication_role = replica")
        for table, held in known.rows.items():
            await tx.execute(f'delete from "{table}"')
            await tx.raw.copy_to_table(table, source=io.BytesIO(held), format="binary")
        for name, last in known.numbers.items():
            await tx.fetch_value("select setval($1::regclass, greatest($2, nextval($1::regclass)))", name, last)


async def _names(conn: Connection) -> list[str]:
    return [row["name"] for row in await conn.fetch(_TABLES)]
