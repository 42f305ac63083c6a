"""`stemme serve`: the web processes of production."""

import gc
import os
import signal
import threading
import time

import click

from backend.cli.database import require_newest
from backend.cli.group import Refused, load_settings
from backend.cli.port import PortTaken, wait_for_port
from backend.core.logs import configure_logs
from backend.core.own_memory import hide_own_memory
from backend.settings import LogFormat

GRACE_SECONDS = 20
# The server's own lines go where ours go, in the same form.
_LOGGING = {"loggers": {"_granian": {"propagate": True}}, "handlers": {}, "formatters": {}}


@click.command(short_help="Serve the API (production).")
def serve() -> None:
    """Serve the API on HOST and PORT until SIGTERM; requests that run are finished first."""
    from granian import Granian
    from granian.constants import Interfaces

    settings = load_settings(database=True)
    configure_logs(level=settings.log_level.upper(), as_json=settings.log_format is LogFormat.JSON)
    require_newest(settings)
    try:
        wait_for_port(settings.host, settings.port)
    except PortTaken as taken:
        raise Refused(str(taken)) from None
    os.environ[_PARENT] = str(os.getpid())
    Granian(
        "backend.cli.serve:make_app",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.web_processes,
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE_SECONDS,
        process_name=None,
        log_dictconfig=_LOGGING,
    ).serve()


_PARENT = "_STEMME_SERVE_PARENT"


def make_app() -> object:
    """The application of one web process, which ends with its parent.

    After `kill -9` of the parent it would keep the port, and a new server would listen beside it with old code.
    """
    from backend.asgi import create_app

    hide_own_memory()
    parent = int(os.environ[_PARENT])
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    app = create_app(load_settings(database=True))
    # What lives as long as the process is not looked through again: each time would halt all requests for some 70 ms.
    gc.collect()
    gc.freeze()
    return app


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)
