"""Which container a movie is in, told from its headers alone: nothing is decoded, so the web process may call it.

A playlist, which would name other files or hosts, is none of them and therefore unknown.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from backend.core.errors import ValidationFailed
from media.iso_boxes import BrokenBoxes, Walk
from media.refusals import check_file_size, unknown


class MovieKind(StrEnum):
    """The containers that are read; the value is the media type."""

    MP4 = "video/mp4"
    QUICKTIME = "video/quicktime"
    WEBM = "video/webm"


@dataclass(frozen=True, slots=True)
class MovieBounds:
    """The largest movie that is accepted: size of the file in bytes, duration, width times height, the longer side."""

    file_bytes: int = 200 * 1024 * 1024
    seconds: int = 90
    pixels: int = 4096 * 2304
    side: int = 4096


DEFAULT_MOVIE_BOUNDS = MovieBounds()

# The first brand of an ISO file. HEIC and AVIF pictures begin the same way, with brands of their own.
_QUICKTIME = b"qt  "
_MP4 = frozenset(
    b"isom iso2 iso3 iso4 iso5 iso6 iso7 iso8 iso9 mp41 mp42 mp71 avc1 hvc1 av01 M4VH M4VP MSNV mmp4 dash"
    b" 3gp4 3gp5 3gp6 3gp7 3gp8 3gp9 3g2a 3g2b 3g2c XAVC".split()
) | {b"M4V ", b"f4v "}
_EBML = b"\x1a\x45\xdf\xa3"
_DOCTYPE = 0x4282
# A fragmented movie of 90 seconds has a few hundred boxes.
_MAX_BOXES = 10_000
_MAX_HEAD_BYTES = 4096


def damaged() -> ValidationFailed:
    """The refusal of a movie that breaks its own format."""
    return ValidationFailed("movie_damaged", path=("file",))


def is_movie(start: bytes) -> bool:
    """Whether a file whose first 16 bytes these are claims to be one of the containers above."""
    return start[:4] == _EBML or (start[4:8] == b"ftyp" and (start[8:12] in _MP4 or start[8:12] == _QUICKTIME))


def sniff_movie(file: BinaryIO, *, size: int, bounds: MovieBounds = DEFAULT_MOVIE_BOUNDS) -> MovieKind:
    """Read the headers of a seekable file of `size` bytes.

    Raises ValidationFailed: file_too_large, media_type_unknown or movie_damaged.
    """
    check_file_size(size, bounds.file_bytes)
    file.seek(0)
    start = file.read(16)
    if not is_movie(start):
        raise unknown()
    if start[:4] == _EBML:
        return _ebml(file)
    _require_index(file, size)
    return MovieKind.QUICKTIME if start[8:12] == _QUICKTIME else MovieKind.MP4


def _require_index(file: BinaryIO, size: int) -> None:
    """Nothing in an ISO file can be found without its `moov` box: one that was cut off before it is refused here."""
    try:
        has_index = any(box.name == b"moov" for box in Walk(file, _MAX_BOXES).boxes(0, size))
    except BrokenBoxes as error:
        raise damaged() from error
    if not has_index:
        raise damaged()


def _ebml(file: BinaryIO) -> MovieKind:
    """RFC 8794: the header is a list of elements; one of them names what the file holds."""
    file.seek(0)
    data = file.read(_MAX_HEAD_BYTES)
    length, at = _number(data, 4)
    end = at + length
    while at < min(end, len(data)):
        name, at = _number(data, at, with_marker=True)
        length, at = _number(data, at)
        if name == _DOCTYPE:
            if data[at : at + length].rstrip(b"\0") != b"webm":
                raise unknown()
            return MovieKind.WEBM
        at += length
    raise damaged()


def _number(data: bytes, at: int, *, with_marker: bool = False) -> tuple[int, int]:
    """A number of 1 to 8 bytes, the first of which tells how many, and the place behind it."""
    first = data[at] if at < len(data) else 0
    width = 9 - first.bit_length()
    if width > 8 or at + width > len(data):
        raise damaged()
    value = int.from_bytes(data[at : at + width], "big")
    return (value if with_marker else value & ((1 << 7 * width) - 1)), at + width
