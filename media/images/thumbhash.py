"""ThumbHash: some 25 bytes that show a blurred picture until the real one is there.

The published format of https://github.com/evanw/thumbhash (Evan Wallace), for opaque pictures.
"""

from collections.abc import Sequence
from math import cos, pi

MAX_SIDE = 100


def thumbhash(width: int, height: int, rgb: bytes) -> bytes:
    """The hash of `width * height` RGB pixels, row by row, three bytes each; sides at most 100 pixels."""
    if not (1 <= width <= MAX_SIDE and 1 <= height <= MAX_SIDE and len(rgb) == width * height * 3):
        raise ValueError("thumbhash takes at most 100 by 100 RGB pixels")
    red, green, blue = ([value / 255 for value in rgb[channel::3]] for channel in range(3))
    longest = max(width, height)
    nx, ny = max(1, _round(7 * width / longest)), max(1, _round(7 * height / longest))
    light = [(r + g + b) / 3 for r, g, b in zip(red, green, blue, strict=True)]
    yellow_blue = [(r + g) / 2 - b for r, g, b in zip(red, green, blue, strict=True)]
    red_green = [r - g for r, g in zip(red, green, strict=True)]
    size = (width, height)
    l_dc, l_ac, l_scale = _channel(light, size, (max(3, nx), max(3, ny)))
    p_dc, p_ac, p_scale = _channel(yellow_blue, size, (3, 3))
    q_dc, q_ac, q_scale = _channel(red_green, size, (3, 3))
    landscape = width > height
    head = _round(63 * l_dc) | _round(31.5 + 31.5 * p_dc) << 6 | _round(31.5 + 31.5 * q_dc) << 12
    head |= _round(31 * l_scale) << 18
    tail = (ny if landscape else nx) | _round(63 * p_scale) << 3 | _round(63 * q_scale) << 9 | landscape << 15
    return head.to_bytes(3, "little") + tail.to_bytes(2, "little") + _nibbles([*l_ac, *p_ac, *q_ac])


def _channel(
    values: Sequence[float], size: tuple[int, int], terms: tuple[int, int]
) -> tuple[float, list[float], float]:
    """The cosine transform's mean, its other terms in the triangle scaled to 0..1, and that scale."""
    (width, height), (nx, ny) = size, terms
    rows = [values[y * width : (y + 1) * width] for y in range(height)]
    across = [[cos(pi / width * cx * (x + 0.5)) for x in range(width)] for cx in range(nx)]
    down = [[cos(pi / height * cy * (y + 0.5)) for y in range(height)] for cy in range(ny)]
    by_row = [[sum(v * f for v, f in zip(row, wave, strict=True)) for row in rows] for wave in across]
    found = [
        sum(v * f for v, f in zip(by_row[cx], down[cy], strict=True)) / (width * height)
        for cy in range(ny)
        for cx in range(nx)
        if cx * ny < nx * (ny - cy)
    ]
    mean, others = found[0], found[1:]
    scale = max(abs(value) for value in others)
    if scale:
        others = [0.5 + 0.5 / scale * value for value in others]
    return mean, others, scale


def _nibbles(values: Sequence[float]) -> bytes:
    """Four bits a value, the lower half of each byte first."""
    packed = bytearray((len(values) + 1) // 2)
    for index, value in enumerate(values):
        packed[index // 2] |= _round(15 * value) << (4 * (index % 2))
    return bytes(packed)


def _round(value: float) -> int:
    """Halves upwards, as the reference does."""
    return int(value + 0.5)
