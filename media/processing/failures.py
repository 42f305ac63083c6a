"""Why a file could not be prepared, as a code with words for its author, made of how the subprocess ended. Pure."""

import signal

FAILED = "media_failed"
MOVIE_FAILED = "movie_failed"
TOO_SLOW = "media_too_slow"
TOO_HEAVY = "media_too_heavy"

_CODES = {
    "too_slow": TOO_SLOW,
    f"signal_{signal.SIGALRM.value}": TOO_SLOW,
    f"signal_{signal.SIGXCPU.value}": TOO_SLOW,
    f"signal_{signal.SIGKILL.value}": TOO_HEAVY,  # nobody but the system kills so, when memory runs out
    f"signal_{signal.SIGXFSZ.value}": TOO_HEAVY,
}


def failure_code(ended: str) -> str:
    """The code for `DecoderDied.reason`; whatever is not known is told as "could not be read"."""
    return _CODES.get(ended, FAILED)


def is_own_limit(ended: str) -> bool:
    """Whether it ended at a limit of ours, as it would again; what the system kills may have been killed for others."""
    return ended in _CODES and ended != f"signal_{signal.SIGKILL.value}"
