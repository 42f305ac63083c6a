"""Runs what touches a stranger's file, or is heavy, in a process of its own that the worker can lose without harm."""

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_LINE_BYTES = 65_536
_GRACE_SECONDS = 2


class DecoderDied(Exception):
    """The subprocess ended without an answer: killed, crashed or out of its limits. `reason` is for the log."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def _unheard(_line: bytes) -> None:
    pass


async def run_alone(
    module: str,
    order: bytes,
    *,
    folder: Path,
    wall_seconds: float,
    nice: int,
    heard: Callable[[bytes], None] = _unheard,
) -> bytes:
    """The last line of `python -m module ORDER`, run in `folder`; `heard` is called with each line as it comes.

    It inherits no environment, and cannot read ours. It runs as our user: the network and the media folder are within
    its reach, should a file take it over. Its input is never written to: its end tells the child that we are gone.

    nice: 1 to 19, how far it steps back behind what people wait for. We lower it at once rather than leave it to the
    child, whose start and imports are a sixth of a photo's work. It stays in our session: Linux may weigh
    sessions against each other (autogroup), and there a nice process that has one to itself gives way to nobody.

    Raises DecoderDied when it ends otherwise than by itself and well, or not in its time, and what `heard` raises.
    Cancelled, it leaves no process behind.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-s", "-m", module, order.decode()),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PYTHONPATH": str(_ROOT), "LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2"},
        cwd=folder,
        limit=_LINE_BYTES,
        process_group=0,  # Ctrl-C is for us: what we began is finished
    )
    try:
        with contextlib.suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, process.pid, min(19, os.nice(0) + nice))
        async with asyncio.timeout(wall_seconds + _GRACE_SECONDS):
            line = await _last_line(process, heard)
            status = await process.wait()
    except TimeoutError:
        raise DecoderDied("too_slow") from None
    finally:
        await _end(process)
    if status != 0:
        raise DecoderDied(f"signal_{-status}" if status < 0 else f"exit_{status}")
    return line


async def _last_line(process: asyncio.subprocess.Process, heard: Callable[[bytes], None]) -> bytes:
    assert process.stdout is not None  # noqa: S101 - asked for above
    last = b""
    try:
        while line := await process.stdout.readline():
            last = line
            heard(line)
    except ValueError as error:
        raise DecoderDied("answer_too_long") from error
    return last


async def _end(process: asyncio.subprocess.Process) -> None:
    """No child stays behind, also when the caller is cancelled."""
    if process.stdin is not None:
        process.stdin.close()
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
