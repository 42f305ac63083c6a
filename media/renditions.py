"""What the decoding subprocess hands back. Plain data, shared by both sides; imports no imaging library."""

from dataclasses import dataclass

from media.sniff import ImageKind

SIDES = (1920, 1280, 460, 64)
CONTENT_TYPES = {"webp": "image/webp", "jpeg": "image/jpeg"}


@dataclass(frozen=True, slots=True)
class RenditionFile:
    """One file that was made: sides in pixels, size in bytes, SHA-256 in hex, name inside the folder."""

    format: str
    width: int
    height: int
    size: int
    sha256: str
    file: str


@dataclass(frozen=True, slots=True)
class Decoded:
    """A whole picture: the size of its largest rendition (upright), frames of the original, ThumbHash in hex."""

    kind: ImageKind
    width: int
    height: int
    frames: int
    placeholder: str
    renditions: tuple[RenditionFile, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The one line the subprocess prints: either what it made, or the code and parameters of a refusal."""

    made: Decoded | None = None
    refused: str | None = None
    params: dict[str, int | str] | None = None
