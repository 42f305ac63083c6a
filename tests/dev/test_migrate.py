"""Migrations: once, twice, two at a time, and all or nothing."""

import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count

import pytest
from click.testing import CliRunner

from backend.cli.group import main
from backend.dev.embedded import create_database, drop_database
from backend.dev.programs import dump_schema, run_sql
from backend.dev.schema_history import find_problems
from backend.migrate import MigrationFailed, migrate
from backend.migrations import stemme_2026_11_28_sharing_indexes as sharing_indexes
from backend.migrations import stemme_2026_11_28_takedown_moved as takedown_moved

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


def test_migrate_moves_what_had_to_be_taken_down_to_its_own_table(empty_database: str) -> None:
    migrate(empty_database)
    indexes = re.findall(r"create (?:unique )?index (\w+)", sharing_indexes.SQL)
    later = f"'{sharing_indexes.ID}', '{takedown_moved.ID}'"
    columns = (
        "id, campaign_id, author_id, shown_as, audience, skips_teacher, visibility, latest_revision_id, created_at,"
        " changed_at, withdrawn_at, takedown_due_at"
    )

    def statement(number: int, withdrawn_at: str, due_at: str) -> str:
        id_ = f"'00000000-0000-0000-0000-00000000000{number}'"
        return (
            f"({id_}, {id_}, null, 'PSEUDONYM', 'SOCIAL', false, 'WITHDRAWN', {id_}, '2026-11-01', '2026-11-01',"
            f" {withdrawn_at}, {due_at})"
        )

    rows = [
        statement(1, "'2026-11-02 08:00Z'", "'2026-11-03 08:00Z'"),
        statement(2, "null", "'2026-11-05 08:00Z'"),
        statement(3, "'2026-11-02 08:00Z'", "null"),
    ]
    run_sql(  # as it was before, with data of that time; what they belong to does not matter here
        empty_database,
        f"set session_replication_role = replica; drop index {', '.join(indexes)};"
        " alter table takedown drop constraint takedown_campaign_id_fkey;"
        f" alter table statement add column takedown_due_at timestamptz; delete from migration where name in ({later});"
        f" insert into statement ({columns}) values {', '.join(rows)}",
    )
    assert len(migrate(empty_database)) == 2
    assert run_sql(
        empty_database,
        "set time zone 'UTC'; select right(statement_id::text, 1), right(campaign_id::text, 1), reason, opened_at,"
        " due_at, confirmed_at is null and lapsed_at is null from takedown order by statement_id",
    ).splitlines() == [
        "1|1|WITHDRAWN|2026-11-02 08:00:00+00|2026-11-03 08:00:00+00|t",
        "2|2|WITHDRAWN|2026-11-04 08:00:00+00|2026-11-05 08:00:00+00|t",
    ]
    assert "takedown_due_at" not in dump_schema(empty_database)


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
