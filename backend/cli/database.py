"""The database of a command that runs once: opened, used and closed, with plain words when it cannot be reached."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

from backend.cli.group import Refused
from backend.core.database import Database
from backend.migrate import is_behind
from backend.settings import Settings

T = TypeVar("T")


def with_database(settings: Settings, use: Callable[[Database], Awaitable[T]]) -> T:
    """What `use` returns. Ends the command when the database cannot be reached."""
    return asyncio.run(_with_database(settings.database_url, use))


def require_newest(settings: Settings) -> None:
    """End the command when the database cannot be reached or is older than this program."""
    if with_database(settings, is_behind):
        raise Refused("The database of DATABASE_URL is older than this program: run `stemme migrate` first.")


async def _with_database(url: str, use: Callable[[Database], Awaitable[T]]) -> T:
    try:
        db = await Database.open(url, size=2)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise Refused(f"The database of DATABASE_URL cannot be reached: {error}") from None
    try:
        return await use(db)
    finally:
        await db.close()
