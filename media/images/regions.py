"""Parts of a picture that its sender marks to be made unrecognisable. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.core.errors import ValidationFailed

MAX_REGIONS = 20
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle in fractions 0..1 of the upright picture: its upper left corner, width and height."""

    x: float
    y: float
    width: float
    height: float


def check_regions(regions: Sequence[Region], *, already: int = 0) -> None:
    """Raises ValidationFailed blur_regions_count (none, or too many with those of before) or blur_region_outside."""
    if not regions or len(regions) + already > MAX_REGIONS:
        raise ValidationFailed("blur_regions_count", path=("regions",), most=MAX_REGIONS)
    if not all(_is_inside(one) for one in regions):
        raise ValidationFailed("blur_region_outside", path=("regions",))


def _is_inside(one: Region) -> bool:
    """Also false for what is not a number, which compares as false."""
    across = 0 <= one.x <= 1 and 0 < one.width <= 1 and one.x + one.width <= 1 + _ROUNDING
    return across and 0 <= one.y <= 1 and 0 < one.height <= 1 and one.y + one.height <= 1 + _ROUNDING
