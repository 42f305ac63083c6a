"""`stemme serve` as a process of its own: it answers, writes nothing but log lines, and ends with its parent."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from tests.dev.house import ROOT, eventually, free_port


@pytest.fixture
def served(database_url: str, tmp_path: Path) -> Iterator[tuple[psutil.Popen, str, Path]]:
    """The process, its address and what it writes."""
    port, log = free_port(), tmp_path / "log"
    own = {"PORT": str(port), "DATABASE_URL": database_url, "STEMME_DEV_FOLDER": str(tmp_path),
           "STEMME_LOG_FORMAT": "json", "PYTHONPATH": f"{ROOT}:{ROOT / 'graphql'}"}  # fmt: skip
    command = [sys.executable, "-m", "backend.cli", "serve"]
    with log.open("wb") as file:
        process = psutil.Popen(command, cwd=ROOT, env={**os.environ, **own}, stdout=file, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    assert eventually(lambda: answers(address), seconds=30), log.read_text()
    yield process, address, log
    for each in [*process.children(recursive=True), process] if process.is_running() else []:
        each.kill()
    process.wait()


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=5) as reply:  # noqa: S310 (ours)
            return bool(reply.status == 200)
    except OSError:
        return False


def test_serve_writes_json_lines_only_and_ends_when_asked(served: tuple[psutil.Popen, str, Path]) -> None:
    process, address, log = served
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"{address}/mina@example.org", timeout=5)  # noqa: S310 (ours)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert {"_granian", "stemme.access"} <= {line["logger"] for line in lines}
    assert "mina" not in log.read_text()


def test_serve_killed_leaves_no_web_process(served: tuple[psutil.Popen, str, Path]) -> None:
    process, address, _ = served
    children = process.children(recursive=True)
    assert children
    process.kill()
    process.wait()
    assert eventually(lambda: not any(child.is_running() for child in children), seconds=30)
    assert not answers(address)
