"""The worker: does the jobs and what is due again and again, seals the audit. Any number may run."""

import asyncio
import logging
from datetime import timedelta

import asyncpg
import msgspec
from pgqueuer import DatabaseRetryEntrypointExecutor, Job, PgQueuer
from pgqueuer.models import Schedule

from backend.composition import make_registry, make_services
from backend.core import audit
from backend.core.database import Database
from backend.core.jobs import LONGEST_PAUSE, MAX_ATTEMPTS, Handler, JobFailed, Periodic, Registry
from backend.core.logs import configure_logs
from backend.settings import LogFormat, Settings
from media.folders import remove_left_folders

log = logging.getLogger(__name__)

SEAL_SECONDS = 1.0
# A job whose worker has not been heard of for so long was orphaned by a crash, and somebody else begins it anew.
ORPHANED_AFTER = timedelta(seconds=12)


async def run_worker(settings: Settings, stop: asyncio.Event) -> None:
    """Work until `stop`. Ends with an exception when the database is lost: a supervisor starts it anew."""
    configure_logs(level=settings.log_level.upper(), as_json=settings.log_format is LogFormat.JSON)
    db = await Database.open(settings.database_url, size=settings.database_pool_size)
    listening = await asyncpg.connect(settings.database_url)
    try:
        queue = PgQueuer.from_asyncpg_connection(listening)
        await remove_left_folders()  # on this machine; the periodic round runs on any one
        _register(queue, make_registry(settings, db, make_services(settings)))
        await _run_until(stop, queue, db)
    finally:
        await listening.close(timeout=2)
        await db.close()


async def _run_until(stop: asyncio.Event, queue: PgQueuer, db: Database) -> None:
    # Deaf after a lost connection is worse than gone: the queue ends then, and so do we.
    run = queue.run(
        dequeue_timeout=timedelta(seconds=5), heartbeat_timeout=ORPHANED_AFTER, shutdown_on_listener_failure=True
    )
    jobs = asyncio.create_task(run)
    sealing = asyncio.create_task(_seal(db))
    stopping = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait({jobs, sealing, stopping}, return_when=asyncio.FIRST_COMPLETED)
    queue.shutdown.set()
    sealing.cancel()
    stopping.cancel()
    await asyncio.gather(jobs, sealing, stopping, return_exceptions=True)
    if stopping not in done:
        raise RuntimeError("the worker lost its queue") from next(iter(done)).exception()


async def _seal(db: Database) -> None:
    while True:
        await audit.seal(db)
        await asyncio.sleep(SEAL_SECONDS)


def _register(queue: PgQueuer, registry: Registry) -> None:
    for kind, handler in registry.handlers.items():
        _add_job(queue, kind, handler, registry.concurrency[kind])
    for work in registry.periodic:
        _add_periodic(queue, work)


def _add_job(queue: PgQueuer, kind: str, handler: Handler, concurrency: int) -> None:
    def executor(parameters: object) -> DatabaseRetryEntrypointExecutor:
        return DatabaseRetryEntrypointExecutor(
            parameters,  # type: ignore[arg-type]
            max_attempts=MAX_ATTEMPTS,
            max_delay=LONGEST_PAUSE,
        )

    @queue.entrypoint(kind, concurrency_limit=concurrency, on_failure="hold", executor_factory=executor)
    async def run(job: Job) -> None:
        try:
            await handler(msgspec.json.decode(job.payload or b"{}"))
        except Exception as error:
            # The queue keeps what is raised in its own log; what the database quotes of a row must not get there.
            log.warning("job_failed", exc_info=error, extra={"job": kind, "job_id": int(job.id)})
            raise JobFailed(type(error).__name__) from None


def _add_periodic(queue: PgQueuer, work: Periodic) -> None:
    @queue.schedule(work.name, work.cron)
    async def run(_schedule: Schedule) -> None:
        await work.run()
