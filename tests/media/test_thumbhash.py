"""The placeholder against values of the published reference implementation."""

import pytest

from media.images.thumbhash import thumbhash
from tests.media.files import picture


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((32, 32), "9d190a272080877780887888887888888877070bbc939f09"),
        ((32, 24), "9d290a25a08087778088788888788888b0c03bf999"),
        ((18, 32), "5d190a2420800788888887887877b0b03bf999"),
        ((32, 3), "9d290a19a280877781888888d0f14cf999"),
        ((1, 32), "1d4a3a912c0886897887888808888af4a8"),
    ],
)
def test_thumbhash_of_a_known_picture_equals_the_reference(size: tuple[int, int], expected: str) -> None:
    assert thumbhash(*size, picture(*size).tobytes()).hex() == expected


def test_thumbhash_of_one_colour_is_flat() -> None:
    assert thumbhash(8, 8, b"\x80\x80\x80" * 64)[:3] == bytes.fromhex("200802")


def test_thumbhash_with_wrong_length_raises() -> None:
    with pytest.raises(ValueError, match="100 by 100"):
        thumbhash(101, 1, b"\0" * 303)
