"""Keeps what a process knows from the processes that it starts."""

import ctypes
import sys

_PR_SET_DUMPABLE = 4


def hide_own_memory() -> bool:
    """Whether no other process of this user can read our memory and environment from now on (Linux only).

    They hold the server's secret and the database's password; a decoder that a hostile file has taken over runs as the
    same user. Root can still read them, so nothing here should run as root.
    """
    if sys.platform != "linux":
        return False
    failed: int = ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    return failed == 0
