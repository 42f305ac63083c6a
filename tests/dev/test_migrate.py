"""Migrations: once, twice, two at a time, and all or nothing."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count

import pytest
from click.testing import CliRunner

from backend.cli.group import main
from backend.dev.embedded import create_database, drop_database
from backend.dev.programs import run_sql
from backend.dev.schema_history import find_problems
from backend.migrate import MigrationFailed, migrate

_numbers = count()


@pytest.fixture
def empty_database(database_server: str) -> Iterator[str]:
    """A database without any table."""
    name = f"migrate_{os.getpid()}_{next(_numbers)}"
    yield create_database(database_server, name)
    drop_database(database_server, name)


def test_migrate_two_releases_at_once_apply_everything_once(empty_database: str) -> None:
    announced: list[str] = []
    with ThreadPoolExecutor(2) as both:
        first, second = sorted(both.map(partial(migrate, announce=announced.append), [empty_database] * 2), key=len)
    assert first == []
    assert announced == second
    assert run_sql(empty_database, "select count(*) from migration") == str(len(second))
    assert migrate(empty_database) == []


def test_migrate_that_fails_leaves_nothing_behind(empty_database: str) -> None:
    run_sql(empty_database, "create table job_receipt (key int)")
    with pytest.raises(MigrationFailed, match=r"job_receipt.*\n.*in migration stemme_"):
        migrate(empty_database)
    assert run_sql(empty_database, "select count(*) from pg_tables where schemaname = 'public'") == "1"
    run_sql(empty_database, "drop table job_receipt")
    assert migrate(empty_database)


def test_programs_do_not_start_on_an_older_database(empty_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_database)

    def refused() -> list[bool]:
        done = [CliRunner().invoke(main, [command]) for command in ("serve", "worker")]
        return [each.exit_code == 1 and "run `stemme migrate` first" in each.output for each in done]

    assert refused() == [True, True]
    migrate(empty_database)
    run_sql(empty_database, "delete from migration where name = (select max(name) from migration)")
    assert refused() == [True, True]


def test_migrate_unreachable_database_says_so() -> None:
    with pytest.raises(MigrationFailed):
        migrate("postgresql://nobody@127.0.0.1:1/none")


def test_migrations_tables_and_committed_schema_agree() -> None:
    assert find_problems() == []
