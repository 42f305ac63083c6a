"""HEIC and AVIF (ISO/IEC 23008-12): reads what the primary item is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from media.iso_boxes import Box, BrokenBoxes, Walk

# A phone's photo of 48 tiles has some 150 boxes in all.
_MOST_BOXES = 20_000
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})
_IMAGE_BRANDS = _AVIF_BRANDS | _HEIC_BRANDS | {b"mif1", b"mif2", b"msf1"}


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


def is_image_brand(start: bytes) -> bool:
    """Whether the first twelve bytes of a file name it a HEIF picture, not a movie."""
    return start[4:8] == b"ftyp" and start[8:12] in _IMAGE_BRANDS


def read_primary(file: BinaryIO, size: int) -> Primary:
    """What the primary item of a file of `size` bytes is. Raises BrokenBoxes."""
    walk = Walk(file, _MOST_BOXES)
    top: dict[bytes, Box] = {}
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
    properties = list(walk.boxes(container.start, container.end))
    own = _own_properties(walk, parts[b"iprp"], properties, _primary_id(walk, parts[b"pitm"]))
    sides = [_sides(walk, box) for box in own if box.name == b"ispe"]
    if len(sides) != 1:
        raise BrokenBoxes
    claimed = [_sides(walk, box) for box in properties if box.name == b"ispe"]
    return Primary(
        codec=_codec(walk, top[b"ftyp"], properties),
        width=sides[0][0],
        height=sides[0][1],
        largest=max(width * height for width, height in claimed),
        frames=_frames(walk, top.get(b"moov")),
        colour=_colour(walk, own),
    )


def _primary_id(walk: Walk, box: Box) -> int:
    data = walk.content(box, least=6)
    return int.from_bytes(data[4:6] if data[0] == 0 else data[4:8], "big")


def _own_properties(walk: Walk, iprp: Box, properties: Sequence[Box], item: int) -> list[Box]:
    """The properties that `ipma` gives to the item."""
    for box in walk.boxes(iprp.start, iprp.end):
        if box.name == b"ipma":
            numbers = _associations(walk.content(box, least=8), item)
            if numbers and max(numbers) > len(properties):
                raise BrokenBoxes
            if numbers:
                return [properties[number - 1] for number in numbers if number]
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


def _sides(walk: Walk, box: Box) -> tuple[int, int]:
    data = walk.content(box, least=12)
    return int.from_bytes(data[4:8], "big"), int.from_bytes(data[8:12], "big")


def _codec(walk: Walk, ftyp: Box, properties: Sequence[Box]) -> str:
    """By the brands, and by the decoder's settings when they leave it open."""
    data = walk.content(ftyp, least=8)
    brands = {data[:4], *(data[at : at + 4] for at in range(8, len(data), 4))}
    settings = {box.name for box in properties}
    if data[:4] in _AVIF_BRANDS or (not brands & _HEIC_BRANDS and b"av1C" in settings):
        codec, needed = "av1", b"av1C"
    else:
        codec, needed = "hevc", b"hvcC"
    if needed not in settings:
        raise BrokenBoxes
    return codec


def _frames(walk: Walk, moov: Box | None) -> int:
    """Samples of the longest track; one when nothing moves."""
    frames = 1
    for box in walk.boxes(moov.start, moov.end) if moov is not None else ():
        sizes = walk.child(box, b"mdia", b"minf", b"stbl", b"stsz") if box.name == b"trak" else None
        if sizes is not None and sizes.end - sizes.start >= 12:
            frames = max(frames, int.from_bytes(walk.read(sizes.start + 8, 4), "big"))
    return frames


def _colour(walk: Walk, own: list[Box]) -> tuple[int, int] | None:
    for box in own:
        if box.name == b"colr" and box.end - box.start >= 11 and walk.read(box.start, 4) == b"nclx":
            data = walk.read(box.start + 4, 4)
            return int.from_bytes(data[:2], "big"), int.from_bytes(data[2:], "big")
    return None
