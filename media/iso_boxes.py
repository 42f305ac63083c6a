"""HEIC and AVIF pictures, MP4 and QuickTime movies are ISO base media files (ISO/IEC 14496-12): boxes in boxes.

Nothing is decoded and little is read: the walk has a budget of boxes, and every box must lie inside the one around it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_MOST_BYTES = 1_000_000


class BrokenBoxes(Exception):
    """The file breaks its own format."""


@dataclass(frozen=True, slots=True)
class Box:
    """Its name, and where its payload starts and ends."""

    name: bytes
    start: int
    end: int


@dataclass(slots=True)
class Walk:
    """The file and how many boxes may still be met in it. Whatever is wrong raises BrokenBoxes."""

    file: BinaryIO
    left: int

    def boxes(self, start: int, end: int) -> Iterator[Box]:
        """The boxes between two places.

        4.2: a size of 1 means that 64 bits follow, a size of 0 that the box goes on to the end.
        """
        at = start
        while at < end:
            self.left -= 1
            if self.left < 0 or at + 8 > end:
                raise BrokenBoxes
            head = self.read(at, 8)
            length, payload = int.from_bytes(head[:4], "big"), at + 8
            if length == 1:
                length, payload = int.from_bytes(self.read(at + 8, 8), "big"), at + 16
            elif length == 0:
                length = end - at
            if payload > at + length or at + length > end:
                raise BrokenBoxes
            yield Box(head[4:], payload, at + length)
            at += length

    def child(self, box: Box, *path: bytes, skip: int = 0) -> Box | None:
        """The first box along the path of names; `skip` bytes stand before the first child."""
        for name in path:
            found = next((one for one in self.boxes(box.start + skip, box.end) if one.name == name), None)
            if found is None:
                return None
            box, skip = found, 0
        return box

    def read(self, at: int, count: int) -> bytes:
        """These bytes, all of them."""
        self.file.seek(at)
        data = self.file.read(count)
        if len(data) != count:
            raise BrokenBoxes
        return data

    def content(self, box: Box, *, least: int = 0) -> bytes:
        """The box's whole payload, which must not be long."""
        length = box.end - box.start
        if not least <= length <= _MOST_BYTES:
            raise BrokenBoxes
        return self.read(box.start, length)
