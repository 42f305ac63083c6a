"""Starts `stemme dev` as a developer would and looks at its processes from outside."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psutil  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def eventually(holds: Callable[[], bool], *, seconds: float) -> bool:
    """Whether `holds()` becomes true in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


class House:
    """One `stemme dev` with a folder and a port of its own; `settings` are further variables of its environment."""

    def __init__(self, folder: Path, port: int, *, with_demo: bool = False, **settings: str) -> None:
        self.port = port
        self._options = () if with_demo else ("--no-demo",)
        self.log = folder.parent / f"{folder.name}.log"
        own = {"PORT": str(port), "STEMME_DEV_FOLDER": str(folder), "PYTHONPATH": f"{ROOT}:{ROOT / 'graphql'}"}
        self.environ = (
            {k: v for k, v in os.environ.items() if k != "DATABASE_URL" and not k.startswith("STEMME_")}
            | own
            | settings
        )
        self.process: psutil.Popen | None = None

    def start(self) -> None:
        """Start it without waiting."""
        with self.log.open("w", encoding="utf-8") as log:
            self.process = psutil.Popen(
                [sys.executable, "-m", "backend.cli", "dev", *self._options],
                cwd=ROOT,
                env=self.environ,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def start_and_wait(self, seconds: float = 30) -> float:
        """Start it; the seconds until it says that it is ready."""
        started = time.monotonic()
        self.start()
        assert eventually(lambda: "Ctrl-C stops" in self.said or self.has_ended, seconds=seconds), self.said
        assert not self.has_ended, self.said
        return time.monotonic() - started

    @property
    def said(self) -> str:
        """What it printed so far."""
        return self.log.read_text(encoding="utf-8")

    @property
    def has_ended(self) -> bool:
        """Whether the supervisor is gone."""
        return self.process is None or self.process.poll() is not None

    @property
    def is_ready(self) -> bool:
        """Whether the API says that it can work."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def family(self) -> list[psutil.Process]:
        """All processes below the supervisor."""
        found: list[psutil.Process] = [] if self.process is None else self.process.children(recursive=True)
        return found

    def member(self, word: str) -> psutil.Process:
        """The process whose command line ends with `word`, or whose program it is."""
        for each in self.family():
            with contextlib.suppress(psutil.NoSuchProcess):
                line = each.cmdline()
                if line and (line[-1] == word or line[0].endswith(f"/{word}")):
                    return each
        raise AssertionError(f"no process {word} among {self.family()}")

    def send(self, number: signal.Signals) -> int:
        """Send a signal to the supervisor and wait for its end; its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        code: int = self.process.wait(25)
        return code

    def close(self) -> None:
        """End it in any case."""
        if not self.has_ended:
            family = self.family()
            self.send(signal.SIGTERM)
            assert all_gone(family)


def all_gone(processes: list[psutil.Process], *, seconds: float = 20) -> bool:
    """Whether they all end in time."""
    return eventually(lambda: not any(alive(each) for each in processes), seconds=seconds)


def alive(process: psutil.Process) -> bool:
    """Whether it runs; a corpse that nobody has collected does not."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
