"""`stemme worker`: does the jobs."""

import asyncio
import logging
import signal
import sys

import click

from backend.cli.database import require_newest
from backend.cli.group import load_settings
from backend.core.own_memory import hide_own_memory
from backend.settings import Settings

log = logging.getLogger(__name__)


@click.command(short_help="Do the jobs (production).")
def worker() -> None:
    """Do jobs until SIGTERM; those that run are finished first. Start as many workers as needed."""
    settings = load_settings(database=True)
    require_newest(settings)
    work(settings)


def work(settings: Settings) -> None:
    """Run one worker until SIGTERM or SIGINT. Exits with code 1 when it cannot go on: a supervisor starts it anew."""
    hide_own_memory()
    try:
        asyncio.run(_work(settings))
    except Exception:
        log.critical("worker_ended", exc_info=True)
        sys.exit(1)


async def _work(settings: Settings) -> None:
    from backend.worker import run_worker

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await run_worker(settings, stop)
