"""HEIC and AVIF: told from their boxes alone, decoded once upright, in sRGB."""

import io
import struct
import time
from pathlib import Path

import pillow_heif
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from backend.core.errors import ValidationFailed
from media.images.colour import profile_of
from media.images.sniff import ImageHead, ImageKind, sniff_image
from media.kinds import kind_of
from tests.media.files import exif, heif_claiming, picture, saved, with_box_field
from tests.media.test_images import is_red, opened, refusal, rendered

FIXTURES = Path(__file__).parent / "fixtures"
KINDS = {"HEIF": ImageKind.HEIC, "AVIF": ImageKind.AVIF}


def sniffed(data: bytes) -> ImageHead:
    return sniff_image(io.BytesIO(data), size=len(data))


def sniff_refusal(data: bytes) -> str:
    with pytest.raises(ValidationFailed) as caught:
        sniffed(data)
    return caught.value.code


def box(name: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", 8 + len(payload)) + name + payload


@pytest.mark.parametrize("plugin", KINDS)
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L"])
def test_sniff_tells_kind_and_size(plugin: str, mode: str) -> None:
    head = sniffed(saved(picture(90, 70, mode=mode), plugin))
    assert (head.kind, head.width, head.height, head.frames) == (KINDS[plugin], 90, 70, 1)


def test_sniff_phone_photos_tells_the_whole_of_their_tiles() -> None:
    head = sniffed((FIXTURES / "phone_iphone_rotated.heic").read_bytes())
    assert (head.kind, head.width, head.height, head.largest) == (ImageKind.HEIC, 4032, 3024, 4032 * 3024)
    head = sniffed((FIXTURES / "phone_iphone_gps.heic").read_bytes())
    assert (head.width, head.height) == (1008, 756)


def test_sniff_by_settings_when_the_brand_leaves_the_codec_open() -> None:
    for plugin, brands in (("HEIF", [b"heic"]), ("AVIF", [b"avif"])):
        data = saved(picture(64, 48), plugin)
        head, rest = data[:4], data[4:]
        for brand in brands:
            end = int.from_bytes(head, "big")
            rest = rest[: end - 4].replace(brand, b"mif1").replace(b"heix", b"mif1") + rest[end - 4 :]
        assert sniffed(head + rest).kind is KINDS[plugin]


def test_sniff_sequence_counts_frames() -> None:
    others = [picture(40, 30).rotate(turn) for turn in (90, 180)]
    assert sniffed(saved(picture(40, 30), "AVIF", save_all=True, append_images=others)).frames == 3


def test_media_types_that_senders_use_mean_one_format() -> None:
    assert kind_of("image/heif") is kind_of("image/heic") is ImageKind.HEIC
    assert kind_of("image/avif") is ImageKind.AVIF
    assert kind_of("image/gif") is None


@pytest.mark.parametrize("plugin", KINDS)
@pytest.mark.parametrize("sides", [(65_535, 65_535), (16_385, 1), (8_000, 5_001), (2**32 - 1, 2**32 - 1)])
def test_sniff_claims_beyond_the_limits_is_too_large(plugin: str, sides: tuple[int, int]) -> None:
    assert sniff_refusal(heif_claiming(plugin, *sides)) == "image_too_large"


def test_sniff_tile_beyond_the_limits_is_too_large() -> None:
    data = (FIXTURES / "phone_iphone_gps.heic").read_bytes()
    at = data.index(b"ispe")
    if data[at + 8 : at + 16] == struct.pack(">II", 1008, 756):
        at = data.index(b"ispe", at + 4)
    bomb = data[: at + 8] + struct.pack(">II", 60_000, 60_000) + data[at + 16 :]
    assert sniff_refusal(bomb) == "image_too_large"


@pytest.mark.parametrize("plugin", KINDS)
@pytest.mark.parametrize("sides", [(0, 9), (9, 0)])
def test_sniff_empty_picture_is_damaged(plugin: str, sides: tuple[int, int]) -> None:
    assert sniff_refusal(heif_claiming(plugin, *sides)) == "image_damaged"


@pytest.mark.parametrize("plugin", KINDS)
@pytest.mark.parametrize("sides", [(4_000, 4_000), (1, 1), (63, 64), (5_000, 64)])
def test_renditions_of_one_that_lies_about_its_size_are_refused_or_true(
    plugin: str, sides: tuple[int, int], tmp_path: Path
) -> None:
    code, made = "", None
    try:
        made = rendered(heif_claiming(plugin, *sides), tmp_path)
    except ValidationFailed as refused:
        code = refused.code
    assert code == "image_damaged" or (made is not None and made.width <= sides[0] and made.height <= sides[1])


FTYP = box(b"ftyp", b"heic\0\0\0\0mif1heic")
META = (b"\0\0\0\0", box(b"pitm", b"\0\0\0\0\0\1"))


@pytest.mark.parametrize(
    "data",
    [
        FTYP,
        FTYP + box(b"meta", b"\0\0\0\0"),
        FTYP + box(b"meta", b"".join(META)),
        FTYP + box(b"meta", b"".join(META) + box(b"iprp", box(b"ipco", b""))),
        FTYP
        + box(b"meta", b"".join(META) + box(b"iprp", box(b"ipco", b"") + box(b"ipma", b"\0\0\0\0\0\0\0\1\0\1\1\1"))),
        FTYP + box(b"meta", b"".join(META)) * 2,
        FTYP + b"\0\0\0\1meta" + struct.pack(">Q", 2**62),
        FTYP + b"\0\0\0\1meta" + struct.pack(">Q", 3),
        FTYP + b"\0\0\0\5meta",
        FTYP + b"\xff\xff\xff\xffmeta",
    ],
)
def test_sniff_broken_boxes_are_damaged(data: bytes) -> None:
    assert sniff_refusal(data) == "image_damaged"


def test_sniff_endless_boxes_end_soon() -> None:
    began = time.monotonic()
    assert sniff_refusal(FTYP + box(b"free", b"") * 1_000_000) == "image_damaged"
    many = box(b"meta", b"\0\0\0\0" + box(b"free", b"") * 500_000)
    assert sniff_refusal(FTYP + many) == "image_damaged"
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("plugin", KINDS)
@given(keep=st.floats(0, 0.99))
def test_sniff_cut_file_is_refused(plugin: str, keep: float) -> None:
    data = SMALL[plugin]
    assert sniff_refusal(data[: int(len(data) * keep)]) in {"image_damaged", "media_type_unknown"}


@pytest.mark.parametrize("plugin", KINDS)
def test_sniff_file_that_ends_with_its_description_is_refused(plugin: str) -> None:
    data = SMALL[plugin]
    assert sniff_refusal(data[: data.index(b"mdat") - 4]) == "image_damaged"


@pytest.mark.parametrize("plugin", KINDS)
@given(at=st.integers(0, 700), put=st.binary(min_size=1, max_size=8))
def test_sniff_any_changed_byte_gives_a_head_or_a_typed_refusal(plugin: str, at: int, put: bytes) -> None:
    data = bytearray(SMALL[plugin])
    data[at : at + len(put)] = put
    code, pixels = "", 1
    try:
        head = sniffed(bytes(data))
        pixels = max(head.width * head.height, head.largest)
    except ValidationFailed as refused:
        code = refused.code
    assert code in {"", "media_type_unknown", "image_damaged", "image_too_large"}
    assert 1 <= pixels <= 40_000_000


SMALL = {plugin: saved(picture(33, 21), plugin, exif=exif(6)) for plugin in KINDS}


@pytest.mark.parametrize("plugin", KINDS)
def test_trailing_text_behind_the_boxes_is_refused(plugin: str) -> None:
    assert sniff_refusal(SMALL[plugin] + b"<script>alert(1)</script>") == "image_damaged"


def test_renditions_of_a_phone_photo_are_upright_once(tmp_path: Path) -> None:
    made = rendered((FIXTURES / "phone_iphone_rotated.heic").read_bytes(), tmp_path)
    assert (made.width, made.height) == (1440, 1920)
    assert spread(tmp_path, 0.15) < spread(tmp_path, 0.42) / 2  # the point of the arrow, and its widest part
    assert 0 < spread(tmp_path, 0.6) < spread(tmp_path, 0.42) / 1.5  # its shaft


def spread(folder: Path, down: float) -> int:
    """From the first to the last pixel of the drawn line, at this part of the height."""
    image = opened(folder, "460.jpeg").convert("L")
    row = round(image.height * down)
    dark = [x for x in range(image.width) if isinstance(value := image.getpixel((x, row)), int) and value < 80]
    return max(dark) - min(dark) if dark else 0


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_renditions_of_a_heic_do_not_turn_by_exif(orientation: int, tmp_path: Path) -> None:
    """Only the boxes count (ISO/IEC 23008-12): a program that turned the pixels may have left the old word in EXIF."""
    plain = saved(picture(600, 400), "HEIF", exif=exif(1))
    block = exif(1)
    assert plain.count(block[6:]) == 1
    made = rendered(plain.replace(block[6:], exif(orientation)[6:]), tmp_path)
    assert (made.width, made.height) == (600, 400)
    assert is_red(opened(tmp_path, "600.jpeg").getpixel((20, 20)))


@pytest.mark.parametrize("bits", [10, 12])
def test_renditions_of_a_deep_heic_are_eight_bits_and_true(bits: int, tmp_path: Path) -> None:
    deep = pillow_heif.from_bytes("RGB;16", (64, 64), struct.pack("<3H", 200 << 8, 60 << 8, 20 << 8) * 64 * 64)
    buffer = io.BytesIO()
    pillow_heif.options.SAVE_HDR_TO_12_BIT = bits == 12
    try:
        deep.save(buffer, quality=90)
    finally:
        pillow_heif.options.SAVE_HDR_TO_12_BIT = False
    rendered(buffer.getvalue(), tmp_path)
    shown = opened(tmp_path, "64.jpeg").getpixel((30, 30))
    assert isinstance(shown, tuple)
    assert all(abs(a - b) <= 8 for a, b in zip(shown, (200, 60, 20), strict=True)), shown


def p3_profile() -> bytes:
    """Apple's own Display P3, as it stands in a phone's photo."""
    profile = pillow_heif.open_heif(FIXTURES / "phone_iphone_rotated.heic").info["icc_profile"]
    assert isinstance(profile, bytes)
    return profile


def converted(profile: bytes, colour: tuple[int, int, int]) -> tuple[int, ...]:
    meant = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    image = ImageCms.profileToProfile(Image.new("RGB", (1, 1), colour), meant, ImageCms.createProfile("sRGB"))
    assert image is not None
    pixel = image.getpixel((0, 0))
    assert isinstance(pixel, tuple)
    return tuple(int(value) for value in pixel)


@pytest.mark.parametrize("colour", [(200, 100, 100), (60, 180, 90), (40, 60, 210), (128, 128, 128), (255, 255, 255)])
def test_colour_numbers_of_display_p3_mean_what_its_profile_means(colour: tuple[int, int, int]) -> None:
    ours = profile_of(12, 13)
    assert ours is not None
    theirs = converted(p3_profile(), colour)
    assert all(abs(a - b) <= 2 for a, b in zip(converted(ours, colour), theirs, strict=True))


def test_colour_numbers_of_srgb_and_unknown_ones_change_nothing() -> None:
    assert profile_of(1, 13) is profile_of(1, 1) is profile_of(2, 2) is profile_of(77, 200) is None


@pytest.mark.parametrize(("transfer", "paper"), [(16, 148), (18, 191)])
def test_colour_numbers_of_bright_pictures_keep_dark_dark_and_paper_light(transfer: int, paper: int) -> None:
    profile = profile_of(9, transfer)
    assert profile is not None
    greys = [converted(profile, (value, value, value))[1] for value in range(0, 256, 5)]
    assert greys == sorted(greys)
    assert greys[0] <= 2
    assert greys[-1] >= 250
    assert 215 <= converted(profile, (paper, paper, paper))[1] <= 245


@pytest.mark.parametrize("plugin", KINDS)
def test_renditions_with_named_wide_colours_are_in_srgb(plugin: str, tmp_path: Path) -> None:
    data = saved(Image.new("RGB", (64, 64), (200, 100, 100)), plugin, quality=95)
    at = data.index(b"nclx") + 4
    data = data[:at] + struct.pack(">HH", 12, 13) + data[at + 4 :]
    rendered(data, tmp_path)
    shown, meant = opened(tmp_path, "64.jpeg").getpixel((30, 30)), converted(p3_profile(), (200, 100, 100))
    assert isinstance(shown, tuple)
    assert all(abs(a - b) <= 5 for a, b in zip(shown, meant, strict=True)), (shown, meant)
    assert abs(shown[0] - 200) > 6  # and not as if nothing had been said


@pytest.mark.parametrize("plugin", KINDS)
def test_renditions_of_one_whose_pixels_are_broken_are_refused(plugin: str, tmp_path: Path) -> None:
    data = saved(picture(300, 200), plugin)
    at = data.index(b"mdat") + 4
    assert refusal(data[:at] + bytes(len(data) - at), tmp_path) == "image_damaged"


def test_property_number_beyond_the_list_is_damaged() -> None:
    data = with_box_field(SMALL["HEIF"], b"ipma", 11, b"\x7f\x7f")
    assert sniff_refusal(data) == "image_damaged"
