"""Does what a worker would have done by then, so that letters and notices carry the dates of what they tell of."""

import uuid
from datetime import timedelta

import msgspec
from pgqueuer import AsyncpgDriver, Job, Queries
from pgqueuer.ports.repository import EntrypointExecutionParameter
from pgqueuer.types import QueueEntrypoint, QueueManagerId

from backend.core.database import Connection
from backend.core.jobs import Registry
from backend.demo.stage import Stage, for_each

_BATCH = 100
_GIVEN_UP_AFTER = timedelta(minutes=5)


async def do_jobs(stage: Stage, registry: Registry) -> None:
    """All jobs that wait. One that fails stays with the queue: the worker tries it again."""

    async def do(job: Job) -> None:
        await registry.handlers[job.entrypoint](msgspec.json.decode(job.payload or b"{}"))

    async with stage.db.reading() as conn:
        while jobs := await _take(conn, registry):
            await for_each(jobs, do)
            await Queries(AsyncpgDriver(conn.raw)).log_jobs([(job, "successful", None) for job in jobs])


async def _take(conn: Connection, registry: Registry) -> list[Job]:
    return await Queries(AsyncpgDriver(conn.raw)).dequeue(
        batch_size=_BATCH,
        entrypoints={QueueEntrypoint(kind): EntrypointExecutionParameter(0) for kind in registry.handlers},
        queue_manager_id=QueueManagerId(uuid.uuid4()),
        global_concurrency_limit=None,
        heartbeat_timeout=_GIVEN_UP_AFTER,
    )
