"""`python -m media.processing.decode ORDER` (JSON): decode one picture under hard limits and print one line of JSON.

It runs alone so that a hostile file can at worst end this process. The limits are set before the file is touched.
"""

import contextlib
import resource
import signal
import sys
from pathlib import Path

import msgspec

from backend.core.errors import ValidationFailed
from media.processing.orders import Limits, Order, Report
from media.processing.priority import step_back

_MEGABYTE = 1_000_000


def limit_process(limits: Limits) -> None:
    """Bound this process: address space, processor time, time of day, size of files, open files, no core dump.

    The alarm ends it even when the worker that started it is gone.
    """
    # A second apart: at the first the signal says why it ends, at the second nothing can hold it.
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))
    for what, amount in (
        (resource.RLIMIT_FSIZE, 32 * _MEGABYTE),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (amount, amount))
    with contextlib.suppress(ValueError, OSError):  # macOS knows no limit of the address space
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory_mb * _MEGABYTE, limits.memory_mb * _MEGABYTE))
    step_back(10)
    signal.alarm(limits.wall_seconds)


def main(order: Order) -> int:
    """Decode, print the report, return 0; a refusal is a report too. Whatever else goes wrong ends the process."""
    limit_process(order.limits)
    from media.images.making import make_renditions  # only now: the imaging library loads under the limits

    try:
        made = make_renditions(
            Path(order.source), Path(order.folder), kind=order.kind, bounds=order.bounds, regions=order.regions
        )
        report = Report(made=made)
    except ValidationFailed as refusal:
        params = {key: value if isinstance(value, int) else str(value) for key, value in refusal.params.items()}
        report = Report(refused=refusal.code, params=params)
    sys.stdout.buffer.write(msgspec.json.encode(report) + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(msgspec.json.decode(sys.argv[1], type=Order)))
