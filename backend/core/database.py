"""The connection pool and the one way to a transaction. Stores write SQL with `$1` parameters; nothing else does.

A transaction is an object that is handed on, never ambient, so that two tasks cannot share one by accident.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import fields
from datetime import datetime
from typing import Any, Self, TypeVar

import asyncpg
import msgspec

from backend.core.clock import clock_offset

log = logging.getLogger(__name__)

T = TypeVar("T")
AfterCommit = Callable[[], Awaitable[None]]

CLOSE_SECONDS = 10

# Nothing here waits for ever: a statement, a lock and a forgotten transaction each end by themselves.
_SESSION = {
    "application_name": "stemme",
    "jit": "off",
    "statement_timeout": "15s",
    "lock_timeout": "8s",
    "idle_in_transaction_session_timeout": "30s",
}


class Connection:
    """SQL on one connection. Rows come back as dataclasses (`fetch_as`), tuples of columns or single values."""

    def __init__(self, raw: asyncpg.Connection) -> None:
        self.raw = raw
        self._now: datetime | None = None

    async def now(self) -> datetime:
        """The database's time, read once: everything that happens together happens at one moment.

        Not the time at which the transaction began: whoever waited for a lock first must not judge by the time before.
        """
        if self._now is None:
            self._now = await self.raw.fetchval("select clock_timestamp()") + clock_offset()
        return self._now

    async def fetch(self, sql: str, *args: object) -> Sequence[Any]:
        """All rows; a row's columns are read as `row["name"]`."""
        rows: Sequence[Any] = await self.raw.fetch(sql, *args)
        return rows

    async def fetch_one(self, sql: str, *args: object) -> Any | None:
        """The first row, or None."""
        return await self.raw.fetchrow(sql, *args)

    async def fetch_value(self, sql: str, *args: object) -> Any:
        """The first column of the first row, or None."""
        return await self.raw.fetchval(sql, *args)

    async def fetch_as(self, kind: type[T], sql: str, *args: object) -> list[T]:
        """All rows as `kind`, a dataclass whose fields are the selected columns (enums and nested JSON converted)."""
        rows = await self.raw.fetch(sql, *args)
        return [msgspec.convert(dict(row), kind) for row in rows]

    async def fetch_one_as(self, kind: type[T], sql: str, *args: object) -> T | None:
        """The first row as `kind`, or None."""
        row = await self.raw.fetchrow(sql, *args)
        return None if row is None else msgspec.convert(dict(row), kind)

    async def execute(self, sql: str, *args: object) -> int:
        """Run a statement; the number of rows it touched."""
        status: str = await self.raw.execute(sql, *args)
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    async def insert(self, table: str, row: object) -> None:
        """Insert a dataclass with slots whose fields are the table's columns."""
        names = [one.name for one in fields(row)]  # type: ignore[arg-type]
        places = ", ".join(f"${number}" for number in range(1, len(names) + 1))
        values = [getattr(row, name) for name in names]
        await self.raw.execute(f"insert into {table} ({', '.join(names)}) values ({places})", *values)

    async def execute_many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        """Run a statement for each row of parameters, in one round trip."""
        await self.raw.executemany(sql, rows)


class Transaction(Connection):
    """Everything in it is written together or not at all."""

    def __init__(self, raw: asyncpg.Connection) -> None:
        super().__init__(raw)
        self.callbacks: list[AfterCommit] = []

    def after_commit(self, callback: AfterCommit) -> None:
        """Run `callback` once the transaction is durable. For signals only: what must happen is a job."""
        self.callbacks.append(callback)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """What fails inside is undone alone; its after-commit callbacks are dropped with it."""
        kept = len(self.callbacks)
        try:
            async with self.raw.transaction():
                yield
        except BaseException:
            del self.callbacks[kept:]
            raise


class Database:
    """The pool. One a process; opened by the composition root, closed by it."""

    def __init__(self, url: str, *, size: int = 10) -> None:
        self._url = url
        self._size = size
        self._opened: asyncpg.Pool | None = None

    @classmethod
    async def open(cls, url: str, *, size: int = 10) -> Self:
        """A database that is connected."""
        database = cls(url, size=size)
        await database.connect()
        return database

    async def connect(self, *, timeout_seconds: float = 10) -> None:
        """Open the pool. Raises OSError or asyncpg.PostgresError when the database cannot be reached."""
        self._opened = await asyncpg.create_pool(
            self._url,
            min_size=1,
            max_size=self._size,
            init=_prepare,
            reset=_keep_session,
            timeout=timeout_seconds,
            server_settings=_SESSION,
        )

    @property
    def _pool(self) -> asyncpg.Pool:
        if self._opened is None:
            raise RuntimeError("the database is not connected")
        return self._opened

    async def close(self) -> None:
        """Give everything back; open transactions get a moment to end."""
        pool, self._opened = self._pool, None
        try:
            await asyncio.wait_for(pool.close(), CLOSE_SECONDS)
        except TimeoutError:
            pool.terminate()

    async def ping(self) -> None:
        """Ask for nothing. Raises whatever the driver says while the database cannot be reached."""
        async with self._connection() as raw:
            await raw.fetchval("select 1")

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """A connection for reads that need no common snapshot."""
        async with self._connection() as raw:
            yield Connection(raw)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Connection]:
        """A read-only transaction: several statements that see one state."""
        async with self._connection() as raw, raw.transaction(isolation="repeatable_read", readonly=True):
            yield Connection(raw)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Commit at the end, roll back on any exception; then run the after-commit callbacks, connection given back."""
        async with self._connection() as raw:
            tx = Transaction(raw)
            async with raw.transaction():
                yield tx
        for callback in tx.callbacks:
            try:
                await callback()
            except Exception:
                log.exception("after_commit_failed")

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[asyncpg.Connection]:
        raw = await self._acquire()
        try:
            yield raw
        except asyncpg.InternalClientError as broken:
            # A dying server says so to idle connections too; until its socket closes they look usable and are not.
            raw.terminate()
            raise ConnectionError("the connection to the database broke") from broken
        finally:
            # Without a reset at release an unfinished transaction would be handed to the next caller.
            if not raw.is_closed() and raw.is_in_transaction():
                raw.terminate()
            await self._pool.release(raw)

    async def _acquire(self) -> asyncpg.Connection:
        try:
            return await self._pool.acquire()
        except OSError as gone:
            # A server that is just starting has no socket file yet, which is not a ConnectionError by itself.
            raise ConnectionError("the database cannot be reached") from gone


async def _prepare(raw: asyncpg.Connection) -> None:
    for kind in ("json", "jsonb"):
        await raw.set_type_codec(
            kind, schema="pg_catalog", encoder=_encode_json, decoder=msgspec.json.decode, format="text"
        )


def _encode_json(value: object) -> str:
    """JSON text; a `str` is JSON already (pgqueuer hands its headers over so): bare strings are never stored."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


async def _keep_session(raw: asyncpg.Connection) -> None:
    """Skip asyncpg's reset query: pooled connections hold no LISTEN, session setting or advisory lock (tested)."""
