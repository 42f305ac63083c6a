"""Two readers of metadata that are not ours find plenty in what phones send, and nothing in what comes out."""

import io
from pathlib import Path

import exifread
import pymediainfo
import pytest
from PIL import Image

from tests.media.files import jpeg_segments, riff_chunks
from tests.media.test_decoder import PHOTOS, decoded
from tests.media.test_images import assert_bare

# Bytes with which a block of metadata begins or which name its maker, wherever it stands in a file.
MARKS = (b"Exif", b"http://ns.adobe.com", b"<x:xmpmeta", b"Photoshop 3.0", b"8BIM", b"Apple", b"iPhone", b"Nokia",
         b"Xiaomi", b"GPS", b"ICC_PROFILE", b"tEXt", b"iTXt", b"zTXt", b"ftyp", b"MPF\0")  # fmt: skip


def told(path: Path) -> set[str]:
    """Fields that the second reader would show of people, places, devices, programs and times."""
    found: set[str] = set()
    for track in pymediainfo.MediaInfo.parse(path).tracks:
        found |= {name for name, value in track.to_data().items() if value is not None}
    signs = ("encoded_", "tagged", "recorded", "location", "comment", "make", "model", "title", "performer",
             "copyright", "writing", "description", "gps", "software", "movie", "icc", "xmp")  # fmt: skip
    return {name for name in found if any(sign in name.lower() for sign in signs)}


@pytest.mark.parametrize("photo", PHOTOS, ids=lambda path: path.name)
def test_nothing_that_a_reader_finds_comes_out(photo: Path, tmp_path: Path) -> None:
    made = decoded(photo, tmp_path)
    for rendition in made.renditions:
        path = tmp_path / rendition.file
        data = path.read_bytes()
        assert exifread.process_file(io.BytesIO(data), details=True) == {}
        assert told(path) == set()
        assert not any(mark in data for mark in MARKS)
        assert_bare(data, rendition.format)
        behind = riff_chunks(data)[-1] if rendition.format == "webp" else jpeg_segments(data)[-1]
        assert behind[1] == b""


def test_the_readers_find_what_phones_send() -> None:
    """Without it the test above could pass with a reader that finds nothing anywhere."""
    photos = {photo.name: photo for photo in PHOTOS}
    for name in ("phone_lumia_gps.jpg", "phone_iphone_rotated_gps.jpg", "phone_iphone_rotated.heic"):
        tags = exifread.process_file(io.BytesIO(photos[name].read_bytes()), details=True)
        assert "Image Model" in tags, name
        assert any("MakerNote" in tag for tag in tags), name
        assert ("GPS GPSLatitude" in tags) is name.endswith(".jpg")
    with Image.open(photos["phone_iphone_gps.heic"]) as heic:
        assert heic.getexif().get_ifd(0x8825)[2]
        assert b"<x:xmpmeta" in heic.info["xmp"]
    assert {"encoded_date", "writing_application"} <= told(photos["cat_icc_xmp.png"])
    assert "colorspace_icc" in told(photos["phone_iphone_gps.heic"])
    assert sum(any(mark in photo.read_bytes() for mark in MARKS) for photo in PHOTOS) == len(PHOTOS)
