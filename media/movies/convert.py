"""`python -m media.movies.convert ORDER` (JSON): make one movie anew under hard limits; prints lines of JSON.

It runs alone so that a hostile file can at worst end this process. The limits are set before the file is touched.
"""

import contextlib
import os
import resource
import signal
import sys
import threading
import time
from pathlib import Path

import msgspec

from backend.core.errors import ValidationFailed
from media.movies.orders import MovieLimits, MovieOrder, MovieReport
from media.processing.priority import step_back

_MEGABYTE = 1_000_000
_PROGRESS_SECONDS = 0.5


def limit_process(limits: MovieLimits) -> None:
    """Bound this process: address space, processor time, time of day, size of files, open files, no core dump."""
    for what, amount in (
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, limits.file_mb * _MEGABYTE),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (amount, amount))
    with contextlib.suppress(ValueError, OSError):  # macOS knows no limit of the address space
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory_mb * _MEGABYTE, limits.memory_mb * _MEGABYTE))
    step_back(15)
    signal.alarm(limits.wall_seconds)


def end_with_parent() -> None:
    """End when the worker that started us is gone: it holds the other end of our input, and never writes."""

    def wait() -> None:
        os.read(0, 1)  # not through sys.stdin: its lock would be held when the interpreter ends
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


class Progress:
    """Tells how far we are, now and then, and only when it is further than before."""

    def __init__(self) -> None:
        self._told = 0
        self._next = 0.0

    def __call__(self, share: float) -> None:
        """`share` of the work is done, 0..1."""
        percent, now = max(0, min(99, int(share * 100))), time.monotonic()
        if percent > self._told and now >= self._next:
            self._told, self._next = percent, now + _PROGRESS_SECONDS
            _say(MovieReport(percent=percent))


def _say(report: MovieReport) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(report) + b"\n")
    sys.stdout.buffer.flush()


def main(order: MovieOrder) -> int:
    """Convert, report, return 0; a refusal is a report too. Whatever else goes wrong ends the process."""
    limit_process(order.limits)
    end_with_parent()
    from media.movies.making import make_movie  # only now: the library of movies loads under the limits

    try:
        made = make_movie(
            Path(order.source),
            Path(order.folder),
            kind=order.kind,
            sound=order.sound,
            bounds=order.bounds,
            progress=Progress(),
        )
        _say(MovieReport(made=made))
    except ValidationFailed as refusal:
        _say(MovieReport(refused=refusal.code))
    return 0


if __name__ == "__main__":
    sys.exit(main(msgspec.json.decode(sys.argv[1], type=MovieOrder)))
