"""`stemme dev`: database, web process and worker as one thing that starts, heals and stops together."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException

import click

from backend.cli.database import with_database
from backend.cli.group import dev_database_file
from backend.cli.port import wait_for_port
from backend.dev import demo_data
from backend.dev.embedded import EmbeddedServer, create_database, drop_database, embedded_server
from backend.dev.family import Child
from backend.dev.lock import AlreadyHeld, exclusive
from backend.migrate import is_behind, migrate
from backend.settings import Settings

DATABASE = "stemme"
READY_SECONDS = 60
LOOK_SECONDS = 0.2
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class CannotRun(Exception):
    """The development house does not start; the message says why and what to do."""


class _Ended(BaseException):
    """Somebody asked us to end."""


def run(settings: Settings, *, with_demo: bool = True) -> None:
    """Run until SIGINT or SIGTERM; leaves no process. Raises CannotRun, PortTaken and what the database raises."""
    with contextlib.suppress(_Ended), _ended_by_signals(), _alone(settings):
        wait_for_port(settings.host, settings.port)
        with _database(settings) as (url, server):
            if with_demo:
                _fill_if_empty(settings, url)
            with _children(url) as children:
                web, worker = children
                _start_and_wait(settings, web)
                worker.start()  # later, for it would slow the other down
                _greet(settings, url)
                _keep_alive(children, server)


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    def end(_number: int, _frame: object) -> None:
        for number in _ENDING:
            signal.signal(number, signal.SIG_IGN)  # once is enough: stopping is not to be disturbed
        click.echo("\nStopping …", err=True)
        raise _Ended

    before = {number: signal.signal(number, end) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    lock = exclusive(settings.dev_folder / "running", note=f"{settings.public_url} (process {os.getpid()})")
    try:
        lock.__enter__()
    except AlreadyHeld as held:
        raise CannotRun(
            f"Stemme already runs here: {held.note}. "
            "Stop it first, or give this one another PORT and STEMME_DEV_FOLDER."
        ) from None
    try:
        yield
    finally:
        lock.__exit__(None, None, None)


@contextmanager
def _database(settings: Settings) -> Iterator[tuple[str, EmbeddedServer | None]]:
    """The migrated database: the one of DATABASE_URL, or the embedded one."""
    if settings.database_url:
        _migrate(settings)
        yield settings.database_url, None
        return
    click.echo("Starting PostgreSQL …", err=True)
    with embedded_server(settings.dev_folder / "postgres") as server:
        if demo_data.begun_file(settings.dev_folder).exists():
            click.echo("The demo data were interrupted: starting over with an empty database.", err=True)
            drop_database(server.url, DATABASE)
            demo_data.begun_file(settings.dev_folder).unlink()
        url = create_database(server.url, DATABASE)
        _migrate(settings.model_copy(update={"database_url": url}))
        shown = dev_database_file(settings)
        shown.write_text(url, encoding="utf-8")
        try:
            yield url, server
        finally:
            shown.unlink(missing_ok=True)


def _migrate(settings: Settings) -> None:
    if with_database(settings, is_behind):
        migrate(settings.database_url, announce=lambda name: click.echo(f"  applying {name} …", err=True))


def _fill_if_empty(settings: Settings, url: str) -> None:
    if not with_database(settings.model_copy(update={"database_url": url}), demo_data.is_empty):
        return
    click.echo("Filling the empty database with demo data …", err=True)
    child = Child("demo", {**os.environ, "DATABASE_URL": url})
    child.start()
    try:
        while child.exit_code is None:
            time.sleep(LOOK_SECONDS)
    finally:
        child.ask_to_stop()
        child.wait()
    if child.exit_code:
        raise CannotRun("The demo data could not be made; the reason is above.")


@contextmanager
def _children(url: str) -> Iterator[list[Child]]:
    children = [Child(name, {**os.environ, "DATABASE_URL": url}) for name in ("web", "worker")]
    try:
        yield children
    finally:
        for child in children:
            child.ask_to_stop()
        for child in children:
            child.wait()


def _start_and_wait(settings: Settings, web: Child) -> None:
    web.start()
    deadline = time.monotonic() + READY_SECONDS
    while not _answers(settings):
        if web.exit_code is not None:
            raise CannotRun("The web process ended before it was ready; the reason is above.")
        if time.monotonic() > deadline:
            raise CannotRun(f"The web process is not ready after {READY_SECONDS} s.")
        time.sleep(0.1)


def _answers(settings: Settings) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 (compared, not bound)
    connection = HTTPConnection(host, settings.port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _keep_alive(children: list[Child], server: EmbeddedServer | None) -> None:
    while True:
        if server is not None and not server.is_running():
            click.echo("PostgreSQL ended; it starts again.", err=True)
            server.start()
        for child in children:
            child.revive()
        time.sleep(LOOK_SECONDS)


def _greet(settings: Settings, database: str) -> None:
    url = settings.public_url
    lines = ["", f"Stemme runs at {url}", f"  GraphiQL  {url}/graphql", f"  Mail      {settings.mail_folder}/"]
    lines += [f"  Database  {database}", ""]
    if sign_ins := demo_data.remembered(settings.dev_folder, database):
        lines += ["Demo sign-ins:", demo_data.describe(sign_ins), ""]
    query = '{"query": "{ campaigns(first: 3) { edges { node { id title } } } }"}'
    lines += ["A first query:", f"  curl -s {url}/graphql -H 'Content-Type: application/json' -d '{query}'", ""]
    click.echo("\n".join([*lines, "Ctrl-C stops everything."]))
