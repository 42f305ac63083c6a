"""What is taken as a movie: told from the first bytes, whatever the name or the sender's words."""

import io
import struct

import pytest

from backend.core.errors import ValidationFailed
from media.images.sniff import Bounds, ImageKind
from media.kinds import Kind, Medium, is_as_promised, kind_of, medium_of, sniff
from media.movies.sniff import MovieBounds, MovieKind, sniff_movie
from tests.media.files import picture, saved


def box(name: bytes, payload: bytes = b"") -> bytes:
    return struct.pack(">I", 8 + len(payload)) + name + payload


def iso(brand: bytes = b"isom", *boxes: bytes) -> bytes:
    return box(b"ftyp", brand + b"\0\0\2\0" + brand) + b"".join(boxes or (box(b"moov", bytes(40)),))


def webm(doctype: bytes = b"webm") -> bytes:
    elements = b"\x42\x86\x81\x01" + b"\x42\x82" + bytes([0x80 | len(doctype)]) + doctype
    return b"\x1a\x45\xdf\xa3" + bytes([0x80 | len(elements)]) + elements + b"\x18\x53\x80\x67\x01" + b"\xff" * 7


def told(data: bytes) -> Kind:
    return sniff(io.BytesIO(data), size=len(data), images=Bounds(), movies=MovieBounds())


def refused(data: bytes) -> str:
    with pytest.raises(ValidationFailed) as caught:
        told(data)
    return caught.value.code


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (iso(), MovieKind.MP4),
        (iso(b"mp42", box(b"mdat", bytes(500)), box(b"moov")), MovieKind.MP4),
        (iso(b"qt  ", box(b"wide"), box(b"mdat", bytes(9)), box(b"moov")), MovieKind.QUICKTIME),
        (iso(b"isom", struct.pack(">I4sQ", 1, b"mdat", 20) + bytes(4), box(b"moov")), MovieKind.MP4),
        (iso(b"isom", box(b"moov"), struct.pack(">I", 0) + b"mdat"), MovieKind.MP4),
        (webm(), MovieKind.WEBM),
        (webm(b"webm\0\0"), MovieKind.WEBM),
        (saved(picture(9, 9), "PNG"), ImageKind.PNG),
    ],
)
def test_sniff_tells_the_container(data: bytes, kind: Kind) -> None:
    assert told(data) is kind


@pytest.mark.parametrize("kind", [MovieKind.MP4, MovieKind.QUICKTIME])
def test_phones_may_mix_up_what_is_one_family_and_nothing_else(kind: MovieKind) -> None:
    assert is_as_promised(kind, MovieKind.MP4)
    assert is_as_promised(kind, MovieKind.QUICKTIME)
    for other in (MovieKind.WEBM, ImageKind.HEIC, None):
        assert not is_as_promised(kind, other)
        assert other is None or not is_as_promised(other, kind)
    assert is_as_promised(MovieKind.WEBM, MovieKind.WEBM)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"#EXTM3U\n#EXT-X-TARGETDURATION:10\nhttp://192.0.2.1/a.ts\n", "media_type_unknown"),
        (b"ffconcat version 1.0\nfile 'http://192.0.2.1/a.mp4'\n", "media_type_unknown"),
        (b"<?xml version='1.0'?><MPD><BaseURL>http://192.0.2.1/</BaseURL></MPD>", "media_type_unknown"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "media_type_unknown"),
        (b"<!doctype html><video src=x>", "media_type_unknown"),
        (b"RIFF\0\0\0\0AVI LIST", "media_type_unknown"),
        (b"", "media_type_unknown"),
        (iso(b"mif1"), "image_damaged"),
        (webm(b"matroska"), "media_type_unknown"),
        (b"\x1a\x45\xdf\xa3", "movie_damaged"),
        (b"\x1a\x45\xdf\xa3\xff" + b"\0" * 9000, "movie_damaged"),
        (iso(b"isom", box(b"mdat", bytes(500))), "movie_damaged"),
        (iso(b"isom", struct.pack(">I4s", 500, b"moov")), "movie_damaged"),
        (iso(b"isom", struct.pack(">I4s", 3, b"free"), box(b"moov")), "movie_damaged"),
        (iso(b"isom", box(b"free") * 20_000, box(b"moov")), "movie_damaged"),
        (iso(b"isom", struct.pack(">I4sQ", 1, b"mdat", 2**63)), "movie_damaged"),
    ],
)
def test_sniff_refuses_what_is_none_or_broken(data: bytes, code: str) -> None:
    assert refused(data) == code


def test_every_truncation_is_refused_before_the_index_is_complete() -> None:
    whole = iso(b"mp42", box(b"mdat", bytes(30)), box(b"moov", bytes(20)))
    assert {refused(whole[:length]) for length in range(len(whole))} == {"media_type_unknown", "movie_damaged"}


def test_movie_over_the_bound_is_refused_with_its_number() -> None:
    with pytest.raises(ValidationFailed) as caught:
        sniff_movie(io.BytesIO(b""), size=MovieBounds().file_bytes + 1)
    assert (caught.value.code, caught.value.params) == ("file_too_large", {"megabytes": 200})


def test_every_kind_has_a_medium() -> None:
    assert {medium_of(kind) for kind in ImageKind} == {Medium.IMAGE}
    assert {medium_of(kind) for kind in MovieKind} == {Medium.MOVIE}
    assert kind_of("image/png") is ImageKind.PNG
    assert kind_of("text/html") is None
