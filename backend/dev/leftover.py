"""Stops a server that outlived its holder, and never any other process that happens to have its old number."""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

_STEPS = ((signal.SIGINT, 15.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))


def stop_leftover(data: Path, socket: Path) -> None:
    """Stop the server of `data` if one runs and clear the way for the next. For the holder of our lock only."""
    pid_file = data / "postmaster.pid"
    pid = _first_number(pid_file)
    if pid is not None and _alive(pid) and _serves(pid, data):
        _end(pid)
    _disown(pid_file)
    for left in socket.glob(".s.PGSQL.*"):
        left.unlink(missing_ok=True)


def _end(pid: int) -> None:
    for number, seconds in _STEPS:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        if _gone(pid, seconds):
            return


def _disown(pid_file: Path) -> None:
    """Make the file name us instead of a dead server.

    PostgreSQL would refuse to start when the number now belongs to another process or to a corpse that nobody collects;
    its own ancestors it ignores. The rest stays: it shows whether old processes still use the shared memory.
    """
    with contextlib.suppress(FileNotFoundError):
        rest = pid_file.read_text(encoding="utf-8").splitlines()[1:]
        pid_file.write_text("\n".join([str(os.getpid()), *rest]) + "\n", encoding="utf-8")


def _first_number(path: Path) -> int | None:
    try:
        return abs(int(path.read_text(encoding="utf-8").splitlines()[0]))
    except (OSError, ValueError, IndexError):
        return None


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    """Dead but not yet collected by its parent: counts as gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z"
    except (OSError, IndexError):
        return False


def _serves(pid: int, data: Path) -> bool:
    """Whether process `pid` is the server of `data`: we start it with the folder on its command line."""
    command = Path(f"/proc/{pid}/cmdline")
    if command.exists():
        words = command.read_bytes().split(b"\0")
    else:
        shown = subprocess.run(  # noqa: S603
            ["/bin/ps", "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, check=False
        )
        words = [shown.stdout]
    return any(os.fsencode(data) in word for word in words)


def _gone(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while _alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
