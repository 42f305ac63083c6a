"""One holder at a time, across processes: a file lock that the system releases even after `kill -9`."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyHeld(Exception):
    """Another process holds the lock; `note` is what it wrote about itself."""

    def __init__(self, path: Path, note: str) -> None:
        super().__init__(f"{path} is held by another process ({note or 'which left no note'})")
        self.note = note


@contextmanager
def exclusive(path: Path, *, note: str, patience_seconds: float = 0) -> Iterator[None]:
    """Hold the lock at `path`; `note` tells others who does. Raises AlreadyHeld after `patience_seconds`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Python's files are not inherited by programmes started meanwhile, so no child can hold on to the lock.
    with path.open("a+", encoding="utf-8") as file:
        deadline = time.monotonic() + patience_seconds
        while not _taken(file.fileno()):
            if time.monotonic() >= deadline:
                raise AlreadyHeld(path, path.read_text(encoding="utf-8").strip())
            time.sleep(0.05)
        file.truncate(0)
        file.write(f"{note}\n")
        file.flush()
        yield


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    os.set_inheritable(descriptor, False)
    return True
