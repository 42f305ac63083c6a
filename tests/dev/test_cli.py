"""The `stemme` command as a stranger meets it."""

import asyncio
from pathlib import Path

import pytest
from click import Context
from click.testing import CliRunner

from backend.accounts import consent_store
from backend.accounts.consent_rules import ConsentPurpose
from backend.cli.group import main
from backend.core.database import Database
from backend.settings import Settings, variable_of
from tests.places.town import handle_of, make_account


def test_help_describes_every_command_in_a_line() -> None:
    shown = CliRunner().invoke(main, ["--help"])
    assert shown.exit_code == 0
    for name in main.list_commands(Context(main)):
        line = next(line for line in shown.output.splitlines() if line.strip().startswith(f"{name} "))
        assert not line.endswith("...")


def test_settings_lists_every_variable_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEMME_SECRET", "a-secret-that-must-not-be-shown-anywhere")
    shown = CliRunner().invoke(main, ["settings"], terminal_width=100).output
    assert all(variable_of(name) in shown for name in Settings.model_fields)
    assert "must-not-be-shown" not in shown


@pytest.fixture(autouse=True)
def own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whoever develops here while the tests run has a database of their own."""
    monkeypatch.setenv("STEMME_DEV_FOLDER", str(tmp_path))


@pytest.mark.parametrize(
    "command",
    [["serve"], ["worker"], ["migrate"], ["jobs"], ["verify-audit"], ["demo"], ["ages"], ["appoint-secretariat", "a"]],
)
def test_command_without_database_says_what_to_set(command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    refused = CliRunner().invoke(main, command)
    assert refused.exit_code == 1
    assert "DATABASE_URL is not set" in refused.output


@pytest.mark.parametrize("command", ["dev", "demo", "serve"])
def test_command_with_unsafe_production_settings_is_refused(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEMME_ENVIRONMENT", "production")
    refused = CliRunner().invoke(main, [command])
    assert refused.exit_code == 1
    assert "STEMME_SECRET is not set" in refused.output


def test_jobs_and_audit_of_a_fresh_database_are_empty_and_whole(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    assert "No jobs" in CliRunner().invoke(main, ["jobs"]).output
    assert "There is no failed job 7." in CliRunner().invoke(main, ["jobs", "retry", "7"]).output
    assert "The audit chain is whole: 0 links" in CliRunner().invoke(main, ["verify-audit"]).output


def test_appoint_secretariat_takes_in_and_out_whoever_has_a_verified_address(
    db: Database, database_url: str, runner: asyncio.Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = runner.run(handle_of(db, runner.run(make_account(db, staff=True))))
    other = runner.run(handle_of(db, runner.run(make_account(db, staff=True))))
    plain = runner.run(handle_of(db, runner.run(make_account(db))))

    def appoint(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["appoint-secretariat", *arguments])
        return done.exit_code, done.output

    monkeypatch.setenv("DATABASE_URL", database_url)
    assert appoint(handle)[0] == appoint(other)[0] == 0
    assert appoint(handle) == (1, f"{handle} is in the secretariat already.\n")
    assert "no verified e-mail" in appoint(plain)[1]
    assert "Nobody has the handle" in appoint("nobody-here")[1]
    assert appoint(handle, "--end") == (0, f"{handle} is no longer in the secretariat.\n")
    assert appoint(handle, "--end")[0] == 1
    assert appoint(handle)[0] == 0


def test_ages_are_listed_and_set_with_a_trace(
    database_url: str, db: Database, runner: asyncio.Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ages(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["ages", *arguments])
        return done.exit_code, done.output

    async def in_force() -> int:
        async with db.reading() as conn:
            return (await consent_store.ages(conn, await conn.now()))["DK"][ConsentPurpose.PUBLISH]

    async def traces() -> int:
        async with db.reading() as conn:
            return int(await conn.fetch_value("select count(*) from audit_entry where action = 'operator:age:set'"))

    monkeypatch.setenv("DATABASE_URL", database_url)
    assert "DK  PUBLISH              15" in ages()[1]
    assert ages("set", "dk", "publish", "13")[0] == 0
    assert runner.run(in_force()) == 13
    assert ages("set", "DK", "PUBLISH", "16", "--from", "2999-01-01")[0] == 0
    assert runner.run(in_force()) == 13
    assert ages("set", "DK", "PUBLISH", "16", "--from", "2999-01-01")[0] == 1
    assert ages("set", "DK", "PUBLISH", "16", "--from", "2020-01-01")[0] == 1
    assert ages("set", "Danmark", "PUBLISH", "16")[0] == 1
    assert ages("set", "DK", "PUBLISH", "3")[0] == 2
    assert runner.run(traces()) == 2


def test_command_with_unreachable_database_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    for command in ("jobs", "serve", "worker", "verify-audit"):
        refused = CliRunner().invoke(main, [command])
        assert refused.exit_code == 1
        assert "cannot be reached" in refused.output


def test_commands_know_the_database_of_a_running_house(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    (tmp_path / "database-url").write_text(database_url, encoding="utf-8")
    assert "No jobs" in CliRunner().invoke(main, ["jobs"]).output
