"""What is seen of a movie: upright, small, even, in plain colours, with a poster that shows something."""

import itertools
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from media.movies.sniff import MovieKind
from tests.media.converted_movies import frames, made_of, poster, result
from tests.media.movies import (
    movie,
)


@pytest.mark.parametrize(("turned", "corner"), [(0, (5, 5)), (90, (5, 155)), (180, (155, 115)), (-90, (115, 5))])
def test_every_turn_ends_upright(turned: int, corner: tuple[int, int], tmp_path: Path) -> None:
    made_of(movie(turned=turned, audio=None, seconds=0.2), tmp_path)
    red: Any = poster(tmp_path).getpixel(corner)
    assert red[0] > 180 > 90 > max(red[1:])


@pytest.mark.parametrize("transfer", [16, 18])
def test_high_dynamic_range_becomes_plain(transfer: int, tmp_path: Path) -> None:
    grey = Image.new("RGB", (160, 120), (148, 148, 148))  # 58 %: paper in HLG, a little over in PQ
    data = movie(
        codec="libx265", container="mov", pix_fmt="yuv420p10le", audio=None, seconds=0.2, frame_at=lambda _n: grey,
        colours={"color_trc": transfer, "color_primaries": 9, "colorspace": 9},
    )  # fmt: skip
    made_of(data, tmp_path, kind=MovieKind.QUICKTIME)
    shown = frames(result(tmp_path))[0]
    assert (shown.format.name, shown.colorspace, shown.color_trc, shown.color_primaries) == ("yuv420p", 1, 1, 1)
    pixel: Any = poster(tmp_path).getpixel((80, 60))
    assert max(pixel) - min(pixel) <= 4
    assert 120 < pixel[0] < 250


@pytest.mark.parametrize(
    ("rate", "times", "seconds", "fps"),
    [
        (240, None, 0.5, 30),
        (25, lambda n: n + (n // 5) * 3, 1.0, None),  # variable: it stands still every fifth picture
        (1, None, 3.0, 10),
    ],
)
def test_rates_become_even(rate: int, times: Any, seconds: float, fps: int | None, tmp_path: Path) -> None:
    made_of(movie(rate=rate, times=times, seconds=seconds, audio=None), tmp_path)
    shown = frames(result(tmp_path))
    steps = {round(float((b.pts - a.pts) * a.time_base), 4) for a, b in itertools.pairwise(shown)}
    assert len(steps) == 1
    assert fps is None or steps == {round(1 / fps, 4)}


@pytest.mark.parametrize("size", [(162, 122), (720, 4), (16, 900), (3000, 90)])
def test_sides_become_even_and_small(size: tuple[int, int], tmp_path: Path) -> None:
    made = made_of(movie(size=size, audio=None, seconds=0.2), tmp_path)
    assert made.width % 2 == made.height % 2 == 0
    assert max(made.width, made.height) <= 1280
    assert min(made.width, made.height) <= 720


def test_one_pixel_and_odd_sides(tmp_path: Path) -> None:
    for size in ((1, 1), (161, 121)):
        data = movie(size=size, codec="libvpx-vp9", container="webm", audio=None, seconds=0.2)
        made = made_of(data, tmp_path, kind=MovieKind.WEBM)
        assert made.width % 2 == made.height % 2 == 0


def test_poster_is_not_the_dark_beginning(tmp_path: Path) -> None:
    dark, light = Image.new("RGB", (160, 120)), Image.new("RGB", (160, 120), (30, 200, 60))
    made_of(movie(seconds=2.4, rate=10, audio=None, frame_at=lambda n: dark if n < 16 else light), tmp_path)
    green: Any = poster(tmp_path).getpixel((80, 60))
    assert green[1] > 150


def test_dark_movie_has_a_poster_too(tmp_path: Path) -> None:
    made_of(movie(seconds=0.3, frame_at=lambda _n: Image.new("RGB", (160, 120)), audio=None), tmp_path)
    assert poster(tmp_path).size == (160, 120)
