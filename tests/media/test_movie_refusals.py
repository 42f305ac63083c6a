"""Movies that are refused, and how much may be wrong with one that is not."""

import struct
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from media.movies.sniff import MovieBounds, MovieKind
from tests.media.converted_movies import PLAIN, made_of, refused
from tests.media.movies import (
    movie,
    only_sound,
    packets_of,
    patched,
)


def test_sound_alone_is_refused(tmp_path: Path) -> None:
    assert refused(only_sound(), tmp_path) == "movie_without_video"


def test_other_container_than_sniffed_is_refused(tmp_path: Path) -> None:
    assert refused(PLAIN, tmp_path, kind=MovieKind.WEBM) == "media_type_mismatch"


def test_hours_are_refused_whether_claimed_or_hidden(tmp_path: Path) -> None:
    tiny: dict[str, Any] = {"size": (16, 16), "audio": None, "rate": 1}
    assert refused(movie(seconds=93, **tiny), tmp_path) == "movie_too_long"
    hidden = movie(
        seconds=20, times=lambda n: n * 1800, container_options={"movflags": "frag_keyframe+empty_moov"}, **tiny
    )
    assert refused(hidden, tmp_path) == "movie_too_long"
    lying = movie(seconds=20, times=lambda n: n * 1800, **tiny)
    for name in (b"mvhd", b"tkhd", b"mdhd"):
        lying = patched(lying, name, 16 if name != b"tkhd" else 20, struct.pack(">I", 1000))
    assert refused(lying, tmp_path) == "movie_too_long"


def test_longer_than_the_bound_is_refused_and_a_little_longer_is_not(tmp_path: Path) -> None:
    data = movie(seconds=2.0, rate=10, audio=None)
    assert refused(data, tmp_path, bounds=MovieBounds(seconds=0)) == "movie_too_long"
    assert made_of(data, tmp_path, bounds=MovieBounds(seconds=1)).seconds == pytest.approx(2.0, abs=0.1)


def test_huge_sides_are_refused_before_decoding(tmp_path: Path) -> None:
    small = MovieBounds(pixels=100 * 100)
    assert refused(PLAIN, tmp_path, bounds=small) == "movie_too_large"
    assert refused(PLAIN, tmp_path, bounds=MovieBounds(side=100)) == "movie_too_large"


def test_truncated_movie_is_refused(tmp_path: Path) -> None:
    noise = Image.effect_noise((160, 120), 90)
    whole = movie(
        container_options={"movflags": "faststart"},
        seconds=4.0,
        rate=10,
        audio=None,
        frame_at=lambda n: noise.rotate(n * 7).convert("RGB"),
    )
    assert refused(whole[: len(whole) // 4], tmp_path) == "movie_damaged"
    assert refused(PLAIN[: len(PLAIN) // 2], tmp_path) == "movie_damaged"


def test_some_broken_packets_are_passed_over_and_many_are_not(tmp_path: Path) -> None:
    whole = movie(seconds=2.0, options={"g": "5"}, audio=None)
    places = [(packet.pos, packet.size) for packet in packets_of(whole, "video")]
    some, many = bytearray(whole), bytearray(whole)
    for pos, size in places[10:14]:
        some[pos + 4 : pos + size] = bytes(size - 4)
    for pos, size in places:
        many[pos + 4 : pos + size] = b"\xff" * (size - 4)
    assert made_of(bytes(some), tmp_path).seconds > 1.5
    assert refused(bytes(many), tmp_path) == "movie_damaged"
