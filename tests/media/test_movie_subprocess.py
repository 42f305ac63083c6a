"""The movie subprocess: its limits, its progress, and that what is hostile ends it at worst."""

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import av.error
import pytest
from av.filter import Graph

from backend.core.errors import ValidationFailed
from media.movies import pictures
from media.movies.making import make_movie
from media.movies.orders import MOVIE_LIMITS, Sound
from media.movies.pictures import PictureTrack
from media.movies.sniff import MovieKind
from media.movies.writing import MovieFile
from media.processing.alone import DecoderDied
from tests.media.converted_movies import PLAIN, converted, made_of, placed, refused
from tests.media.movies import movie


@pytest.mark.parametrize("memory_mb", [220, 235, 250, 300, 350])  # too little here for a decoder, there for a filter
def test_out_of_memory_is_refused_or_ends_the_child(memory_mb: int, tmp_path: Path) -> None:
    data = movie(size=(1920, 1080), audio=None, seconds=0.2)
    with pytest.raises((ValidationFailed, DecoderDied)) as caught:
        converted(data, tmp_path, limits=replace(MOVIE_LIMITS, memory_mb=memory_mb))
    assert getattr(caught.value, "code", "movie_too_heavy") == "movie_too_heavy"


class Starved:
    """A graph of filters that cannot start a thread for some of the frames."""

    def __init__(self, lost: range) -> None:
        self._graph, self._pulled, self._lost = Graph(), 0, lost

    def __getattr__(self, name: str) -> Any:
        return getattr(self._graph, name)

    def vpull(self) -> Any:
        frame = self._graph.vpull()
        self._pulled += 1
        if self._pulled in self._lost:
            raise BlockingIOError
        return frame


@pytest.mark.parametrize("lost", [range(1, 1000), range(1, 3), range(5, 6)])
def test_filter_without_threads_does_not_blame_the_movie(
    lost: range, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "Graph", lambda: Starved(lost))
    assert refused(PLAIN, tmp_path) == "movie_too_heavy"


@pytest.mark.parametrize("step", ["add", "finish"])
def test_failure_to_write_does_not_blame_the_movie(step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_args: object) -> None:
        raise av.error.ExternalError(0, "the encoder")

    monkeypatch.setattr(MovieFile, step, failing)
    with pytest.raises(av.error.ExternalError):
        made_of(PLAIN, tmp_path)


@pytest.mark.parametrize("failure", [MemoryError(), BlockingIOError()])
def test_decoder_without_means_does_not_blame_the_movie(
    failure: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_args: object) -> None:
        raise failure

    monkeypatch.setattr(PictureTrack, "_decode", failing)
    assert refused(PLAIN, tmp_path) == "movie_too_heavy"


def test_flipped_bytes_never_hang_and_end_in_one_of_three_ways(tmp_path: Path) -> None:
    small = movie(size=(32, 32), seconds=0.2, audio=None)
    chance, moov = random.Random(20261128), small.index(b"moov")  # noqa: S311 - the same each time
    seen: set[str] = set()
    for _ in range(6):
        data = bytearray(small)
        for _ in range(chance.randrange(1, 12)):
            data[chance.randrange(moov, len(data))] = chance.randrange(256)
        try:
            converted(bytes(data), tmp_path, limits=replace(MOVIE_LIMITS, wall_seconds=20, cpu_seconds=10))
            seen.add("made")
        except ValidationFailed as error:
            seen.add(error.code)
        except DecoderDied:
            seen.add("died")
    assert seen <= {"made", "died", "movie_damaged", "movie_too_long", "movie_too_large", "movie_without_video",
                    "movie_too_heavy", "media_type_unknown"}  # fmt: skip


def test_progress_is_told_and_only_grows(tmp_path: Path) -> None:
    told: list[int] = []
    converted(movie(size=(1280, 720), seconds=3.0, audio=None), tmp_path, told=told.append)
    assert told
    assert told == sorted(set(told))
    assert 0 < told[0] <= told[-1] <= 99


def test_progress_of_what_a_browser_records_without_a_length_is_a_share_of_what_is_allowed(tmp_path: Path) -> None:
    data = movie(codec="libvpx", audio="libopus", seconds=3.0, container="webm", container_options={"live": "1"})
    shares: list[float] = []
    made = make_movie(*placed(data, tmp_path), kind=MovieKind.WEBM, sound=Sound.KEPT, progress=shares.append)
    assert 2.5 < made.seconds < 3.5
    assert shares == sorted(shares)
    assert 0.02 < shares[-1] < 0.1
