"""What a process that has hidden its memory still shows to the processes that it starts."""

import subprocess
import sys

import pytest

from backend.core.own_memory import hide_own_memory

# Not as root, who reads everything; and laid open first, because giving up root hides a process too.
_PARENT = """
import ctypes, os, subprocess, sys
from backend.core.own_memory import hide_own_memory
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)
if sys.argv[1] == "hidden":
    assert hide_own_memory()
read = ["/bin/cat", f"/proc/{os.getpid()}/environ"]
print(subprocess.run(read, env={}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's own means, on Linux alone")
@pytest.mark.parametrize(("how", "status"), [("hidden", 1), ("open", 0)])
def test_child_cannot_read_the_environment_of_a_hidden_parent(how: str, status: int) -> None:
    # Printed, since a parent that fails before it asks ends with a status too.
    done = subprocess.run([sys.executable, "-c", _PARENT, how], check=True, stdout=subprocess.PIPE, text=True)
    assert done.stdout.split() == [str(status)]


def test_elsewhere_it_says_that_nothing_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert hide_own_memory() is False
