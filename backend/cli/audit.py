"""`stemme verify-audit`: whether the audit chain is whole."""

import asyncio

import click

from backend.cli.group import Refused, load_settings
from backend.core import audit
from backend.core.database import Database


@click.command("verify-audit", short_help="Check that the audit chain is whole.")
def verify_audit() -> None:
    """Follow the audit chain from its beginning; name the first broken link."""
    number, head, broken = asyncio.run(_verify(load_settings(database=True).database_url))
    if broken is not None:
        raise Refused(f"The audit chain is broken: {broken}")
    click.echo(f"The audit chain is whole: {number} links, head {head.hex()}.")


async def _verify(url: str) -> tuple[int, bytes, audit.BrokenLink | None]:
    db = await Database.open(url, size=2)
    try:
        broken = await audit.verify(db)
        async with db.reading() as conn:
            number, head = await audit.head(conn)
        return number, head, broken
    finally:
        await db.close()
