"""What the movie subprocess is told and what it hands back. Plain data for both sides, no library of movies."""

from dataclasses import dataclass
from enum import StrEnum

from media.movies.sniff import MovieBounds, MovieKind
from media.processing.limits import Limits

FORMAT = "mp4"
CONTENT_TYPE = MovieKind.MP4.value
MOVIE_FILE = "movie.mp4"
POSTER_FILE = "poster.png"


class Sound(StrEnum):
    """What the author wants to be heard. Whoever must not be known by their voice takes it out and writes captions."""

    KEPT = "KEPT"
    REMOVED = "REMOVED"


# 90 s of 4K HEVC need about 700 MB and, on a slow core beside other work, 15 minutes.
MOVIE_LIMITS = Limits(memory_mb=1600, cpu_seconds=1500, wall_seconds=1800, file_mb=400)


@dataclass(frozen=True, slots=True)
class MovieOrder:
    """What the subprocess is told: the file, an empty folder, what the file was found to be, the choice of sound."""

    source: str
    folder: str
    kind: MovieKind
    sound: Sound
    limits: Limits
    bounds: MovieBounds


@dataclass(frozen=True, slots=True)
class MadeMovie:
    """The movie that was made: upright sides in pixels, duration, size in bytes, SHA-256 in hex.

    It is MOVIE_FILE in the folder; one representative frame is POSTER_FILE beside it.
    """

    width: int
    height: int
    seconds: float
    has_sound: bool
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class MovieReport:
    """A line that the subprocess prints: how far it is, and at the end what it made or the code of a refusal."""

    percent: int | None = None
    made: MadeMovie | None = None
    refused: str | None = None
