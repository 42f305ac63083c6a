"""What the headers tell, and what is refused before anything is decoded."""

import io
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.errors import ValidationFailed
from media.images.sniff import Bounds, ImageHead, ImageKind, sniff_image
from tests.media.files import jpeg_claiming, picture, png_chunk, png_claiming, saved, webp_claiming


def sniffed(data: bytes) -> ImageHead:
    return sniff_image(io.BytesIO(data), size=len(data))


def refusal(data: bytes) -> str:
    with pytest.raises(ValidationFailed) as caught:
        sniffed(data)
    return caught.value.code


@pytest.mark.parametrize(
    ("plugin", "kind"), [("JPEG", ImageKind.JPEG), ("PNG", ImageKind.PNG), ("WEBP", ImageKind.WEBP)]
)
@pytest.mark.parametrize("size", [(1, 1), (3, 2), (640, 481)])
def test_sniff_good_image_tells_kind_and_size(plugin: str, kind: ImageKind, size: tuple[int, int]) -> None:
    assert sniffed(saved(picture(*size), plugin)) == ImageHead(kind, *size, 1)


@pytest.mark.parametrize(
    ("plugin", "options"),
    [
        ("JPEG", {"progressive": True}),
        ("JPEG", {"subsampling": 0, "comment": b"x" * 65_000, "exif": b"Exif\0\0" + b"y" * 60_000}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"exif": b"Exif\0\0xx"}),
    ],
)
def test_sniff_variant_tells_size(plugin: str, options: dict[str, object]) -> None:
    head = sniffed(saved(picture(70, 50), plugin, **options))
    assert (head.width, head.height) == (70, 50)


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "1", "LA"])
def test_sniff_png_of_any_mode_tells_size(mode: str) -> None:
    assert sniffed(saved(picture(30, 20, mode=mode), "PNG")) == ImageHead(ImageKind.PNG, 30, 20)


@pytest.mark.parametrize("plugin", ["PNG", "WEBP"])
def test_sniff_animation_counts_frames(plugin: str) -> None:
    others = [picture(40, 30).rotate(turn) for turn in (90, 180)]
    assert sniffed(saved(picture(40, 30), plugin, save_all=True, append_images=others)).frames == 3


@pytest.mark.parametrize(
    "data",
    [
        png_claiming(40_000, 40_000),
        png_claiming(16_385, 1),
        png_claiming(8_000, 5_001),
        png_claiming(2**31 - 1, 1),
        jpeg_claiming(65_535, 65_535),
        jpeg_claiming(65_535, 1),
        jpeg_claiming(6_400, 6_400),
    ],
)
def test_sniff_claims_beyond_the_limits_is_too_large(data: bytes) -> None:
    assert len(data) < 2_000
    assert refusal(data) == "image_too_large"


@pytest.mark.parametrize("data", [png_claiming(8_000, 5_000), png_claiming(16_384, 1), jpeg_claiming(1, 16_384)])
def test_sniff_at_the_limits_passes(data: bytes) -> None:
    assert sniffed(data).width >= 1


@pytest.mark.parametrize(
    "data",
    [
        png_claiming(0, 5),
        jpeg_claiming(5, 0),
        webp_claiming(16_000, 16_000),
        webp_claiming(10, 10),
        jpeg_claiming(9, 9).replace(b"\xff\xc0", b"\xff\xdb"),
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n" + png_chunk(b"IEND", b""),
        b"RIFF\x04\0\0\0WEBP",
        b"RIFF\xff\xff\xff\xffWEBPVP8 ",
        b"RIFF\x0c\0\0\0WEBPEXIF\0\0\0\0",
        b"\0\0\0\x1cftypheic",
    ],
)
def test_sniff_broken_structure_is_damaged(data: bytes) -> None:
    assert refusal(data) == "image_damaged"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a" + b"\0" * 100,
        b"%PDF-1.7",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<!doctype html><script>",
        b" \x89PNG\r\n\x1a\n",
        b"RIFF\x10\0\0\0WAVEfmt ",
        b"\0\0\0\x1cftypisom",
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom",
        b"#EXTM3U\nhttp://169.254.169.254/",
        b"\0\0\0\x0cJXL \r\n\x87\n",
        b"II*\0\x08\0\0\0",
        b"MZ" + saved(picture(9, 9), "JPEG"),
        saved(picture(9, 9), "JPEG").replace(b"\xff\xc0", b"\xff\xc9"),
        saved(picture(9, 9), "JPEG").replace(b"\xff\xc0\x00\x11\x08", b"\xff\xc1\x00\x11\x0c"),
    ],
)
def test_sniff_other_file_is_unknown(data: bytes) -> None:
    assert refusal(data) == "media_type_unknown"


@pytest.mark.parametrize("plugin", ["JPEG", "PNG", "WEBP"])  # HEIC and AVIF have no end: see test_heif
def test_sniff_polyglot_with_trailing_data_passes_as_the_image(plugin: str) -> None:
    data = saved(picture(20, 10), plugin) + b"PK\x03\x04<script>alert(1)</script>"
    assert (sniffed(data).width, sniffed(data).height) == (20, 10)


@pytest.mark.parametrize("plugin", ["PNG", "WEBP"])
@given(keep=st.floats(0, 0.99))
def test_sniff_cut_container_is_refused(plugin: str, keep: float) -> None:
    data = saved(picture(50, 40), plugin)
    assert refusal(data[: int(len(data) * keep)]) in {"image_damaged", "media_type_unknown"}


def test_sniff_jpeg_cut_in_its_headers_is_refused() -> None:
    data = saved(picture(50, 40), "JPEG")
    for keep in range(data.index(b"\xff\xda") + 4):
        assert refusal(data[:keep]) in {"image_damaged", "media_type_unknown"}


def test_sniff_file_over_the_limit_is_too_large_unread() -> None:
    with pytest.raises(ValidationFailed) as caught:
        sniff_image(io.BytesIO(b""), size=Bounds().file_bytes + 1)
    assert caught.value.code == "file_too_large"


def test_sniff_endless_tiny_segments_end() -> None:
    assert refusal(b"\xff\xd8" + b"\xff\xe0\x00\x02" * 60_000) == "image_damaged"


@given(start=st.sampled_from(["JPEG", "PNG", "WEBP"]), at=st.integers(0, 400), put=st.binary(min_size=1, max_size=8))
def test_sniff_any_changed_byte_gives_a_head_or_a_typed_refusal(start: str, at: int, put: bytes) -> None:
    data = bytearray(saved(picture(33, 21), start, exif=b"Exif\0\0abc"))
    data[at : at + len(put)] = put
    code, pixels = "", 1
    try:
        head = sniffed(bytes(data))
        pixels = head.width * head.height
    except ValidationFailed as refused:
        code = refused.code
    assert code in {"", "media_type_unknown", "image_damaged", "image_too_large"}
    assert 1 <= pixels <= 40_000_000


def test_sniff_and_decoder_import_no_imaging_library() -> None:
    code = "import sys, media.images.sniff, media.processing.decoder; sys.exit('PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
