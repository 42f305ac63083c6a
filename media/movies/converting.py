"""Starts the movie subprocess from the worker, hears how far it is, and does not believe its answer without looking."""

import asyncio
import contextlib
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from backend.core.errors import ValidationFailed
from media.movies.orders import (
    DEFAULT_MOVIE_LIMITS,
    MOVIE_FILE,
    POSTER_FILE,
    MadeMovie,
    MovieLimits,
    MovieOrder,
    MovieReport,
    Sound,
)
from media.movies.sniff import DEFAULT_MOVIE_BOUNDS, MovieBounds, MovieKind, sniff_movie
from media.processing.decoder import DecoderDied

_ROOT = Path(__file__).resolve().parents[2]
_LINE_BYTES = 65_536
_GRACE_SECONDS = 2

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
    limits: MovieLimits = DEFAULT_MOVIE_LIMITS,
    bounds: MovieBounds = DEFAULT_MOVIE_BOUNDS,
    told: Told = _silent,
) -> MadeMovie:
    """Write the movie and its poster into the existing, empty `folder`. Cancelled, it leaves no process behind.

    Raises ValidationFailed when the movie is refused (final), DecoderDied when the process fell (may be tried again).
    """
    report = await _run(MovieOrder(str(source), str(folder), kind, sound, limits, bounds), told)
    if report.refused is not None:
        raise ValidationFailed(report.refused, path=("file",))
    if report.made is None:
        raise DecoderDied("answer_empty")
    await asyncio.to_thread(_verify, folder, report.made)
    return report.made


async def _run(order: MovieOrder, told: Told) -> MovieReport:
    """The last report of the subprocess, which inherits no environment, as in `run_alone`."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-s", "-m", "media.movies.convert", msgspec.json.encode(order).decode()),
        stdin=asyncio.subprocess.PIPE,  # never written to: its end tells the child that we are gone
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PYTHONPATH": str(_ROOT), "LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2"},
        cwd=order.folder,
        limit=_LINE_BYTES,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(order.limits.wall_seconds + _GRACE_SECONDS):
            report = await _last_report(process, told)
            status = await process.wait()
    except TimeoutError:
        raise DecoderDied("too_slow") from None
    finally:
        await _end(process)
    if status != 0:
        raise DecoderDied(f"signal_{-status}" if status < 0 else f"exit_{status}")
    return report


async def _last_report(process: asyncio.subprocess.Process, told: Told) -> MovieReport:
    assert process.stdout is not None  # noqa: S101 - asked for above
    report = MovieReport()
    try:
        while line := await process.stdout.readline():
            report = msgspec.json.decode(line, type=MovieReport)
            if report.percent is not None:
                told(max(0, min(99, report.percent)))
    except msgspec.DecodeError as error:
        raise DecoderDied("answer_unreadable") from error
    except ValueError as error:
        raise DecoderDied("answer_too_long") from error
    return report


async def _end(process: asyncio.subprocess.Process) -> None:
    """No child stays behind, also when the caller is cancelled."""
    if process.stdin is not None:
        process.stdin.close()
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


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
