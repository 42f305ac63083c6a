"""The frame that stands for the movie until it plays. Only for the subprocess."""

from pathlib import Path

from av.video.frame import VideoFrame

_FROM_SECONDS = 1.0
_EVERY_SECONDS = 0.5
# Mean brightness, 16..235: below it is a black or a covered lens.
_DARK = 40
_EACH = 61  # every so many bytes are looked at


class Poster:
    """Chooses the first frame after a second that is not dark; if there is none, the brightest of those looked at."""

    def __init__(self) -> None:
        self._best: VideoFrame | None = None
        self._brightness = -1.0
        self._next = 0.0

    def look(self, frame: VideoFrame, seconds: float) -> None:
        """Consider a frame at that time."""
        is_found = self._next > _FROM_SECONDS and self._brightness >= _DARK
        if is_found or seconds < self._next:
            return
        brightness = _brightness(frame)
        if brightness > self._brightness or (seconds >= _FROM_SECONDS and brightness >= _DARK):
            self._best, self._brightness = frame, brightness
        self._next = max(seconds + _EVERY_SECONDS, _FROM_SECONDS)

    def save(self, path: Path) -> None:
        """Write it as a PNG with no word about its origin."""
        assert self._best is not None  # noqa: S101 - every movie that was made has a frame
        self._best.to_image().save(  # type: ignore[no-untyped-call]
            path, "PNG", compress_level=1
        )


def _brightness(frame: VideoFrame) -> float:
    seen = bytes(frame.planes[0])[::_EACH]
    return sum(seen) / max(1, len(seen))
