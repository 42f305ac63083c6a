"""`stemme migrate`."""

import click

from backend.cli.group import Refused, load_settings


@click.command(short_help="Bring the database to the newest schema.")
@click.option("--check", is_flag=True, help="Only tell whether tables, migrations and schema.sql agree (development).")
@click.option("--new", metavar="NAME", help="Write a migration for what changed in the tables (development).")
@click.option("--write-schema", is_flag=True, help="Rewrite schema.sql from the migrations (development).")
def migrate(check: bool, new: str | None, write_schema: bool) -> None:
    """Bring the database to the newest schema. Safe to repeat, and while another release does the same."""
    if check:
        _check()
    elif new:
        _write_migration(new)
    elif write_schema:
        _write_schema()
    else:
        _apply(load_settings(database=True).database_url)


def _apply(url: str) -> None:
    from backend.migrate import MigrationFailed
    from backend.migrate import migrate as apply_all

    try:
        apply_all(url, announce=lambda name: click.echo(f"applying {name} …"))
    except MigrationFailed as failed:
        raise Refused(f"The database was left as it was: {failed}") from None
    click.echo("The schema is up to date.")


def _check() -> None:
    from backend.dev.schema_history import find_problems

    if problems := find_problems():
        raise Refused("\n".join(problems))
    click.echo("Tables, migrations and schema.sql agree.")


def _write_migration(name: str) -> None:
    from backend.dev.schema_history import write_migration

    written = write_migration(name)
    click.echo(f"Wrote {written}. Run `stemme migrate --write-schema` next." if written else "Nothing has changed.")


def _write_schema() -> None:
    from backend.dev.schema_history import write_schema

    click.echo(f"Wrote {write_schema()}.")
