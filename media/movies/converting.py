"""Starts the movie subprocess from the worker, hears how far it is, and does not believe its answer without looking."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec

from backend.core.errors import ValidationFailed
from media.movies.orders import (
    MOVIE_FILE,
    MOVIE_LIMITS,
    POSTER_FILE,
    MadeMovie,
    MovieOrder,
    MovieReport,
    Sound,
)
from media.movies.sniff import DEFAULT_MOVIE_BOUNDS, MovieBounds, MovieKind, sniff_movie
from media.processing.alone import DecoderDied, run_alone
from media.processing.limits import Limits

_MODULE = "media.movies.convert"
_NICE = 15  # a class waits for its movies rather than for its pictures

# Called with 0..99 as the work goes on.
Told = Callable[[int], None]


def _silent(_percent: int) -> None:
    pass


async def convert_movie(
    source: Path,
    folder: Path,
    *,
    kind: MovieKind,
    sound: Sound,
    limits: Limits = MOVIE_LIMITS,
    bounds: MovieBounds = DEFAULT_MOVIE_BOUNDS,
    told: Told = _silent,
) -> MadeMovie:
    """Write the movie and its poster into the existing, empty `folder`. Cancelled, it leaves no process behind.

    Raises ValidationFailed when the movie is refused (final), DecoderDied when the process fell (may be tried again).
    """

    def heard(line: bytes) -> None:
        if (percent := _read(line).percent) is not None:
            told(max(0, min(99, percent)))

    order = msgspec.json.encode(MovieOrder(str(source), str(folder), kind, sound, limits, bounds))
    line = await run_alone(_MODULE, order, folder=folder, wall_seconds=limits.wall_seconds, nice=_NICE, heard=heard)
    report = _read(line)
    if report.refused is not None:
        raise ValidationFailed(report.refused, path=("file",))
    if report.made is None:
        raise DecoderDied("answer_empty")
    await asyncio.to_thread(_verify, folder, report.made)
    return report.made


def _read(line: bytes) -> MovieReport:
    try:
        return msgspec.json.decode(line, type=MovieReport)
    except msgspec.DecodeError as error:
        raise DecoderDied("answer_unreadable") from error


def _verify(folder: Path, made: MadeMovie) -> None:
    """The files are there, and the movie is what it is said to be."""
    try:
        path = folder / MOVIE_FILE
        size = path.stat(follow_symlinks=False).st_size
        with path.open("rb") as file:
            kind = sniff_movie(file, size=size)
        has_poster = (folder / POSTER_FILE).stat(follow_symlinks=False).st_size > 0
    except (OSError, ValidationFailed) as error:
        raise DecoderDied("answer_wrong") from error
    if kind is not MovieKind.MP4 or size != made.size or not has_poster:
        raise DecoderDied("answer_wrong")
