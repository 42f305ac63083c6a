"""From an uploaded movie to the one that is played. Only the movie subprocess imports it."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import av.error
from av.video.frame import VideoFrame

from backend.core.errors import ValidationFailed
from media.movies.ahead import ahead
from media.movies.orders import MOVIE_FILE, POSTER_FILE, MadeMovie, Sound
from media.movies.pictures import TOLERANCE_SECONDS, PictureTrack, too_long
from media.movies.posters import Poster
from media.movies.reading import OUT_OF_MEANS, audio_of, begin_of, claimed_seconds, opened, video_of
from media.movies.sniff import DEFAULT_MOVIE_BOUNDS, MovieBounds, MovieKind, damaged, sniff_movie
from media.movies.sounds import SoundTrack, sound_of
from media.movies.writing import MovieFile

# What the library raises on a broken file.
_BROKEN = (av.error.FFmpegError, OverflowError, UnicodeDecodeError)
_FRAMES_AHEAD = 6


def make_movie(
    source: Path,
    folder: Path,
    *,
    kind: MovieKind,
    sound: Sound,
    bounds: MovieBounds = DEFAULT_MOVIE_BOUNDS,
    progress: Callable[[float], None],
) -> MadeMovie:
    """Write MOVIE_FILE and POSTER_FILE into `folder`; `kind` is what the source was found to be on upload.

    Raises ValidationFailed: movie_damaged, movie_without_video, movie_too_long, movie_too_large, movie_too_heavy (out
    of memory, or of patience with its frames), media_type_unknown, media_type_mismatch.
    """
    with source.open("rb") as file:
        if sniff_movie(file, size=source.stat().st_size, bounds=bounds) is not kind:
            raise ValidationFailed("media_type_mismatch", path=("file",))
        try:
            with _source():
                heard = _sound(file, kind, bounds) if sound is Sound.KEPT else None
            return _make(file, folder, kind=kind, heard=heard, bounds=bounds, progress=progress)
        except OUT_OF_MEANS as error:  # also the library's own
            raise ValidationFailed("movie_too_heavy", path=("file",)) from error


@contextmanager
def _source() -> Iterator[None]:
    """While the source is read, what breaks is the movie. What fails while we write is our own fault, and ends us."""
    try:
        yield
    except OUT_OF_MEANS:
        raise
    except _BROKEN as error:
        raise damaged() from error


def _sound(file: BinaryIO, kind: MovieKind, bounds: MovieBounds) -> SoundTrack | None:
    with opened(file, kind) as container:
        stream = audio_of(container)
        if stream is None or claimed_seconds(container) > bounds.seconds + TOLERANCE_SECONDS:
            return None
        return sound_of(container, stream, begin=begin_of(container), most=bounds.seconds + TOLERANCE_SECONDS)


def _make(
    file: BinaryIO,
    folder: Path,
    *,
    kind: MovieKind,
    heard: SoundTrack | None,
    bounds: MovieBounds,
    progress: Callable[[float], None],
) -> MadeMovie:
    path, poster = folder / MOVIE_FILE, Poster()
    with ExitStack() as stack:
        with _source():
            container = stack.enter_context(opened(file, kind))
            claimed = claimed_seconds(container)
            stream = video_of(container)
            if claimed > bounds.seconds + TOLERANCE_SECONDS:
                raise too_long()
            pictures = PictureTrack(stream, folder, begin=begin_of(container), bounds=bounds)
        frames = _read(pictures.frames(container.demux(stream)))
        first = next(frames, None)
        if first is None:
            raise damaged()
        with (
            closing(ahead(frames, room=_FRAMES_AHEAD)) as following,
            MovieFile(path, width=pictures.width, height=pictures.height, rate=pictures.rate, sound=heard) as movie,
        ):
            for frame in chain((first,), following):
                movie.add(frame)
                poster.look(frame, movie.seconds)
                progress(movie.seconds / (claimed or bounds.seconds))  # what a browser records claims no length
            movie.finish()
    if movie.seconds < claimed / 2 - TOLERANCE_SECONDS:
        raise damaged()  # most of it is missing
    poster.save(folder / POSTER_FILE)
    return MadeMovie(
        width=pictures.width,
        height=pictures.height,
        seconds=round(movie.seconds, 3),
        has_sound=heard is not None,
        size=path.stat().st_size,
        sha256=_digest(path),
    )


def _read(frames: Iterator[VideoFrame]) -> Iterator[VideoFrame]:
    with _source():
        yield from frames


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
