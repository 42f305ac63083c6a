"""What a process that runs alone may use, and how it binds itself to that before it touches anything."""

import contextlib
import os
import resource
import signal
import threading
from dataclasses import dataclass

_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Address space, processor time, time of day and the size of any file that is written."""

    memory_mb: int
    cpu_seconds: int
    wall_seconds: int
    file_mb: int = 32


def limit_process(limits: Limits) -> None:
    """Bound this process, and let it end when the worker that started it is gone; no open files, no core dump.

    The alarm ends it even when nobody else does.
    """
    # A second apart: at the first the signal says why it ends, at the second nothing can hold it.
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))
    for what, amount in (
        (resource.RLIMIT_FSIZE, limits.file_mb * _MEGABYTE),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (amount, amount))
    with contextlib.suppress(ValueError, OSError):  # macOS knows no limit of the address space
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory_mb * _MEGABYTE, limits.memory_mb * _MEGABYTE))
    signal.alarm(limits.wall_seconds)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """The worker holds the other end of our input, and never writes."""
    os.read(0, 1)  # not through sys.stdin: its lock would be held when the interpreter ends
    os._exit(1)
