"""`python -m media.movies.convert ORDER` (JSON): make one movie anew under hard limits; prints lines of JSON.

It runs alone so that a hostile file can at worst end this process. The limits are set before the file is touched.
"""

import sys
import time
from pathlib import Path

import msgspec

from backend.core.errors import ValidationFailed
from media.movies.orders import MovieOrder, MovieReport
from media.processing.limits import limit_process

_PROGRESS_SECONDS = 0.5


class Progress:
    """Tells how far we are, now and then, and only when it is further than before."""

    def __init__(self) -> None:
        self._told = 0
        self._next = 0.0

    def __call__(self, share: float) -> None:
        """`share` of the work is done, 0..1."""
        percent, now = max(0, min(99, int(share * 100))), time.monotonic()
        if percent > self._told and now >= self._next:
            self._told, self._next = percent, now + _PROGRESS_SECONDS
            _say(MovieReport(percent=percent))


def _say(report: MovieReport) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(report) + b"\n")
    sys.stdout.buffer.flush()


def main(order: MovieOrder) -> int:
    """Convert, report, return 0; a refusal is a report too. Whatever else goes wrong ends the process."""
    limit_process(order.limits)
    from media.movies.making import make_movie  # only now: the library of movies loads under the limits

    try:
        made = make_movie(
            Path(order.source),
            Path(order.folder),
            kind=order.kind,
            sound=order.sound,
            bounds=order.bounds,
            progress=Progress(),
        )
        _say(MovieReport(made=made))
    except ValidationFailed as refusal:
        _say(MovieReport(refused=refusal.code))
    return 0


if __name__ == "__main__":
    sys.exit(main(msgspec.json.decode(sys.argv[1], type=MovieOrder)))
