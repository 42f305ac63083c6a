"""What the drawing subprocess is told and what it hands back. Plain data for both sides, no typesetter."""

from dataclasses import dataclass
from enum import StrEnum

from media.processing.limits import Limits


class CardShape(StrEnum):
    """The two sizes: a picture in a feed, 1080×1350, and one that fills a phone, 1080×1920."""

    POST = "POST"
    STORY = "STORY"


@dataclass(frozen=True, slots=True)
class Frame:
    """Sides in pixels, and what stays free above and below: over a story the apps lay their own buttons."""

    width: int
    height: int
    top: int
    bottom: int


FRAMES = {CardShape.POST: Frame(1080, 1350, 92, 88), CardShape.STORY: Frame(1080, 1920, 262, 352)}


# What drawing the cards of one statement may use.
CARD_LIMITS = Limits(memory_mb=1500, cpu_seconds=20, wall_seconds=40)


@dataclass(frozen=True, slots=True)
class CardContent:
    """What stands on a card. `quote` without quotation marks; colours as #rrggbb; `place` may be empty."""

    quote: str
    language: str
    direction: str
    who: str
    place: str
    title: str
    background: str
    accent: str


@dataclass(frozen=True, slots=True)
class CardOrder:
    """What the subprocess is told: the content, an empty folder for the files, the shapes."""

    content: CardContent
    folder: str
    shapes: tuple[CardShape, ...]
    limits: Limits


@dataclass(frozen=True, slots=True)
class CardFile:
    """One card that was drawn: sides in pixels, size in bytes, SHA-256 in hex, name inside the folder."""

    shape: CardShape
    width: int
    height: int
    size: int
    sha256: str
    file: str


@dataclass(frozen=True, slots=True)
class CardReport:
    """The one line the subprocess prints: the files, or the code and parameters of a refusal."""

    files: tuple[CardFile, ...] = ()
    refused: str | None = None
    params: dict[str, str] | None = None
