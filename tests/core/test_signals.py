"""Signals: every process that listens hears what was committed, and nothing that was not."""

import asyncio
from contextlib import suppress

from backend.core import signals
from backend.core.database import Database

PATIENCE_SECONDS = 10


async def test_listener_hears_commits_only_and_is_told_to_read_anew_at_first(db: Database, database_url: str) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    stop = asyncio.Event()
    listening = asyncio.create_task(signals.listen(database_url, heard.put, stop=stop))
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert await heard.get() == "*"
        with suppress(LookupError):
            async with db.transaction() as tx:
                await signals.notify(tx, "undone")
                raise LookupError
        async with db.transaction() as tx:
            await signals.notify(tx, "feed")
        assert await heard.get() == "feed"
        stop.set()
        await listening


async def test_listener_that_loses_its_connection_comes_back_and_reads_anew(db: Database, database_url: str) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    stop = asyncio.Event()
    listening = asyncio.create_task(signals.listen(database_url, heard.put, stop=stop, retry_seconds=0.05))
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert await heard.get() == "*"
        async with db.reading() as conn:
            await conn.fetch(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and query ilike 'listen%'"
            )
        assert await heard.get() == "*"
        stop.set()
        await listening
