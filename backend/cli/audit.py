"""`stemme verify-audit`: whether the audit chain is whole."""

import sys

import click

from backend.cli.database import with_database
from backend.cli.group import Refused, load_settings
from backend.core import audit
from backend.core.database import Database


@click.command("verify-audit", short_help="Check that the audit chain is whole.")
def verify_audit() -> None:
    """Follow the audit chain from its beginning; name the first broken link."""
    number, head, broken = with_database(load_settings(database=True), _verify)
    if broken is not None:
        raise Refused(f"The audit chain is broken at link {broken.number}: {broken.reason}")
    click.echo(f"The audit chain is whole: {number} links, head {head.hex()}.")


async def _verify(db: Database) -> tuple[int, bytes, audit.BrokenLink | None]:
    async with db.reading() as conn:
        length, _ = await audit.head(conn)
    with click.progressbar(length=length, label="Following the audit chain", file=sys.stderr) as bar:
        broken = await audit.verify(db, report=bar.update)
    async with db.reading() as conn:
        number, head = await audit.head(conn)
    return number, head, broken
