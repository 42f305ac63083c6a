"""The supervisor's children: started with a pipe that ends them with us, restarted with back-off when they die."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[2]
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 15.0
STEADY_SECONDS = 30.0  # who lived this long starts again without delay
STOP_SECONDS = 12.0


class Child:
    """One process of ours, by the name of what it does."""

    def __init__(self, name: str, environ: Mapping[str, str]) -> None:
        self.name = name
        self._environ = {**environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'graphql'}", "PYTHONUNBUFFERED": "1"}
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._next_start_at = 0.0
        self._pause = FIRST_PAUSE_SECONDS

    def start(self) -> None:
        """Start it, in a process group of its own: Ctrl-C reaches us alone."""
        self._started_at = time.monotonic()
        self._process = subprocess.Popen(  # noqa: S603 (ourselves)
            [sys.executable, "-m", "backend.dev.child", self.name],
            stdin=subprocess.PIPE,
            env=self._environ,
            process_group=0,
        )

    @property
    def exit_code(self) -> int | None:
        """Its exit code once it has ended."""
        return None if self._process is None else self._process.poll()

    @property
    def pid(self) -> int:
        """Its process number."""
        return 0 if self._process is None else self._process.pid

    def revive(self) -> None:
        """Start it again when it died, after a pause that doubles each time."""
        now = time.monotonic()
        if self._process is not None and self.exit_code is None:
            return
        if self._process is not None:
            if now - self._started_at > STEADY_SECONDS:
                self._pause = FIRST_PAUSE_SECONDS
            click.echo(f"{self.name} ended ({_said(self.exit_code)}); it starts again in {self._pause:g} s.", err=True)
            self._forget()
            self._next_start_at, self._pause = now + self._pause, min(self._pause * 2, LONGEST_PAUSE_SECONDS)
        elif now >= self._next_start_at:
            self.start()

    def ask_to_stop(self) -> None:
        """Close its pipe: it finishes what it does and ends."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()

    def wait(self, seconds: float = STOP_SECONDS) -> None:
        """Wait until it is gone; kill it after `seconds`."""
        if self._process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        self._process.kill()
        self._process.wait()

    def _forget(self) -> None:
        self.ask_to_stop()
        self._process = None


def _said(code: int | None) -> str:
    return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
