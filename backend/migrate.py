"""Brings a database to the newest schema: all or nothing, once when two releases start at the same time."""

import asyncio
import contextlib
import io
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.core.database import Database

# Any number, as long as nothing else of ours takes it.
ADVISORY_LOCK = 7_305_133_402
MIGRATE_SECONDS = 600


class MigrationFailed(Exception):
    """The database was left as it was; the message is what the server or the migration said."""


def _silent(_name: str) -> None:
    pass


def migrate(database_url: str, *, announce: Callable[[str], None] = _silent) -> list[str]:
    """Apply all migrations in a process of its own; their names. Callable from anywhere. Raises MigrationFailed.

    `announce` gets the name of each when it begins. Not in this process: importing Piccolo's configuration connects to
    one database, for good.
    """
    command = [sys.executable, "-m", "backend.migrate"]
    environ = {**os.environ, "DATABASE_URL": database_url, "PYTHONPATH": _root(), "PYTHONUNBUFFERED": "1"}
    names: list[str] = []
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as said,
        subprocess.Popen(command, env=environ, cwd=_root(), stdout=subprocess.PIPE, stderr=said, text=True) as process,  # noqa: S603 (ourselves)
    ):
        too_long = threading.Timer(MIGRATE_SECONDS, process.kill)
        too_long.start()
        for line in process.stdout or ():
            names.append(line.strip())
            announce(names[-1])
        code = process.wait()
        too_long.cancel()
        said.seek(0)
        if code == -signal.SIGKILL:
            raise MigrationFailed(f"ended from outside, or not done after {MIGRATE_SECONDS} s")
        if code:
            raise MigrationFailed(_without_traceback(said.read()))
    return names


def history() -> set[str]:
    """The ids of all migrations, read without running them: an up-to-date database needs no second process."""
    files = (Path(__file__).parent / "migrations").glob("*.py")
    found = (re.search(r"^ID = [\"'](.+)[\"']", file.read_text(encoding="utf-8"), re.MULTILINE) for file in files)
    return {match[1] for match in found if match is not None}


async def is_behind(db: "Database") -> bool:
    """Whether the database lacks a migration of this version. One that is ahead is fine: releases migrate first."""
    async with db.reading() as conn:
        if await conn.fetch_value("select to_regclass('migration')") is None:
            return True
        return not history() <= {row["name"] for row in await conn.fetch("select name from migration")}


def _without_traceback(said: str) -> str:
    """The exception itself, with its details and notes: what follows the last indented line."""
    lines = said.strip().splitlines()
    start = max((number + 1 for number, line in enumerate(lines) if line.startswith("  ")), default=0)
    return "\n".join(lines[start:])


def _root() -> str:
    return str(Path(__file__).resolve().parent.parent)


async def apply(announce: Callable[[str], None]) -> None:
    """Apply what is missing in the database of DATABASE_URL and `announce` the name of each before it runs."""
    # Here: importing the configuration connects, and the rest takes a third of a second that `migrate` can do without.
    from piccolo.apps.migrations.commands.base import BaseMigrationManager
    from piccolo.apps.migrations.tables import Migration

    from backend.piccolo_app import APP_CONFIG
    from backend.piccolo_conf import DB

    manager = BaseMigrationManager()
    async with DB.transaction() as transaction:
        await transaction.connection.execute(f"select pg_advisory_xact_lock({ADVISORY_LOCK})")
        # A migration that waits for a table makes everybody else wait behind it.
        await transaction.connection.execute("set local lock_timeout = '20s'")
        await manager.create_migration_table()
        modules = manager.get_migration_modules(APP_CONFIG.resolved_migrations_folder_path)
        ran = set(await Migration.get_migrations_which_ran(app_name=APP_CONFIG.app_name))
        for migration_id in sorted(modules.keys() - ran):
            announce(modules[migration_id].__name__)
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    await (await modules[migration_id].forwards()).run()
            except Exception as error:
                error.add_note(f"in migration {modules[migration_id].__name__}")
                raise
            await Migration.insert(Migration(name=migration_id, app_name=APP_CONFIG.app_name))


def main() -> None:
    """Apply all migrations to the database of DATABASE_URL; prints the name of each."""
    os.environ["PICCOLO_CONF"] = "backend.piccolo_conf"
    asyncio.run(apply(print))


if __name__ == "__main__":
    main()
