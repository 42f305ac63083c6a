"""HEIC and AVIF are ISO base media files (ISO/IEC 14496-12, 23008-12): boxes in boxes. Reads what the primary item is.

Nothing is decoded and little is read: the walk has a budget of boxes, and every box must lie inside the one around it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

# A phone's photo of 48 tiles has some 150 boxes in all.
_MOST_BOXES = 20_000
_MOST_BYTES = 1_000_000
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})
_IMAGE_BRANDS = _AVIF_BRANDS | _HEIC_BRANDS | {b"mif1", b"mif2", b"msf1"}


class BrokenBoxes(Exception):
    """The file breaks its own format."""


@dataclass(frozen=True, slots=True)
class Primary:
    """The picture that is shown: codec (`hevc`, `av1`), sides as stored, frames of a sequence, colour code points.

    `largest` is the greatest number of pixels that any picture in the file claims, tiles and hidden ones included.
    `colour` is (primaries, transfer) as ITU-T H.273 numbers them, if the file names them.
    """

    codec: str
    width: int
    height: int
    largest: int
    frames: int
    colour: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class _Box:
    name: bytes
    start: int
    end: int


@dataclass(slots=True)
class _Walk:
    """The file and how many boxes may still be met in it."""

    file: BinaryIO
    left: int = _MOST_BOXES
    properties: list[_Box] = field(default_factory=list)

    def boxes(self, start: int, end: int) -> Iterator[_Box]:
        """The boxes between two places; `start` and `end` of each are those of its payload."""
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
            yield _Box(head[4:], payload, at + length)
            at += length

    def child(self, box: _Box, *path: bytes, skip: int = 0) -> _Box | None:
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

    def content(self, box: _Box, *, least: int = 0) -> bytes:
        """The box's whole payload, which must not be long."""
        length = box.end - box.start
        if not least <= length <= _MOST_BYTES:
            raise BrokenBoxes
        return self.read(box.start, length)


def is_image_brand(start: bytes) -> bool:
    """Whether the first twelve bytes of a file name it a HEIF picture, not a movie."""
    return start[4:8] == b"ftyp" and start[8:12] in _IMAGE_BRANDS


def read_primary(file: BinaryIO, size: int) -> Primary:
    """What the primary item of a file of `size` bytes is. Raises BrokenBoxes."""
    walk = _Walk(file)
    top: dict[bytes, _Box] = {}
    for box in walk.boxes(0, size):
        if box.name in (b"meta", b"ftyp") and box.name in top:
            raise BrokenBoxes
        top.setdefault(box.name, box)
    meta = top.get(b"meta")
    if meta is None or b"ftyp" not in top:
        raise BrokenBoxes
    parts = {box.name: box for box in walk.boxes(meta.start + 4, meta.end)}
    if b"pitm" not in parts or b"iprp" not in parts:
        raise BrokenBoxes
    if b"mdat" not in top and b"idat" not in parts:  # cut right behind the description: nothing is left to show
        raise BrokenBoxes
    container = walk.child(parts[b"iprp"], b"ipco")
    if container is None:
        raise BrokenBoxes
    walk.properties = list(walk.boxes(container.start, container.end))
    own = _own_properties(walk, parts[b"iprp"], _primary_id(walk, parts[b"pitm"]))
    sides = [_sides(walk, box) for box in own if box.name == b"ispe"]
    if len(sides) != 1:
        raise BrokenBoxes
    claimed = [_sides(walk, box) for box in walk.properties if box.name == b"ispe"]
    return Primary(
        codec=_codec(walk, top[b"ftyp"]),
        width=sides[0][0],
        height=sides[0][1],
        largest=max(width * height for width, height in claimed),
        frames=_frames(walk, top.get(b"moov")),
        colour=_colour(walk, own),
    )


def _primary_id(walk: _Walk, box: _Box) -> int:
    data = walk.content(box, least=6)
    return int.from_bytes(data[4:6] if data[0] == 0 else data[4:8], "big")


def _own_properties(walk: _Walk, iprp: _Box, item: int) -> list[_Box]:
    """The properties that `ipma` gives to the item."""
    for box in walk.boxes(iprp.start, iprp.end):
        if box.name == b"ipma":
            numbers = _associations(walk.content(box, least=8), item)
            if numbers and max(numbers) > len(walk.properties):
                raise BrokenBoxes
            if numbers:
                return [walk.properties[number - 1] for number in numbers if number]
    raise BrokenBoxes


def _associations(data: bytes, item: int) -> list[int]:
    """The numbers of the item's properties, counted from one."""
    id_bytes = 2 if data[0] == 0 else 4
    number_bytes = 2 if data[3] & 1 else 1
    at = 8
    for _ in range(int.from_bytes(data[4:8], "big")):
        if at + id_bytes >= len(data):
            raise BrokenBoxes
        found, count = int.from_bytes(data[at : at + id_bytes], "big"), data[at + id_bytes]
        at += id_bytes + 1
        end = at + count * number_bytes
        if end > len(data):
            raise BrokenBoxes
        if found == item:
            mask = (1 << (8 * number_bytes - 1)) - 1  # the top bit says that a reader must know it
            step = range(at, end, number_bytes)
            return [int.from_bytes(data[one : one + number_bytes], "big") & mask for one in step]
        at = end
    return []


def _sides(walk: _Walk, box: _Box) -> tuple[int, int]:
    data = walk.content(box, least=12)
    return int.from_bytes(data[4:8], "big"), int.from_bytes(data[8:12], "big")


def _codec(walk: _Walk, ftyp: _Box) -> str:
    """By the brands, and by the decoder's settings when they leave it open."""
    data = walk.content(ftyp, least=8)
    brands = {data[:4], *(data[at : at + 4] for at in range(8, len(data), 4))}
    settings = {box.name for box in walk.properties}
    if data[:4] in _AVIF_BRANDS or (not brands & _HEIC_BRANDS and b"av1C" in settings):
        codec, needed = "av1", b"av1C"
    else:
        codec, needed = "hevc", b"hvcC"
    if needed not in settings:
        raise BrokenBoxes
    return codec


def _frames(walk: _Walk, moov: _Box | None) -> int:
    """Samples of the longest track; one when nothing moves."""
    frames = 1
    for box in walk.boxes(moov.start, moov.end) if moov is not None else ():
        sizes = walk.child(box, b"mdia", b"minf", b"stbl", b"stsz") if box.name == b"trak" else None
        if sizes is not None and sizes.end - sizes.start >= 12:
            frames = max(frames, int.from_bytes(walk.read(sizes.start + 8, 4), "big"))
    return frames


def _colour(walk: _Walk, own: list[_Box]) -> tuple[int, int] | None:
    for box in own:
        if box.name == b"colr" and box.end - box.start >= 11 and walk.read(box.start, 4) == b"nclx":
            data = walk.read(box.start + 4, 4)
            return int.from_bytes(data[:2], "big"), int.from_bytes(data[2:], "big")
    return None
