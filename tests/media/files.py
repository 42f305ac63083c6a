"""Picture files for the tests: good ones, strange ones and hostile ones, made byte by byte where it matters."""

import io
import struct
import zlib

import pillow_heif
from PIL import Image, ImageCms

GPS_EXIF_MARK = "SECRETCAMERA"
pillow_heif.register_heif_opener()  # so that the tests can write HEIC as they write the others


def picture(width: int, height: int, *, mode: str = "RGB") -> Image.Image:
    """A colour gradient with a red upper left corner, so that turns and colours can be told."""
    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    down = Image.linear_gradient("L").resize((width, height))
    made = Image.merge("RGB", (across, down, Image.new("L", (width, height), 90)))
    made.paste((255, 0, 0), (0, 0, max(1, width // 4), max(1, height // 4)))
    return made.convert(mode)


def saved(image: Image.Image, plugin: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, plugin, **options)
    return buffer.getvalue()


def exif(orientation: int = 1) -> bytes:
    """Camera, owner's name, place and turn, as a phone writes them."""
    block = Image.Exif()
    block[0x010F] = GPS_EXIF_MARK
    block[0x0112] = orientation
    block[0x8825] = {1: "N", 2: (58.0, 8.0, 50.0), 3: "E", 4: (8.0, 0.0, 9.0)}
    return block.tobytes()


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def png_chunk(name: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + name + payload + struct.pack(">I", zlib.crc32(name + payload))


def png_claiming(width: int, height: int) -> bytes:
    """A kilobyte that says it is this large."""
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = png_chunk(b"IDAT", zlib.compress(b"\0" * 100_000))
    return b"\x89PNG\r\n\x1a\n" + head + body + png_chunk(b"IEND", b"")


def jpeg_claiming(width: int, height: int) -> bytes:
    """A real small JPEG with other sides written into its frame header."""
    data = bytearray(saved(picture(64, 64), "JPEG"))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def webp_claiming(width: int, height: int) -> bytes:
    """A real small WebP inside a canvas header with other sides."""
    inner = saved(picture(64, 64), "WEBP")[12:]
    canvas = b"\0\0\0\0" + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBP" + b"VP8X" + struct.pack("<I", 10) + canvas + inner
    return b"RIFF" + struct.pack("<I", len(body)) + body


def webp_bomb(width: int, height: int) -> bytes:
    """A lossless WebP of some hundred bytes that says it is this large, in every place that says so."""
    sides = (width - 1) | (height - 1) << 14
    chunk = b"\x2f" + struct.pack("<I", sides) + bytes(199)
    return b"RIFF" + struct.pack("<I", len(chunk) + 12) + b"WEBPVP8L" + struct.pack("<I", len(chunk)) + chunk


def jpeg_segments(data: bytes) -> list[tuple[int, bytes]]:
    """Marker and payload up to the first scan, then (0xD9, what follows the end mark)."""
    found, at = [], 2
    while data[at + 1] != 0xDA:
        length = struct.unpack(">H", data[at + 2 : at + 4])[0]
        found.append((data[at + 1], data[at + 4 : at + 2 + length]))
        at += 2 + length
    return [*found, (0xD9, data[data.rindex(b"\xff\xd9") + 2 :])]


def riff_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Name and payload of each chunk; what lies behind the container comes last, under the name REST."""
    end, at, found = struct.unpack("<I", data[4:8])[0] + 8, 12, []
    while at < end:
        length = struct.unpack("<I", data[at + 4 : at + 8])[0]
        found.append((data[at : at + 4], data[at + 8 : at + 8 + length]))
        at += 8 + length + (length & 1)
    return [*found, (b"REST", data[end:])]


def with_box_field(data: bytes, box: bytes, offset: int, value: bytes) -> bytes:
    """A HEIC or AVIF with some bytes of the payload of its first box of this name replaced."""
    changed = bytearray(data)
    at = data.index(box) + 4 + offset
    changed[at : at + len(value)] = value
    return bytes(changed)


def heif_claiming(plugin: str, width: int, height: int) -> bytes:
    """A real small HEIC or AVIF with other sides in its header."""
    sides = struct.pack(">II", width, height)
    return with_box_field(saved(picture(64, 64), plugin), b"ispe", 4, sides)
