"""What the decoding subprocess is told and what it hands back. Plain data for both sides, no imaging library."""

from dataclasses import dataclass

from media.images.regions import Region
from media.images.sniff import Bounds, ImageKind
from media.processing.limits import Limits

# Raised when the same picture would come out otherwise: `stemme media-remake` then makes the older files anew.
RECIPE = 3
SIDES = (1920, 1280, 460, 64)


# 40 megapixels of progressive JPEG need about 400 MB, of AVIF 440, of HEIC 400 in tiles and some 700 in one piece.
# A camera's HEIC of 33 megapixels and 5 MB takes 7 s of processor, and a file may have five times as many bytes.
PICTURE_LIMITS = Limits(memory_mb=900, cpu_seconds=40, wall_seconds=90)


@dataclass(frozen=True, slots=True)
class Order:
    """What the subprocess is told: the file, an empty folder for the renditions, what it is, what to blur."""

    source: str
    folder: str
    kind: ImageKind
    limits: Limits
    bounds: Bounds
    regions: tuple[Region, ...] = ()


@dataclass(frozen=True, slots=True)
class RenditionFile:
    """One file that was made: sides in pixels, size in bytes, SHA-256 in hex, name inside the folder.

    `seconds` and `has_sound` are those of a movie.
    """

    format: str
    width: int
    height: int
    size: int
    sha256: str
    file: str
    seconds: float | None = None
    has_sound: bool | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """How a picture or a part of it looks, in three times 64 bits: brightness at large, in detail, and colour."""

    coarse: int
    fine: int
    colour: int


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """How a whole picture looks, also mirrored and without a border; and the small square that its cut-outs are of."""

    looks: tuple[Look, ...] = ()
    square: bytes = b""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A whole picture: the size of its largest rendition (upright), frames of the original, ThumbHash in base64."""

    kind: ImageKind
    width: int
    height: int
    frames: int
    placeholder: str
    renditions: tuple[RenditionFile, ...]
    fingerprint: Fingerprint = Fingerprint()


@dataclass(frozen=True, slots=True)
class Report:
    """The one line the subprocess prints: either what it made, or the code and parameters of a refusal."""

    made: Decoded | None = None
    refused: str | None = None
    params: dict[str, int | str] | None = None
