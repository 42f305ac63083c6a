"""One embedded PostgreSQL a test session, one migrated template in it, an empty copy of it for each test that asks."""

import asyncio
import inspect
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import httpx
import hypothesis
import pytest

from backend.asgi import create_app
from backend.core.database import Database
from backend.dev.embedded import THROWAWAY, embedded_server
from backend.settings import Settings
from tests.api.client import Api, started
from tests.databases import Databases, make_template

# How long an example takes says nothing about it on a machine that others use too.
hypothesis.settings.register_profile("stemme", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("stemme")
# The client's own line for each request: nobody reads it, and pytest would format it three times.
logging.getLogger("httpx").setLevel(logging.WARNING)

pytest_plugins = ["tests.media.stores"]

_SERVER = pytest.StashKey[str]()
_STACK = pytest.StashKey[ExitStack]()


def pytest_configure(config: pytest.Config) -> None:
    """Start the database once: in the only process, or in the controller of several."""
    if hasattr(config, "workerinput"):
        config.stash[_SERVER] = config.workerinput["database_server"]
        return
    stack = config.stash[_STACK] = ExitStack()
    folder = Path(tempfile.mkdtemp(prefix="stemme-test-"))
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    server = stack.enter_context(embedded_server(folder, options={**THROWAWAY, "max_connections": "300"}))
    make_template(server.url)
    config.stash[_SERVER] = server.url


def pytest_configure_node(node: Any) -> None:
    """Tell a parallel worker where the controller's server is."""
    node.workerinput["database_server"] = node.config.stash[_SERVER]


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more process than there are cores: tests often wait for the database, a server or the clock."""
    return (os.cpu_count() or 1) + 1


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the database, last."""
    if _STACK in config.stash:
        config.stash[_STACK].close()


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    """The one event loop of all async tests and fixtures: asyncpg's pools stay with their loop."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run `async def` tests on the session's loop."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    runner = cast("asyncio.Runner", pyfuncitem.funcargs["runner"])
    arguments = {name: pyfuncitem.funcargs[name] for name in inspect.signature(pyfuncitem.obj).parameters}
    runner.run(pyfuncitem.obj(**arguments))
    return True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every async test needs the loop, also one that names no fixture."""
    for item in items:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
            item.fixturenames.insert(0, "runner")


@pytest.fixture(scope="session")
def database_server(pytestconfig: pytest.Config) -> str:
    """The address of the session's PostgreSQL."""
    return pytestconfig.stash[_SERVER]


@pytest.fixture(scope="session")
def databases(database_server: str, runner: asyncio.Runner) -> Iterator[Databases]:
    """The databases of this process."""
    databases = Databases(database_server, runner)
    yield databases
    databases.close()


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """An empty, migrated database for one test."""
    name = databases.take()
    yield databases.url(name)
    databases.give_back(name)


@pytest.fixture
def db(database_url: str, runner: asyncio.Runner) -> Iterator[Database]:
    """The test's database, opened."""
    database = runner.run(Database.open(database_url, size=20))
    yield database
    runner.run(database.close())


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Development settings on the test's database, with hashing made cheap and folders of its own."""
    return Settings.load(
        {
            "DATABASE_URL": database_url,
            "STEMME_SECRET": "a-secret-that-only-the-tests-know-0123456789",
            "STEMME_DEV_FOLDER": str(tmp_path),
            "STEMME_ARGON2_MEMORY_KIB": "8",
            "STEMME_ARGON2_TIME_COST": "1",
            "STEMME_LOG_LEVEL": "warning",
        }
    )


Use = Callable[[Any], Any]


@pytest.fixture
def use(runner: asyncio.Runner) -> Iterator[Use]:
    """Enter an async context manager in a sync fixture or test; left at the end of the test."""
    opened: list[Any] = []

    def enter(manager: Any) -> Any:
        value = runner.run(manager.__aenter__())
        opened.append(manager)
        return value

    yield enter
    for manager in reversed(opened):
        runner.run(manager.__aexit__(None, None, None))


@pytest.fixture
def api(settings: Settings, use: Use) -> Api:
    """The whole application over HTTP, on the test's own database."""
    app = create_app(settings)
    use(started(app))
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    client: httpx.AsyncClient = use(httpx.AsyncClient(transport=transport, base_url="http://localhost:8000"))
    return Api(client)
