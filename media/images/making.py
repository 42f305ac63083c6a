"""From an uploaded picture to the files that are served. Only the decoding subprocess imports it."""

import hashlib
import io
import struct
import warnings
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from PIL import (
    AvifImagePlugin,
    Image,
    ImageCms,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from backend.core.errors import ValidationFailed
from media.images.blurring import blurred
from media.images.colour import profile_of
from media.images.fingerprint import fingerprint
from media.images.regions import Region
from media.images.sniff import DEFAULT_BOUNDS, Bounds, ImageHead, ImageKind, check_sides, damaged, sniff_image
from media.images.thumbhash import thumbhash
from media.processing.orders import SIDES, Decoded, RenditionFile

ImageFile.LOAD_TRUNCATED_IMAGES = False
AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # threads cost memory, and this process is meant to be in nobody's way

# Named here so that the library does not load all its other formats when it looks for one.
_PLUGIN: dict[ImageKind, str] = {
    ImageKind.JPEG: JpegImagePlugin.JpegImageFile.format,
    ImageKind.PNG: PngImagePlugin.PngImageFile.format,
    ImageKind.WEBP: WebPImagePlugin.WebPImageFile.format,
    ImageKind.AVIF: AvifImagePlugin.AvifImageFile.format,
}
_ORIENTATION_TAG = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# How libheif says that it got no memory (std::bad_alloc is to it an unexpected exception).
_OUT_OF_MEMORY = ("unexpected C++ exception", "Memory allocation error")
_PROFILE_BYTES = 1_000_000
_PLACEHOLDER_SIDE = 32
_LOOKED_AT_SIDE = 460
# Method 1 encodes four times as fast as the default at the same size of file.
_ENCODERS: tuple[tuple[str, str, dict[str, int]], ...] = (
    ("webp", "WEBP", {"quality": 78, "method": 1}),
    ("jpeg", "JPEG", {"quality": 82}),
)
# What Pillow raises on a broken file; anything else is our own fault and must not blame the picture.
_BROKEN = (
    OSError,
    UnidentifiedImageError,
    SyntaxError,
    ValueError,
    EOFError,
    KeyError,
    IndexError,
    TypeError,
    OverflowError,
    RuntimeError,
    struct.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


def make_renditions(
    source: Path, folder: Path, *, kind: ImageKind, bounds: Bounds = DEFAULT_BOUNDS, regions: Sequence[Region] = ()
) -> Decoded:
    """Decode `source`, blur the regions, write renditions into `folder`; `kind` is what it was found to be on upload.

    Raises ValidationFailed with the codes of `sniff_image`, media_type_mismatch or image_too_heavy (out of memory).
    """
    Image.MAX_IMAGE_PIXELS = bounds.pixels
    try:
        return _make_renditions(source, folder, kind, bounds, regions)
    except MemoryError as error:
        raise ValidationFailed("image_too_heavy", path=("file",)) from error


def _make_renditions(source: Path, folder: Path, kind: ImageKind, bounds: Bounds, regions: Sequence[Region]) -> Decoded:
    with source.open("rb") as file:
        head = sniff_image(file, size=source.stat().st_size, bounds=bounds)
    if head.kind is not kind:
        raise ValidationFailed("media_type_mismatch", path=("file",))
    image = blurred(_decoded(source, head, bounds), regions)
    written: list[RenditionFile] = []
    looked_at = image
    for side in sides_for(*image.size):
        image = _shrunk(image, side)
        written += [_encoded(image, folder, encoder) for encoder in _ENCODERS]
        looked_at = image if side >= _LOOKED_AT_SIDE else looked_at
    small = _shrunk(image, _PLACEHOLDER_SIDE)
    return Decoded(
        kind=head.kind,
        width=written[0].width,
        height=written[0].height,
        frames=head.frames,
        placeholder=b64encode(thumbhash(small.width, small.height, small.tobytes())).decode(),
        renditions=tuple(written),
        fingerprint=fingerprint(looked_at),
    )


def sides_for(width: int, height: int) -> list[int]:
    """The longer sides to make, largest first: never more than the picture has, and its own size when it is small."""
    longest = max(width, height)
    return sorted({min(longest, SIDES[0]), *(side for side in SIDES if side < longest)}, reverse=True)


def _decoded(source: Path, head: ImageHead, bounds: Bounds) -> Image.Image:
    """Upright RGB pixels in sRGB, no larger than the largest rendition, with nothing attached."""
    try:
        with warnings.catch_warnings(), source.open("rb") as file:
            warnings.simplefilter("ignore")  # the library's remarks on broken metadata, which is dropped anyway
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = _read_heic(file, head, bounds) if head.kind is ImageKind.HEIC else _read(file, head, bounds)
            turn = None if head.kind is ImageKind.HEIC else _TURNS.get(_orientation(image))  # HEIC comes turned
    except _BROKEN as error:
        raise damaged() from error
    profile = image.info.get("icc_profile") or (head.colour and profile_of(*head.colour))
    flat = _in_srgb(_opaque(_shrunk(_plain(image), SIDES[0])), profile)
    if turn is not None:
        flat = flat.transpose(turn)
    flat.info = {}
    return flat


def _read(file: BinaryIO, head: ImageHead, bounds: Bounds) -> Image.Image:
    """The first frame as it is stored."""
    image = Image.open(file, formats=(_PLUGIN[head.kind],))
    check_sides(*image.size, bounds)
    if image.size != (head.width, head.height):
        raise damaged()
    image.seek(0)
    image.draft(None, _draft_size(image))
    image.load()
    return image


def _read_heic(file: BinaryIO, head: ImageHead, bounds: Bounds) -> Image.Image:
    """The primary picture, which the library turns and crops as the file says: EXIF must not turn it again."""
    import pillow_heif  # only for these: it takes a fifth of a second to load

    options = pillow_heif.options
    options.DECODE_THREADS = 1
    options.THUMBNAILS = options.DEPTH_IMAGES = options.AUX_IMAGES = False  # only the picture itself counts
    try:
        found = pillow_heif.open_heif(file, convert_hdr_to_8bit=True)
        picture = found[found.primary_index]
        check_sides(*picture.size, bounds)
        if any(side > most for side, most in zip(sorted(picture.size), sorted((head.width, head.height)), strict=True)):
            raise damaged()  # a crop makes it smaller, nothing makes it larger
        return picture.to_pillow()
    except (ValueError, RuntimeError) as error:
        if any(sign in str(error) for sign in _OUT_OF_MEMORY):
            raise MemoryError from error
        raise


def _draft_size(image: Image.Image) -> tuple[int, int]:
    """The size below which a JPEG must not be decoded: the decoder itself halves or quarters, which is nearly free."""
    scale = min(1.0, SIDES[0] / max(image.size))
    return max(1, round(image.width * scale)), max(1, round(image.height * scale))


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION_TAG, 1))
    except Exception:  # the block is the sender's own text: whatever is wrong with it, the picture counts
        return 1


def _plain(image: Image.Image) -> Image.Image:
    """L, RGB, RGBA or CMYK, eight bits a channel: what can be resized without harm."""
    if image.mode.startswith("I"):  # 16-bit grey: the upper byte
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode in ("L", "RGB", "CMYK"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _opaque(image: Image.Image) -> Image.Image:
    """See-through parts become white, so that nothing is hidden in them."""
    if image.mode != "RGBA":
        return image
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def _in_srgb(image: Image.Image, profile: object) -> Image.Image:
    """Colours as the profile means them; a profile that is broken or for another kind of picture is ignored."""
    if isinstance(profile, bytes) and len(profile) <= _PROFILE_BYTES:
        try:
            meant = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(image, meant, ImageCms.createProfile("sRGB"), outputMode="RGB")
            return converted or image.convert("RGB")
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass
    return image.convert("RGB")


def _shrunk(image: Image.Image, side: int) -> Image.Image:
    """The picture with its longer side at most `side` pixels; each size is made from the next larger one."""
    longest = max(image.size)
    if longest <= side:
        return image
    size = (max(1, round(image.width * side / longest)), max(1, round(image.height * side / longest)))
    return image.resize(size, Image.Resampling.HAMMING, reducing_gap=2.0)


def _encoded(image: Image.Image, folder: Path, encoder: tuple[str, str, dict[str, int]]) -> RenditionFile:
    name, plugin, options = encoder
    buffer = io.BytesIO()
    image.save(buffer, plugin, **options)
    data = buffer.getvalue()
    digest = hashlib.sha256(data).hexdigest()
    file = f"{max(image.size)}.{name}"
    (folder / file).write_bytes(data)
    return RenditionFile(format=name, width=image.width, height=image.height, size=len(data), sha256=digest, file=file)
