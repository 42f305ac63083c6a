"""What a picture looks like, in bits: alike pictures differ in few. Pure.

A bit says whether a low frequency (DCT) of brightness or colour lies above or below zero, which neither size, format,
light nor a small blemish changes. Cropping does, so that a grid of cut-outs is described as well as the whole.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from math import cos, pi
from operator import mul

from media.processing.orders import Look

SIDE = 40
_WORD = 64
# Each side of a cut-out is so many tenths of the picture's, at every tenth where it fits: ten by ten cut-outs.
_TENTHS = (10, 9, 8, 7)
_LOWEST = sorted(
    ((across, down) for across in range(16) for down in range(16) if across or down),
    key=lambda one: (one[0] ** 2 + one[1] ** 2, one),
)
_BRIGHTNESS = _LOWEST[: 2 * _WORD]
_COLOUR = _LOWEST[: _WORD // 2]
# A frequency counts as seen from one of 256 levels on; with fewer of the lowest 64 a picture is too plain to be known.
_SEEN = 1.0
_LEAST_SEEN = 6

Rows = list[list[float]]
Span = tuple[int, int]


def looks_of(square: bytes) -> tuple[Look, ...]:
    """How the whole looks, and the same mirrored; nothing when it is too plain.

    `square`: SIDE by SIDE values of brightness, then as many of either colour (YCbCr).
    """
    return tuple(look for pair in _looks(square, [(0, SIDE)]) for look in pair)


def cuts_of(square: bytes) -> list[Look]:
    """How each cut-out looks that is not too plain, the whole among them."""
    return [look for look, _ in _looks(square, _spans())]


def _channels(square: bytes) -> list[Rows]:
    rows = [[*map(float, square[start:end])] for start, end in pairwise(range(0, len(square) + 1, SIDE))]
    return [rows[at : at + SIDE] for at in range(0, 3 * SIDE, SIDE)]


def _spans() -> list[Span]:
    """The stretches of one side that cut-outs take; the whole side first."""
    tenth = SIDE // 10
    return [(start * tenth, (start + long) * tenth) for long in _TENTHS for start in range(11 - long)]


def _looks(square: bytes, spans: Sequence[Span]) -> Iterator[tuple[Look, Look]]:
    """Each cut-out, and the same mirrored, row of cut-outs by row; those that are too plain are left out."""
    brightness, blue, red = _channels(square)
    for bright, one, other in zip(
        _spectra(brightness, spans, _BRIGHTNESS),
        _spectra(blue, spans, _COLOUR),
        _spectra(red, spans, _COLOUR),
        strict=True,
    ):
        coarse, fine, colour = bright[:_WORD], bright[_WORD:], [*one, *other]
        if sum(abs(value) >= _SEEN for value in coarse) >= _LEAST_SEEN:
            look = Look(_word(coarse), _word(fine), _word(colour))
            yield look, Look(*(_flipped(*pair) for pair in zip(_words(look), _mirror(), strict=True)))


def _spectra(rows: Rows, spans: Sequence[Span], wanted: Sequence[Span]) -> Iterator[list[float]]:
    """The wanted frequencies (across, down) of each cut-out: first all rows of it across, then what is left down."""
    highest = max(max(pair) for pair in wanted) + 1
    for left, right in spans:
        waves = _waves(right - left, highest)
        parts = [row[left:right] for row in rows]
        columns = [[sum(map(mul, part, wave)) for part in parts] for wave in waves]
        for upper, lower in spans:
            waves_down = _waves(lower - upper, highest)
            cut = [column[upper:lower] for column in columns]
            area = (right - left) * (lower - upper)
            yield [sum(map(mul, cut[across], waves_down[down])) / area for across, down in wanted]


@cache
def _waves(length: int, count: int) -> list[list[float]]:
    return [[cos(pi * number * (at + 0.5) / length) for at in range(length)] for number in range(count)]


def _word(values: Sequence[float]) -> int:
    """The signs as a signed number of 64 bits, which is what the database keeps."""
    return _signed(sum(1 << place for place, value in enumerate(values) if value > 0))


def _signed(bits: int) -> int:
    return bits - (1 << _WORD) if bits >> (_WORD - 1) else bits


def _words(look: Look) -> tuple[int, int, int]:
    return look.coarse, look.fine, look.colour


@cache
def _mirror() -> tuple[int, int, int]:
    """What mirroring turns round: every frequency that is odd across."""
    odd = [across % 2 for across, _ in _BRIGHTNESS]
    return _word(odd[:_WORD]), _word(odd[_WORD:]), _word([across % 2 for across, _ in (*_COLOUR, *_COLOUR)])


def _flipped(word: int, turned: int) -> int:
    return _signed((word ^ turned) & ((1 << _WORD) - 1))
