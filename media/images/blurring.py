"""Making parts of a picture unrecognisable for good. Only the decoding subprocess imports it."""

from collections.abc import Sequence
from math import ceil, floor

from PIL import Image

from media.images.regions import Region

# What is left of a part: so many cells along its longer side. A face of 6 by 6 is no face, at any size of the picture.
_CELLS = 6
# Cells are no smaller than this part of the picture, so that many small regions beside each other hide as well as one.
_FINEST = 1 / 48


def blurred(image: Image.Image, regions: Sequence[Region]) -> Image.Image:
    """The picture with these parts replaced by a few averages, drawn smoothly: what was averaged away is nowhere."""
    image = image.copy()
    for region in regions:
        box = _pixels(region, image.size)
        part = image.crop(box)
        cell = max(max(part.size) / _CELLS, max(image.size) * _FINEST)
        few = part.resize((ceil(part.width / cell), ceil(part.height / cell)), Image.Resampling.BOX)
        image.paste(few.resize(part.size, Image.Resampling.BICUBIC), box)
    return image


def _pixels(region: Region, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Every pixel that the region touches."""
    width, height = size
    left, upper = min(floor(region.x * width), width - 1), min(floor(region.y * height), height - 1)
    right, lower = ceil((region.x + region.width) * width), ceil((region.y + region.height) * height)
    return left, upper, max(left + 1, min(width, right)), max(upper + 1, min(height, lower))
