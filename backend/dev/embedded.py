"""The embedded PostgreSQL of `stemme dev` and the tests: made, started, verified, and stopped last, under our own lock.

One folder, one holder: nothing is shared between processes, and a server that outlived its holder is stopped first.
"""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote, urlsplit

from backend.dev import leash
from backend.dev.cluster import DatabaseUnavailable, Place, find_place
from backend.dev.leftover import stop_leftover
from backend.dev.lock import exclusive
from backend.dev.programs import end_of, initialise, run_sql

START_SECONDS = 60
SUPERUSER = "postgres"

# Few processes and no TCP port; durable, because people's trial data is data too.
_OPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "listen_addresses": "",
        "max_connections": "100",
        "shared_buffers": "128MB",
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "io_method": "sync",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
    }
)
# For tests, whose databases are thrown away.
THROWAWAY: Mapping[str, str] = MappingProxyType(
    {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
)


class EmbeddedServer:
    """One running server. Restartable: `start` after it died brings it back with its data."""

    def __init__(self, place: Place, options: Mapping[str, str]) -> None:
        self._place = place
        self._options = {**_OPTIONS, **options, "unix_socket_directories": str(place.socket)}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address of the maintenance database; `database_url` makes others of it."""
        return f"postgresql://{SUPERUSER}@/postgres?host={quote(str(self._place.socket), safe='/')}"

    def start(self) -> None:
        """Start and verify by connecting. Raises DatabaseUnavailable with the end of the server's log."""
        initialise(self._place, sync=self._options.get("fsync") != "off")
        deadline = time.monotonic() + START_SECONDS
        while True:
            self.stop()  # one that died, or one that outlived its holder
            self._process = self._launch()
            if self._answers_before(deadline):
                return
            # After the server alone was killed, its last processes may need a moment to notice.
            if time.monotonic() > deadline or "still in use" not in end_of(self._place.log):
                self.stop()
                raise DatabaseUnavailable(f"PostgreSQL does not start. Its log ends:\n{end_of(self._place.log)}")
            time.sleep(0.2)

    def is_running(self) -> bool:
        """Whether the server process lives."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Stop it and wait until it is gone. Harmless when it is not running."""
        process, self._process = self._process, None
        if process is not None and process.stdin is not None:
            process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=leash.PATIENCE_SECONDS + 10)
        stop_leftover(self._place.data, self._place.socket)

    def _launch(self) -> "subprocess.Popen[bytes]":
        settings = [part for name, value in self._options.items() for part in ("-c", f"{name}={value}")]
        server = [self._place.program("postgres"), "-D", str(self._place.data), *settings]
        with self._place.log.open("wb") as log:
            return subprocess.Popen(  # noqa: S603 (our own programs)
                [sys.executable, "-I", leash.__file__, self._place.user, *server],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us; the server is stopped last
            )

    def _answers_before(self, deadline: float) -> bool:
        while self.is_running() and time.monotonic() < deadline:
            with contextlib.suppress(DatabaseUnavailable):
                if run_sql(self.url, "show data_directory") == str(self._place.data):
                    return True
            time.sleep(0.03)
        return False


@contextmanager
def embedded_server(folder: Path, *, options: Mapping[str, str] = MappingProxyType({})) -> Iterator[EmbeddedServer]:
    """A started server whose data is kept in `folder`; stopped at the end. Raises AlreadyHeld, DatabaseUnavailable."""
    if folder.exists() and not os.access(folder, os.W_OK):
        raise DatabaseUnavailable(f"{folder} belongs to another user: remove it, or name another STEMME_DEV_FOLDER.")
    with exclusive(folder / "lock", note=f"process {os.getpid()}", patience_seconds=10):
        place = find_place(folder)
        server = EmbeddedServer(place, options)
        try:
            server.start()
            yield server
        finally:
            server.stop()
            if place.socket.parent != place.data.parent:
                shutil.rmtree(place.socket, ignore_errors=True)


@contextmanager
def embedded_database(folder: Path, *, options: Mapping[str, str] = MappingProxyType({})) -> Iterator[str]:
    """The address (postgresql://, a local socket) of a server whose data is kept in `folder`; stopped at the end."""
    with embedded_server(folder, options=options) as server:
        yield server.url


def database_url(url: str, name: str) -> str:
    """The address of another database of the same server."""
    return urlsplit(url)._replace(path=f"/{quote(name)}").geturl()


def create_database(url: str, name: str, *, template: str = "template1") -> str:
    """The address of the database `name`, made from `template` (which nobody may use meanwhile) when there is none."""
    if not run_sql(url, f"select 1 from pg_database where datname = '{_checked(name)}'"):
        # Copying files is twice as fast as writing them to the log, and small databases are all we copy.
        run_sql(url, f'create database "{_checked(name)}" template "{_checked(template)}" strategy file_copy')
    return database_url(url, name)


def drop_database(url: str, name: str) -> None:
    """Remove the database `name` and end whoever uses it; harmless when there is none."""
    run_sql(url, f'drop database if exists "{_checked(name)}" with (force)')


def _checked(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name):
        raise ValueError(f"not a plain database name: {name!r}")
    return name
