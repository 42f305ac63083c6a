"""LISTEN/NOTIFY: tell every process at once that something is to be hidden or read anew. Never per vote or support."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import asyncpg

from backend.core.database import Connection

log = logging.getLogger(__name__)

CHANNEL = "stemme"
Listener = Callable[[str], Awaitable[None]]


async def notify(conn: Connection, topic: str) -> None:
    """Tell all listeners, when the surrounding transaction commits. `topic` holds no personal data."""
    await conn.execute("select pg_notify($1, $2)", CHANNEL, topic)


async def listen(url: str, listener: Listener, *, stop: asyncio.Event, retry_seconds: float = 1.0) -> None:
    """Call `listener` for each topic until `stop`; after a lost connection it reconnects and calls it with `*`."""
    while not stop.is_set():
        try:
            await _listen_once(url, listener, stop)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("signals_lost", extra={"error": type(error).__name__})
            try:
                await asyncio.wait_for(stop.wait(), retry_seconds)
            except TimeoutError:
                continue


async def _listen_once(url: str, listener: Listener, stop: asyncio.Event) -> None:
    topics: asyncio.Queue[str | None] = asyncio.Queue()
    raw = await asyncpg.connect(url)
    try:
        raw.add_termination_listener(lambda _conn: topics.put_nowait(None))
        await raw.add_listener(CHANNEL, lambda _conn, _pid, _channel, topic: topics.put_nowait(topic))
        await listener("*")  # whatever was missed while nobody listened
        stopped = asyncio.create_task(stop.wait())
        while not stop.is_set():
            waiting = asyncio.create_task(topics.get())
            await asyncio.wait({waiting, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not waiting.done():
                waiting.cancel()
                return
            topic = waiting.result()
            if topic is None:
                raise OSError("connection lost")
            await listener(topic)
    finally:
        await raw.close(timeout=2)
