"""What comes out: upright, in sRGB, in the right sizes, and with nothing of the sender's in it."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from backend.core.errors import ValidationFailed
from media.images.making import make_renditions, sides_for
from media.images.sniff import ImageKind, sniff_image
from media.processing.orders import Decoded
from tests.media.files import (
    GPS_EXIF_MARK,
    exif,
    jpeg_segments,
    picture,
    png_chunk,
    png_claiming,
    riff_chunks,
    saved,
    srgb_profile,
)


def rendered(data: bytes, folder: Path) -> Decoded:
    source = folder / "source"
    source.write_bytes(data)
    return make_renditions(source, folder, kind=sniff_image(io.BytesIO(data), size=len(data)).kind)


def refusal(data: bytes, folder: Path) -> str:
    with pytest.raises(ValidationFailed) as caught:
        rendered(data, folder)
    return caught.value.code


def opened(folder: Path, name: str) -> Image.Image:
    image = Image.open(folder / name)
    image.load()
    return image


def is_red(pixel: object) -> bool:
    assert isinstance(pixel, tuple)
    red, green, blue = (int(value) for value in pixel)
    return red > 180 and green < 90 and blue < 65


@pytest.mark.parametrize(
    ("size", "sides"),
    [
        ((4032, 3024), [1920, 1280, 460, 64]),
        ((1920, 1), [1920, 1280, 460, 64]),
        ((1000, 700), [1000, 460, 64]),
        ((460, 460), [460, 64]),
        ((64, 64), [64]),
        ((5, 9), [9]),
    ],
)
def test_sides_for_size_never_enlarges(size: tuple[int, int], sides: list[int]) -> None:
    assert sides_for(*size) == sides


def test_renditions_of_a_large_photo_have_all_sizes_in_both_formats(tmp_path: Path) -> None:
    made = rendered(saved(picture(2400, 1800), "JPEG"), tmp_path)
    assert {(r.format, r.width, r.height) for r in made.renditions} == {
        (name, *size) for name in ("webp", "jpeg") for size in ((1920, 1440), (1280, 960), (460, 345), (64, 48))
    }
    for rendition in made.renditions:
        assert (tmp_path / rendition.file).stat().st_size == rendition.size
    assert (made.width, made.height, made.frames) == (1920, 1440, 1)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("plugin", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
def test_renditions_of_a_turned_photo_are_upright(plugin: str, orientation: int, tmp_path: Path) -> None:
    turns = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # the inverse turn, as Pillow numbers them
    upright = picture(600, 400)
    stored = upright.transpose(Image.Transpose(turns[orientation])) if orientation > 1 else upright
    made = rendered(saved(stored, plugin, exif=exif(orientation)), tmp_path)
    assert (made.width, made.height) == (600, 400)
    shown = opened(tmp_path, "600.jpeg")
    assert is_red(shown.getpixel((20, 20)))
    assert not any(is_red(shown.getpixel(at)) for at in ((580, 20), (20, 380), (580, 380)))


@pytest.mark.parametrize("plugin", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
def test_renditions_of_a_photo_with_metadata_hold_none(plugin: str, tmp_path: Path) -> None:
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + GPS_EXIF_MARK.encode() + b"</x:xmpmeta>"
    options: dict[str, object] = {"exif": exif(6), "icc_profile": srgb_profile(), "xmp": xmp}
    if plugin == "JPEG":
        options["comment"] = GPS_EXIF_MARK
    data = saved(picture(700, 500), plugin, **options)
    if plugin == "PNG":
        data = data[:33] + png_chunk(b"tEXt", b"Author\0" + GPS_EXIF_MARK.encode()) + data[33:]
    if plugin not in ("HEIF", "AVIF"):  # whose boxes reach to the end
        data += GPS_EXIF_MARK.encode()
    assert data.count(GPS_EXIF_MARK.encode()) >= (2 if plugin in ("HEIF", "AVIF") else 3)
    made = rendered(data, tmp_path)
    for rendition in made.renditions:
        assert_bare((tmp_path / rendition.file).read_bytes(), rendition.format)


def assert_bare(data: bytes, format_name: str) -> None:
    """Every marker or chunk is one that a picture needs; JFIF carries no thumbnail."""
    assert GPS_EXIF_MARK.encode() not in data
    if format_name == "webp":
        assert {name for name, _ in riff_chunks(data)} == {b"VP8 ", b"REST"}
        assert riff_chunks(data)[-1] == (b"REST", b"")
        return
    segments = jpeg_segments(data)
    assert {marker for marker, _ in segments} <= {0xE0, 0xDB, 0xC0, 0xC4, 0xD9}
    assert [len(payload) for marker, payload in segments if marker == 0xE0] == [14]
    assert segments[-1] == (0xD9, b"")


@pytest.mark.parametrize("mode", ["L", "1", "P", "LA", "RGBA", "CMYK", "I;16"])
def test_renditions_of_any_mode_look_right(mode: str, tmp_path: Path) -> None:
    if mode == "I;16":
        grey = picture(300, 200, mode="L")
        image = grey.convert("I").point(lambda value: value * 256).convert("I;16")
    else:
        image = picture(300, 200, mode=mode)
    made = rendered(saved(image, "JPEG" if mode == "CMYK" else "PNG"), tmp_path)
    assert (made.width, made.height) == (300, 200)
    expected = picture(300, 200, mode="L" if mode in ("L", "1", "LA", "I;16") else "RGB").convert("RGB")
    if mode == "1":
        return
    for at in ((10, 10), (280, 180), (150, 100), (280, 10)):
        shown, meant = opened(tmp_path, "300.jpeg").getpixel(at), expected.getpixel(at)
        assert isinstance(shown, tuple)
        assert isinstance(meant, tuple)
        assert all(abs(a - b) <= 25 for a, b in zip(shown, meant, strict=True)), (mode, at, shown, meant)


@pytest.mark.parametrize("plugin", ["PNG", "WEBP", "HEIF", "AVIF"])
def test_renditions_of_a_see_through_picture_are_on_white(plugin: str, tmp_path: Path) -> None:
    hidden = picture(200, 100, mode="RGBA")
    hidden.putalpha(0)
    options = {"lossless": True, "exact": True} if plugin == "WEBP" else {}
    rendered(saved(hidden, plugin, **options), tmp_path)
    for name in ("200.jpeg", "200.webp"):
        darkest, brightest = opened(tmp_path, name).convert("L").getextrema()
        assert (darkest, brightest) == (255, 255)


def test_renditions_of_a_palette_with_a_clear_colour_are_on_white(tmp_path: Path) -> None:
    image = Image.new("P", (50, 50), 7)
    image.putpalette([0] * 768)
    rendered(saved(image, "PNG", transparency=7), tmp_path)
    assert opened(tmp_path, "50.jpeg").convert("L").getextrema() == (255, 255)


@pytest.mark.parametrize("plugin", ["PNG", "WEBP", "AVIF"])
def test_renditions_of_an_animation_show_the_first_frame(plugin: str, tmp_path: Path) -> None:
    frames = [Image.new("RGB", (80, 60), colour) for colour in ("blue", "lime")]
    made = rendered(saved(Image.new("RGB", (80, 60), "red"), plugin, save_all=True, append_images=frames), tmp_path)
    assert made.frames == 3
    assert is_red(opened(tmp_path, "80.webp").getpixel((40, 30)))


def test_renditions_of_a_photo_with_a_second_picture_behind_it_show_the_first(tmp_path: Path) -> None:
    data = saved(picture(300, 200), "MPO", save_all=True, append_images=[Image.new("RGB", (300, 200), "lime")])
    assert rendered(data, tmp_path).width == 300
    assert is_red(opened(tmp_path, "300.jpeg").getpixel((10, 10)))


def test_renditions_with_a_wide_colour_profile_are_in_srgb(tmp_path: Path) -> None:
    lab_like = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    plain = saved(Image.new("RGB", (64, 64), (200, 60, 60)), "PNG")
    for profile in (lab_like, b"not a profile", srgb_profile()[:200]):
        coloured = saved(Image.new("RGB", (64, 64), (200, 60, 60)), "PNG", icc_profile=profile)
        assert rendered(coloured, tmp_path).renditions[0].width == 64
    rendered(plain, tmp_path)
    assert is_red(opened(tmp_path, "64.jpeg").getpixel((5, 5)))


@pytest.mark.parametrize("keep", [0.2, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("options", [{}, {"progressive": True}])
def test_renditions_of_a_cut_jpeg_are_refused(keep: float, options: dict[str, object], tmp_path: Path) -> None:
    data = saved(Image.effect_noise((900, 700), 80).convert("RGB"), "JPEG", **options)
    assert refusal(data[: int(len(data) * keep)], tmp_path) == "image_damaged"


def test_renditions_of_a_png_that_ends_early_are_refused(tmp_path: Path) -> None:
    assert refusal(png_claiming(4_000, 4_000), tmp_path) == "image_damaged"


def test_renditions_of_another_kind_than_found_before_are_refused(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(saved(picture(20, 20), "PNG"))
    with pytest.raises(ValidationFailed) as caught:
        make_renditions(source, tmp_path, kind=ImageKind.JPEG)
    assert caught.value.code == "media_type_mismatch"


def test_renditions_with_mad_orientation_ignore_it(tmp_path: Path) -> None:
    for block in (
        exif(1).replace(b"\x12\x01", b"\x12\x01"),
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        b"Exif\0\0" + b"\xff" * 99,
    ):
        made = rendered(saved(picture(30, 20), "JPEG", exif=block), tmp_path)
        assert (made.width, made.height) == (30, 20)
