"""Runs a command that ends with whoever started it: `python leash.py USER COMMAND…`, with a pipe as standard input.

When the pipe closes (the other end exited or was killed) the command gets SIGINT, later SIGQUIT. Stands alone, without
imports of ours, so that it starts in a moment.
"""

import os
import signal
import subprocess
import sys
import threading
from types import FrameType

PATIENCE_SECONDS = 15


def main(user: str, command: list[str]) -> int:
    """Run `command`, as `user` unless empty; its exit code, negative for a signal."""
    identity = {"user": user, "group": _group_of(user), "extra_groups": []} if user else {}
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, cwd="/", **identity)  # type: ignore[call-overload]  # noqa: S603
    signal.signal(signal.SIGTERM, lambda _number, _frame: _end(child))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_pipe, args=(child,), daemon=True).start()
    return int(child.wait())


def _group_of(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid


def _end_with_pipe(child: "subprocess.Popen[bytes]") -> None:
    while os.read(0, 1024):
        pass
    _end(child)


def _end(child: "subprocess.Popen[bytes]", _frame: FrameType | None = None) -> None:
    child.send_signal(signal.SIGINT)
    timer = threading.Timer(PATIENCE_SECONDS, child.send_signal, (signal.SIGQUIT,))
    timer.daemon = True
    timer.start()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
