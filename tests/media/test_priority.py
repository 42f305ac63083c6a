"""Heavy work in a session of its own steps back before others, whichever way the system weighs them."""

import subprocess
import sys
from pathlib import Path

import pytest

_SCRIPT = """
import os
from pathlib import Path
from media.processing.priority import step_back
step_back(15)
group = Path("/proc/self/autogroup")
print(os.nice(0), group.read_text() if group.exists() else "none")
"""


def test_process_and_its_session_step_back() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT], check=True, capture_output=True, text=True, start_new_session=True
    )
    nice, group = done.stdout.split(maxsplit=1)
    assert int(nice) >= 15
    if not Path("/proc/self/autogroup").exists():
        pytest.skip("this system weighs processes alone")
    assert group.strip().endswith("nice 3")
