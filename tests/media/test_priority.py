"""Heavy work in a session of its own steps back before others, whichever way the system weighs them."""

import subprocess
import sys
from pathlib import Path

import pytest

_GROUP = Path("/proc/self/autogroup")


def stepped_back(prepare: str = "") -> list[str]:
    """How nice a process is that has stepped back, and what the system then says of its session, if it knows any."""
    script = f"""
import os
from media.processing import priority
{prepare}
priority.step_back(15)
print(os.nice(0), priority._GROUP.read_text() if priority._GROUP.exists() else "")
"""
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True, start_new_session=True
    )
    return done.stdout.split()


def test_process_steps_back_also_where_sessions_are_not_weighed() -> None:
    nice = stepped_back("from pathlib import Path; priority._GROUP = Path('/proc/self/no-such-file')")
    assert [int(one) >= 15 for one in nice] == [True]


@pytest.mark.skipif(not _GROUP.exists(), reason="a kernel without autogroup weighs processes alone")
def test_session_steps_back_where_sessions_are_weighed() -> None:
    assert stepped_back()[-2:] == ["nice", "3"]
