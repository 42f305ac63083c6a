"""Jobs: rows in PostgreSQL, written in the transaction that causes them, done by any worker, retried, never lost.

pgqueuer keeps the queue. A handler must be repeatable: its first statement is `once` or a state-conditional update,
because a worker that dies in the middle makes the job run again.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
from pgqueuer import AsyncpgDriver, Queries

from backend.core.database import Connection, Database, Transaction

Handler = Callable[[dict[str, Any]], Awaitable[None]]
Tick = Callable[[], Awaitable[object]]

# The pause doubles from a second to an hour: a mail server may be away for an afternoon.
MAX_ATTEMPTS = 16
LONGEST_PAUSE = timedelta(hours=1)


class JobFailed(Exception):
    """A job could not be done this time; names the kind of the failure and nothing else."""


@dataclass(frozen=True, slots=True)
class Periodic:
    """Work that is done again and again: by cron expression (UTC), once among all workers."""

    name: str
    cron: str
    run: Tick


@dataclass(slots=True)
class Registry:
    """What the worker can do; filled by the composition root."""

    handlers: dict[str, Handler] = field(default_factory=dict)
    concurrency: dict[str, int] = field(default_factory=dict)
    periodic: list[Periodic] = field(default_factory=list)

    def job(self, kind: str, handler: Handler, *, concurrency: int = 0) -> None:
        """Register the handler of a kind of job; `concurrency` bounds how many run at once among all workers."""
        self.handlers[kind] = handler
        self.concurrency[kind] = concurrency

    def every(self, name: str, cron: str, run: Tick) -> None:
        """Register periodic work."""
        self.periodic.append(Periodic(name, cron, run))


async def enqueue(
    tx: Transaction,
    kind: str,
    payload: dict[str, str | int | None],
    *,
    after: timedelta | None = None,
    key: str | None = None,
) -> None:
    """Write a job with the transaction. `payload` holds ids and codes only. A `key` that is waiting is not doubled."""
    queries = Queries(AsyncpgDriver(tx.raw))
    await queries.enqueue(kind, msgspec.json.encode(payload), execute_after=after, dedupe_key=key, on_conflict="skip")


async def once(tx: Transaction, key: str) -> bool:
    """Whether this is the first time; the receipt is written in the handler's own transaction."""
    return (
        await tx.fetch_value(
            "insert into job_receipt (key, at) values ($1, now()) on conflict (key) do nothing returning key", key
        )
        is not None
    )


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as an operator sees it. `status` is queued, picked or failed (held after its last try)."""

    id: int
    kind: str
    status: str
    attempts: int
    created: datetime
    execute_after: datetime


async def list_jobs(conn: Connection, *, limit: int = 100) -> list[JobRow]:
    """Waiting, running and failed jobs, failed ones first."""
    return await conn.fetch_as(
        JobRow,
        "select id, entrypoint as kind, status::text as status, attempts, created, execute_after from pgqueuer"
        " order by (status = 'failed') desc, execute_after, id limit $1",
        limit,
    )


async def retry(db: Database, job_id: int) -> bool:
    """Put a failed job back; whether there was one."""
    async with db.transaction() as tx:
        changed = await tx.execute(
            "update pgqueuer set status = 'queued', attempts = 0, execute_after = now(), updated = now()"
            " where id = $1 and status = 'failed'",
            job_id,
        )
        return changed == 1


async def forget_old(tx: Transaction) -> int:
    """Receipts and the queue's log are kept for thirty days; the number of receipts removed."""
    await tx.execute("delete from pgqueuer_log where created < now() - interval '30 days'")
    return await tx.execute("delete from job_receipt where at < now() - interval '30 days'")
