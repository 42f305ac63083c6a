"""`stemme dev` and `stemme demo`: the development house."""

import asyncio

import click

from backend.cli.group import Refused, load_settings


@click.command(short_help="Run everything for development.")
@click.option("--no-demo", is_flag=True, help="Leave an empty database empty.")
def dev(no_demo: bool) -> None:
    """Run everything for development: database, web process and worker, with demo data on the first start.

    Everything is kept in the folder .stemme. Ctrl-C stops it all.
    """
    from backend.cli.port import PortTaken
    from backend.dev.cluster import DatabaseUnavailable
    from backend.dev.lock import AlreadyHeld
    from backend.dev.supervisor import CannotRun, run
    from backend.migrate import MigrationFailed

    settings = load_settings()
    if settings.is_production:
        raise Refused("`stemme dev` is for development: in production run `stemme serve` and `stemme worker`.")
    try:
        run(settings, with_demo=not no_demo)
    except (CannotRun, PortTaken, DatabaseUnavailable, MigrationFailed, AlreadyHeld) as error:
        raise Refused(str(error)) from None


@click.command(short_help="Fill an empty database with demo data.")
def demo() -> None:
    """Fill an empty database with demo data and print the sign-ins.

    Development only; `stemme dev` does it by itself.
    """
    from backend.cli.database import with_database
    from backend.dev import demo_data

    settings = load_settings(database=True)
    if settings.is_production:
        raise Refused("Demo data are refused in production.")
    if not with_database(settings, demo_data.is_empty):
        raise Refused("The database is not empty: there are accounts. Demo data go into an empty one only.")
    click.echo(demo_data.describe(asyncio.run(demo_data.fill_and_remember(settings))))
