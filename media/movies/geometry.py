"""How large a movie becomes and which way up it is. Pure."""

import struct

LONGER_SIDE, SHORTER_SIDE = 1280, 720
_SMALLEST_SIDE = 16
# Rows of the display matrix that turn the picture, rounded to -1, 0 or 1: a b c d with x' = a·x + c·y, y' = b·x + d·y.
_TURNS: dict[tuple[int, int, int, int], tuple[str, ...]] = {
    (1, 0, 0, 1): (),
    (0, 1, -1, 0): ("transpose=clock",),
    (-1, 0, 0, -1): ("hflip", "vflip"),
    (0, -1, 1, 0): ("transpose=cclock",),
    (-1, 0, 0, 1): ("hflip",),
    (1, 0, 0, -1): ("vflip",),
    (0, 1, 1, 0): ("transpose=cclock_flip",),
    (0, -1, -1, 0): ("transpose=clock_flip",),
}


def turn_of(matrix: bytes) -> tuple[str, ...]:
    """The filters that bring a picture with this display matrix (nine 32-bit numbers) upright; none for a strange one.

    ISO/IEC 14496-12, 6.2.2. Angles between the four are brought to the nearest.
    """
    if len(matrix) != 36:
        return ()
    a, b, _, c, d, *_ = struct.unpack("=9i", matrix)
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return _TURNS.get((_sign(a), 0, 0, _sign(d)), ())
    return _TURNS.get((0, _sign(b), _sign(c), 0), ())


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)


def swaps_sides(turn: tuple[str, ...]) -> bool:
    """Whether width and height change places."""
    return any(part.startswith("transpose") for part in turn)


def fitted(width: int, height: int, *, pixel_shape: float) -> tuple[int, int]:
    """Even sides with square pixels for a stored picture, 1280 × 720 or 720 × 1280 at most, never larger than it is.

    `pixel_shape`: how wide a pixel is for its height; something absurd counts as square.
    """
    if not 0.1 <= pixel_shape <= 10:
        pixel_shape = 1
    wide, high = width * max(1.0, pixel_shape), height / min(1.0, pixel_shape)
    scale = min(1.0, LONGER_SIDE / max(wide, high), SHORTER_SIDE / min(wide, high))
    return _even(wide * scale), _even(high * scale)


def _even(side: float) -> int:
    return max(_SMALLEST_SIDE, round(side / 2) * 2)
