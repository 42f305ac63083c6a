"""From a picture to what it is known again by: how it looks, and a small square for its cut-outs.

Only the decoding subprocess imports it.
"""

from PIL import Image, ImageChops

from media.images.looks import SIDE, looks_of
from media.processing.orders import Fingerprint

# Corners and edges of one colour, within these levels, are a border; what is left must be half of the picture.
_SAME_CORNERS = 20
_SAME_EDGE = 24
_TRIM_SIDE = 256


def fingerprint(image: Image.Image) -> Fingerprint:
    """How it looks, also mirrored and, with a border, without it."""
    square, inner = square_of(image), _without_border(image)
    looks = looks_of(square) if inner is None else (*looks_of(square), *looks_of(square_of(inner)))
    return Fingerprint(looks, square)


def square_of(image: Image.Image) -> bytes:
    """Brightness and the two colours of a small square, one after the other."""
    small = image.resize((SIDE, SIDE), Image.Resampling.BOX, reducing_gap=2.0).convert("YCbCr")
    return b"".join(channel.tobytes() for channel in small.split())


def _without_border(image: Image.Image) -> Image.Image | None:
    """What lies inside a border of one colour on all sides; None without one."""
    small = image.copy()
    small.thumbnail((_TRIM_SIDE, _TRIM_SIDE))
    width, height = small.size
    corners = [small.getpixel(at) for at in ((0, 0), (width - 1, 0), (0, height - 1), (width - 1, height - 1))]
    levels = [corner for corner in corners if isinstance(corner, tuple)]
    if any(max(level) - min(level) > _SAME_CORNERS for level in zip(*levels, strict=True)):
        return None
    border = Image.new("RGB", small.size, corners[0])
    differs = ImageChops.difference(small, border).convert("L").point(lambda level: 255 * (level > _SAME_EDGE))
    box = differs.getbbox()
    if box is None or box == (0, 0, width, height):
        return None
    left, upper, right, lower = box
    if (right - left) * 2 < width or (lower - upper) * 2 < height:
        return None
    across, down = image.width / width, image.height / height
    # Half a pixel inwards: the edge itself is blended with the border.
    return image.crop(
        (
            round((left + 0.5) * across),
            round((upper + 0.5) * down),
            round((right - 0.5) * across),
            round((lower - 0.5) * down),
        )
    )
