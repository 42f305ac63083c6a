"""Which bytes of a file are asked for (RFC 9110, section 14): a phone that plays a movie jumps about in it. Pure."""

import re
from dataclasses import dataclass

_ONE_RANGE = re.compile(r"bytes[ \t]*=[ \t]*(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))[ \t]*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Span:
    """The bytes from `start` up to but not including `end` of a file of `size` bytes."""

    start: int
    end: int
    size: int

    @property
    def length(self) -> int:
        """How many bytes."""
        return self.end - self.start

    @property
    def content_range(self) -> str:
        """The value of the header of the same name."""
        return f"bytes {self.start}-{self.end - 1}/{self.size}"


class OutsideFile(Exception):
    """None of the bytes that are asked for exist."""


def asked_span(asked: str | None, *, size: int, tag: str, if_range: str | None = None) -> Span | None:
    """The part that a Range header asks for; None: send the whole file. Raises OutsideFile.

    `tag` is the file's ETag with its quotes. More than one range, another unit and nonsense are answered with the whole
    file, as is an If-Range of anything but this very file: files here have no date, so no date can match.
    """
    found = _ONE_RANGE.fullmatch(asked or "")
    if found is None or (if_range is not None and if_range.strip() != tag):
        return None
    first, last, suffix = found.groups()
    if suffix is not None:
        return _of(max(0, size - int(suffix)), size, size)
    if last and int(last) < int(first):
        return None
    return _of(int(first), min(int(last) + 1, size) if last else size, size)


def _of(start: int, end: int, size: int) -> Span:
    if start >= end:
        raise OutsideFile
    return Span(start, end, size)
