"""`stemme worker`: does the jobs."""

import asyncio
import signal

import click

from backend.cli.group import load_settings
from backend.settings import Settings


@click.command(short_help="Do the jobs (production).")
def worker() -> None:
    """Do jobs until SIGTERM; those that run are finished first. Start as many workers as needed."""
    work(load_settings(database=True))


def work(settings: Settings) -> None:
    """Run one worker until SIGTERM or SIGINT."""
    asyncio.run(_work(settings))


async def _work(settings: Settings) -> None:
    from backend.worker import run_worker

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await run_worker(settings, stop)
