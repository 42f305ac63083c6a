"""`stemme jobs`: what the workers have to do, and what they gave up."""

from collections.abc import Sequence

import click

from backend.cli.database import with_database
from backend.cli.group import Refused, load_settings
from backend.core import jobs as queue
from backend.core.database import Database


@click.group(invoke_without_command=True, short_help="List jobs; put failed ones back.")
@click.option("--limit", default=100, show_default=True, help="Jobs to list at most.")
@click.pass_context
def jobs(context: click.Context, limit: int) -> None:
    """List jobs that failed, run or wait; `stemme jobs retry ID` puts a failed one back."""
    if context.invoked_subcommand is not None:
        return

    async def read(db: Database) -> Sequence[queue.JobRow]:
        async with db.reading() as conn:
            return await queue.list_jobs(conn, limit=limit)

    rows = with_database(load_settings(database=True), read)
    if not rows:
        click.echo("No jobs: nothing waits, runs or has failed.")
    for row in rows:
        click.echo(
            f"{row.id:>8}  {row.status:<7}  {row.kind:<30}  {row.attempts} tries  since {row.created:%Y-%m-%d %H:%M}"
        )


@jobs.command()
@click.argument("job_id", metavar="ID", type=int)
def retry(job_id: int) -> None:
    """Put a failed job back into the queue."""
    if not with_database(load_settings(database=True), lambda db: queue.retry(db, job_id)):
        raise Refused(f"There is no failed job {job_id}.")
    click.echo(f"Job {job_id} waits again.")
