"""`stemme verify-audit`: whether the audit chain is whole."""

import sys

import click

from backend.cli.database import with_database
from backend.cli.group import Refused, load_settings
from backend.core import audit
from backend.core.database import Database


@click.command("verify-audit", short_help="Check that the audit chain is whole.")
@click.option(
    "--published", metavar="LINE", callback=lambda _context, _option, line: _parsed(line),
    help="A line of /audit-head that somebody kept: it must still be part of the chain.",
)  # fmt: skip
def verify_audit(published: tuple[int, bytes] | None) -> None:
    """Follow the audit chain from its beginning; name the first broken link."""
    settings = load_settings(database=True)
    number, head, broken = with_database(settings, _verify)
    if broken is not None:
        raise Refused(f"The audit chain is broken at link {broken.number}: {broken.reason}")
    if published is not None and not with_database(settings, lambda db: _has(db, *published)):
        raise Refused(f"The audit chain was written anew: link {published[0]} is not the one that was published.")
    click.echo(f"The audit chain is whole: {number} links, head {head.hex()}.")


def _parsed(line: str | None) -> tuple[int, bytes] | None:
    """Number and hash at the end of a published line."""
    if line is None:
        return None
    try:
        number, digest = line.split()[-2:]
        return int(number), bytes.fromhex(digest)
    except ValueError:
        raise click.BadParameter("it must end with a link's number and its hash") from None


async def _has(db: Database, number: int, digest: bytes) -> bool:
    async with db.reading() as conn:
        return await audit.has_link(conn, number, digest)


async def _verify(db: Database) -> tuple[int, bytes, audit.BrokenLink | None]:
    async with db.reading() as conn:
        length, _ = await audit.head(conn)
    with click.progressbar(length=length, label="Following the audit chain", file=sys.stderr) as bar:
        broken = await audit.verify(db, report=bar.update)
    async with db.reading() as conn:
        number, head = await audit.head(conn)
    return number, head, broken
