"""The two colours of a campaign's cards, and whether people can read them together."""

import re

from backend.core.errors import ValidationFailed
from backend.core.ids import Id

LEAST_CONTRAST = 4.5
INKS = ("#ffffff", "#000000")
# (background, accent); the tests check each as they check what an editor chooses.
PALETTE = (
    ("#14213d", "#fca311"),
    ("#0b3d2e", "#f4d58d"),
    ("#4a1942", "#ffb3c6"),
    ("#f6f1e7", "#a3221b"),
    ("#e6f0f7", "#0b4f8a"),
    ("#3a1d12", "#ffc69c"),
)
_COLOUR = re.compile(r"#[0-9a-f]{6}")


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb, 0 (black) to 1 (white), as WCAG 2.2 defines it."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21: WCAG 2.2, success criterion 1.4.3."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def ink_on(background: str) -> str:
    """White or black, whichever reads better there: always at least 4.58 to 1, the root of 21."""
    return max(INKS, key=lambda ink: contrast(ink, background))


def check_colours(background: str, accent: str) -> tuple[str, str]:
    """Both in lower case. Raises ValidationFailed `colour_unknown`, or `colour_contrast` when they are too alike."""
    background, accent = background.strip().lower(), accent.strip().lower()
    for name, colour in (("background", background), ("accent", accent)):
        if _COLOUR.fullmatch(colour) is None:
            raise ValidationFailed("colour_unknown", path=(name,))
    if contrast(background, accent) < LEAST_CONTRAST:
        raise ValidationFailed("colour_contrast", path=("accent",), least=str(LEAST_CONTRAST))
    return background, accent


def default_colours(campaign_id: Id) -> tuple[str, str]:
    """(background, accent) of a campaign whose editors chose none: always the same for the same campaign."""
    return PALETTE[campaign_id.int % len(PALETTE)]
