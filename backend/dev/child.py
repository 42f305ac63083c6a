"""A child of the supervisor: `python -m backend.dev.child web|worker|demo`. It ends when the supervisor does.

Standard input is a pipe whose other end only the supervisor holds: it closes however the supervisor ends.
"""

import asyncio
import os
import signal
import sys
import threading
import time

from backend.settings import Settings

GRACE_SECONDS = 8


def main(kind: str) -> None:
    """Run as `kind` until SIGTERM or until the pipe closes."""
    threading.Thread(target=_end_with_pipe, daemon=True).start()
    {"web": _web, "worker": _worker, "demo": _demo}[kind](Settings.load(os.environ))


def _end_with_pipe() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os._exit(1)


def _web(settings: Settings) -> None:
    import uvicorn

    from backend.asgi import create_app

    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=3,
    )


def _worker(settings: Settings) -> None:
    from backend.cli.worker import work

    work(settings)


def _demo(settings: Settings) -> None:
    from backend.dev.demo_data import fill_and_remember

    asyncio.run(fill_and_remember(settings))


if __name__ == "__main__":
    main(sys.argv[1])
