"""Heavy work steps back behind everything that people wait for."""

import contextlib
import os
from pathlib import Path

_GROUP = Path("/proc/self/autogroup")
_LESS = 5


def step_back(nice: int) -> None:
    """Lower this process's priority by `nice`, 1 to 19.

    Linux may weigh whole sessions against each other (autogroup), and within one alone looks at how nice a process is.
    What decodes has a session of its own, so the session says it as well: less of it, since there may be many sessions
    and the work has to be done in its time.
    """
    os.nice(nice)
    with contextlib.suppress(OSError):  # another system, or one without this
        _GROUP.write_text(str(nice // _LESS), "ascii")
