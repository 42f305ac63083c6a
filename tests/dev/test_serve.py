"""`stemme serve` as a process of its own: it answers, writes nothing but log lines, and ends with its parent."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from backend.core.database import Database
from graphql_api.node_ids import global_id
from tests.api.sockets import line, signed_in
from tests.dev.house import ROOT, eventually, free_port
from tests.places.town import make_account, sign_in
from tests.rounds.arena import make_arena


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


async def test_serve_tells_a_round_over_websocket_and_ends_while_somebody_follows(
    served: tuple[psutil.Popen, str, Path], db: Database
) -> None:
    process, address, log = served
    address = address.replace("http:", "ws:") + "/graphql"
    arena = await make_arena(db)
    await arena.shift(timedelta(hours=7))
    class_id, people, _ = await arena.competing_class("8A", size=10, speaking=4)
    token = await sign_in(db, await make_account(db))
    for words, code in (({"authorization": "Bearer wrong"}, 4403), ({"much": "x" * 70_000}, 1009)):
        async with line(address) as stranger:
            await stranger.say("connection_init", payload=words)
            assert (await stranger.closed())[0] == code
    async with signed_in(address, token) as client:
        await client.subscribe("RoundStanding", roundId=global_id("Round", arena.round_id))
        assert (await client.next())["standings"]["edges"][0]["node"]["participationPercent"] == 40
        for one in people[4:6]:
            await arena.say(one, class_id)
        assert (await client.next())["standings"]["edges"][0]["node"]["participationPercent"] == 60
        process.send_signal(signal.SIGTERM)
        await client.closed()
        assert await asyncio.to_thread(process.wait, 20) == 0
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert {"error", "warning", "critical"}.isdisjoint(line["level"] for line in lines)
    assert [line["status"] for line in lines if line.get("method") == "WEBSOCKET"] == [101] * 3
    assert token not in log.read_text()
