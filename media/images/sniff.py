"""What a file really is, told from its headers alone: nothing is decoded, so the web process may call it.

Trailing bytes after the image are accepted: an upload is never served, and what is served is encoded anew without them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from backend.core.errors import ValidationFailed
from media.images.heif import is_image_brand, read_primary
from media.iso_boxes import BrokenBoxes
from media.refusals import check_file_size, unknown

MAX_SIDE = 16_384
# A real photo has a few dozen segments; a PNG written in 8-KB pieces has some thousand.
_MAX_SEGMENTS = 50_000


class ImageKind(StrEnum):
    """The image formats that are read; the value is the media type."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    HEIC = "image/heic"
    AVIF = "image/avif"


@dataclass(frozen=True, slots=True)
class Bounds:
    """The largest picture that is accepted: size of the file in bytes, width times height."""

    file_bytes: int = 25 * 1024 * 1024
    pixels: int = 40_000_000


DEFAULT_BOUNDS = Bounds()


@dataclass(frozen=True, slots=True)
class ImageHead:
    """What the headers claim: width and height in pixels as stored (before any rotation), and the number of frames.

    `largest` is the most pixels that must ever be decoded at once, `colour` how HEIC and AVIF name their colours.
    """

    kind: ImageKind
    width: int
    height: int
    frames: int = 1
    largest: int = 0
    colour: tuple[int, int] | None = None


def damaged() -> ValidationFailed:
    """The refusal of a file that breaks its own format."""
    return ValidationFailed("image_damaged", path=("file",))


def sniff_image(file: BinaryIO, *, size: int, bounds: Bounds = DEFAULT_BOUNDS) -> ImageHead:
    """Read the headers of a seekable file of `size` bytes.

    Raises ValidationFailed: file_too_large, media_type_unknown, image_damaged or image_too_large.
    """
    check_file_size(size, bounds.file_bytes)
    file.seek(0)
    start = file.read(16)
    for matches, read in _READERS:
        if matches(start):
            head = read(file, size)
            check_sides(head.width, head.height, bounds)
            check_pixels(head.largest, bounds)
            return head
    raise unknown()


def check_sides(width: int, height: int, bounds: Bounds) -> None:
    """Raises ValidationFailed image_damaged for an empty image, image_too_large for one that is too big to decode."""
    if width < 1 or height < 1:
        raise damaged()
    check_pixels(width * height if max(width, height) <= MAX_SIDE else bounds.pixels + 1, bounds)


def check_pixels(pixels: int, bounds: Bounds) -> None:
    """Raises ValidationFailed image_too_large, which names every limit."""
    if pixels > bounds.pixels:
        raise ValidationFailed(
            "image_too_large", path=("file",), megapixels=bounds.pixels // 1_000_000, pixels_a_side=MAX_SIDE
        )


def _exactly(file: BinaryIO, count: int) -> bytes:
    data = file.read(count)
    if len(data) != count:
        raise damaged()
    return data


# JPEG: ITU-T T.81 annex B. Frame headers we decode: baseline, extended, progressive (Huffman).
_SOF_READ = (0xC0, 0xC1, 0xC2)
_SOF_OTHER = frozenset(range(0xC3, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SOS, _EOI = 0xDA, 0xD9


def _jpeg(file: BinaryIO, size: int) -> ImageHead:
    file.seek(2)
    head: ImageHead | None = None
    for marker, length in _jpeg_segments(file, size):
        if marker in _SOF_OTHER:
            raise unknown()
        if marker in _SOF_READ:
            if head is not None:
                raise damaged()
            head = _jpeg_frame(file, length)
        if marker == _SOS:
            if head is None:
                raise damaged()
            return head
    raise damaged()


def _jpeg_segments(file: BinaryIO, size: int) -> Iterator[tuple[int, int]]:
    """Marker and payload length of each segment up to the first scan, the file standing at the payload."""
    for _ in range(_MAX_SEGMENTS):
        if _exactly(file, 1) != b"\xff":
            raise damaged()
        marker = 0xFF
        while marker == 0xFF:  # fill bytes
            marker = _exactly(file, 1)[0]
        if marker == 0x00 or marker == 0x01 or 0xD0 <= marker <= _EOI:
            raise damaged()
        length = int.from_bytes(_exactly(file, 2), "big") - 2
        payload = file.tell()
        if length < 0 or payload + length > size:
            raise damaged()
        yield marker, length
        file.seek(payload + length)
    raise damaged()


def _jpeg_frame(file: BinaryIO, length: int) -> ImageHead:
    if length < 6:
        raise damaged()
    fields = _exactly(file, 6)
    if fields[0] != 8 or fields[5] not in (1, 3, 4):
        raise unknown()
    if length != 6 + 3 * fields[5]:
        raise damaged()
    height, width = int.from_bytes(fields[1:3], "big"), int.from_bytes(fields[3:5], "big")
    return ImageHead(ImageKind.JPEG, width, height)


# PNG: W3C PNG (third edition), with acTL for animations.
def _png(file: BinaryIO, size: int) -> ImageHead:
    file.seek(8)
    head = _exactly(file, 25)
    if head[:8] != b"\x00\x00\x00\x0dIHDR":
        raise damaged()
    width, height = int.from_bytes(head[8:12], "big"), int.from_bytes(head[12:16], "big")
    frames, has_pixels = 1, False
    for name, length in _chunks(file, size, order="big", extra=4):
        if name == b"acTL" and length == 8 and not has_pixels:
            frames = max(1, int.from_bytes(_exactly(file, 4), "big"))
        has_pixels = has_pixels or name == b"IDAT"
        if name == b"IEND":
            if not has_pixels:
                break
            return ImageHead(ImageKind.PNG, width, height, frames)
    raise damaged()


def _chunks(file: BinaryIO, end: int, *, order: str, extra: int) -> Iterator[tuple[bytes, int]]:
    """Name and length of each chunk up to `end`; PNG has the length first and `extra` checksum bytes, RIFF pads."""
    for _ in range(_MAX_SEGMENTS):
        if file.tell() >= end:
            return
        prefix = _exactly(file, 8)
        if order == "big":
            length, name = int.from_bytes(prefix[:4], "big"), prefix[4:]
        else:
            length, name = int.from_bytes(prefix[4:], "little"), prefix[:4]
        payload = file.tell()
        if payload + length + extra > end:
            raise damaged()
        yield name, length
        padding = length & 1 if order == "little" else 0
        file.seek(payload + length + extra + padding)
    raise damaged()


# WebP: RFC 9649.
def _webp(file: BinaryIO, size: int) -> ImageHead:
    file.seek(4)
    end = int.from_bytes(_exactly(file, 4), "little") + 8
    if end > size:
        raise damaged()
    file.seek(12)
    canvas: tuple[int, int] | None = None
    still: tuple[int, int] | None = None
    frames = 0
    for index, (name, length) in enumerate(_chunks(file, end, order="little", extra=0)):
        if name == b"VP8X" and index == 0 and length >= 10:
            fields = _exactly(file, 10)
            canvas = (1 + int.from_bytes(fields[4:7], "little"), 1 + int.from_bytes(fields[7:10], "little"))
        elif name in (b"VP8 ", b"VP8L"):
            still = still or _webp_bitstream(file, lossless=name == b"VP8L")
        elif name == b"ANMF":
            frames += 1
        elif index == 0:
            raise damaged()
    if (still is None) == (frames == 0) or (still and canvas and still != canvas):
        raise damaged()  # neither or both kinds of image, or a header that belies the picture
    width, height = canvas or still or (0, 0)
    return ImageHead(ImageKind.WEBP, width, height, max(1, frames))


def _webp_bitstream(file: BinaryIO, *, lossless: bool) -> tuple[int, int]:
    """Width and height in the image's own header."""
    if lossless:
        fields = _exactly(file, 5)
        if fields[0] != 0x2F:
            raise damaged()
        bits = int.from_bytes(fields[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + ((bits >> 14) & 0x3FFF)
    fields = _exactly(file, 10)
    if fields[0] & 1 or fields[3:6] != b"\x9d\x01\x2a":  # must be a key frame
        raise damaged()
    return int.from_bytes(fields[6:8], "little") & 0x3FFF, int.from_bytes(fields[8:10], "little") & 0x3FFF


# HEIC and AVIF: ISO/IEC 23008-12.
def _heif(file: BinaryIO, size: int) -> ImageHead:
    try:
        found = read_primary(file, size)
    except BrokenBoxes as error:
        raise damaged() from error
    kind = ImageKind.AVIF if found.codec == "av1" else ImageKind.HEIC
    return ImageHead(kind, found.width, found.height, found.frames, found.largest, found.colour)


_READERS: tuple[tuple[Callable[[bytes], bool], Callable[[BinaryIO, int], ImageHead]], ...] = (
    (lambda start: start[:3] == b"\xff\xd8\xff", _jpeg),
    (lambda start: start[:8] == b"\x89PNG\r\n\x1a\n", _png),
    (lambda start: start[:4] == b"RIFF" and start[8:12] == b"WEBP", _webp),
    (is_image_brand, _heif),
)
