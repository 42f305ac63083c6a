"""What runs alone: heard line by line, nicer than we are, and gone when it is too slow or its parent has had enough."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from media import work
from media.processing import alone
from media.processing.alone import DecoderDied
from tests.media.test_decoder import children

Run = Callable[..., bytes]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a module of this text, with an order."""

    def run(text: str, **options: object) -> bytes:
        (tmp_path / "given.py").write_text(text)
        given = {"folder": tmp_path, "wall_seconds": 20, "nice": 10, **options}
        before = children()
        try:
            return asyncio.run(alone.run_alone("given", b'{"a": 1}', **given))  # type: ignore[arg-type]
        finally:
            assert children() == before

    monkeypatch.setattr(alone, "_ROOT", tmp_path)
    return run


def test_each_line_is_heard_and_the_last_is_the_answer(run: Run) -> None:
    heard: list[bytes] = []
    text = "import sys\nprint(1, flush=True)\nprint(2)\nprint(sys.argv[1])"
    assert run(text, heard=heard.append) == b'{"a": 1}\n'
    assert heard == [b"1\n", b"2\n", b'{"a": 1}\n']


def test_it_is_nicer_than_we_are_before_it_says_anything(run: Run) -> None:
    """It waits to be asked by name, which its parent does when it has lowered it."""
    text = "import os, time\nwhile os.nice(0) < 10: time.sleep(0.01)\nprint(os.nice(0))"
    assert int(run(text)) == min(19, os.nice(0) + 10)


def test_it_stays_in_our_session_where_nice_counts_and_leaves_our_group(run: Run) -> None:
    text = "import os\nprint(os.getsid(0), os.getpgid(0) == os.getpid())"
    assert run(text).split() == [str(os.getsid(0)).encode(), b"True"]


def test_too_slow_is_killed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alone, "_GRACE_SECONDS", 0)
    with pytest.raises(DecoderDied, match="too_slow"):
        run("import time\ntime.sleep(60)", wall_seconds=0.5)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("raise SystemExit(3)", "exit_3"),
        ("import os\nprint('made')\nos.abort()", "signal_6"),
        ("import time\nprint('x' * 200_000, flush=True)\ntime.sleep(60)", "answer_too_long"),
    ],
)
def test_what_ends_otherwise_than_well_has_died(run: Run, text: str, reason: str) -> None:
    with pytest.raises(DecoderDied, match=reason):
        run(text)


def test_who_does_not_believe_a_line_ends_it(run: Run) -> None:
    def refuse(_line: bytes) -> None:
        raise DecoderDied("answer_unreadable")

    with pytest.raises(DecoderDied, match="answer_unreadable"):
        run("import time\nprint('?', flush=True)\ntime.sleep(60)", heard=refuse)


def test_silence_is_an_empty_answer(run: Run) -> None:
    assert run("pass") == b""


@pytest.mark.parametrize(("cores", "pictures"), [(None, 1), (1, 1), (2, 1), (3, 2), (64, 2)])
def test_one_core_stays_with_what_people_wait_for(
    cores: int | None, pictures: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert work._at_once() == pictures
