"""`stemme jobs`: what the workers have to do, and what they gave up."""

import asyncio

import click

from backend.cli.group import Refused, load_settings
from backend.core import jobs as queue
from backend.core.database import Database


@click.group(invoke_without_command=True, short_help="List jobs; put failed ones back.")
@click.option("--limit", default=100, show_default=True, help="Jobs to list at most.")
@click.pass_context
def jobs(context: click.Context, limit: int) -> None:
    """List jobs that failed, run or wait; `stemme jobs retry ID` puts a failed one back."""
    if context.invoked_subcommand is None:
        asyncio.run(_list(load_settings(database=True).database_url, limit))


@jobs.command()
@click.argument("job_id", metavar="ID", type=int)
def retry(job_id: int) -> None:
    """Put a failed job back into the queue."""
    if not asyncio.run(_retry(load_settings(database=True).database_url, job_id)):
        raise Refused(f"There is no failed job {job_id}.")
    click.echo(f"Job {job_id} waits again.")


async def _list(url: str, limit: int) -> None:
    db = await Database.open(url, size=2)
    try:
        async with db.reading() as conn:
            rows = await queue.list_jobs(conn, limit=limit)
    finally:
        await db.close()
    if not rows:
        click.echo("No jobs: nothing waits, runs or has failed.")
    for row in rows:
        click.echo(
            f"{row.id:>8}  {row.status:<7}  {row.kind:<30}  {row.attempts} tries  since {row.created:%Y-%m-%d %H:%M}"
        )


async def _retry(url: str, job_id: int) -> bool:
    db = await Database.open(url, size=2)
    try:
        return await queue.retry(db, job_id)
    finally:
        await db.close()
