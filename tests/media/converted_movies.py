"""Movies put through the conversion, and looks at what came out."""

import asyncio
import io
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image
from pymediainfo import MediaInfo

from backend.core.errors import ValidationFailed
from media.movies.converting import convert_movie
from media.movies.making import make_movie
from media.movies.orders import MOVIE_FILE, POSTER_FILE, MadeMovie, Sound
from media.movies.sniff import DEFAULT_MOVIE_BOUNDS, MovieBounds, MovieKind
from tests.media.movies import (
    GPS_MARK,
    MAKER_MARK,
    boxes,
    movie,
)

PLAIN = movie()
# What a player needs; anything else in the file would be a word about where it comes from.
PLAYER_BOXES = frozenset(
    b"ftyp moov mvhd trak tkhd edts elst mdia mdhd hdlr minf vmhd smhd dinf dref stbl stsd stts stss ctts stsc stsz"
    b" stco sgpd sbgp mdat free udta meta".split()
)


def placed(data: bytes, folder: Path) -> tuple[Path, Path]:
    source, out = folder / "source", folder / "out"
    source.write_bytes(data)
    out.mkdir(exist_ok=True)
    return source, out


def converted(
    data: bytes, folder: Path, *, kind: MovieKind = MovieKind.MP4, sound: Sound = Sound.KEPT, **more: Any
) -> MadeMovie:
    """By the subprocess, as the worker does it."""
    return asyncio.run(convert_movie(*placed(data, folder), kind=kind, sound=sound, **more))


def made_of(
    data: bytes,
    folder: Path,
    *,
    kind: MovieKind = MovieKind.MP4,
    sound: Sound = Sound.KEPT,
    bounds: MovieBounds = DEFAULT_MOVIE_BOUNDS,
) -> MadeMovie:
    """By what the subprocess calls, here: for what is about the movie and not about the process."""
    return make_movie(*placed(data, folder), kind=kind, sound=sound, bounds=bounds, progress=lambda _share: None)


def refused(data: bytes, folder: Path, **more: Any) -> str:
    with pytest.raises(ValidationFailed) as caught:
        made_of(data, folder, **more)
    return caught.value.code


def result(folder: Path) -> bytes:
    return (folder / "out" / MOVIE_FILE).read_bytes()


def poster(folder: Path) -> Image.Image:
    return Image.open(folder / "out" / POSTER_FILE).convert("RGB")


def frames(data: bytes) -> list[Any]:
    container: Any
    with av.open(io.BytesIO(data)) as container:
        return list(container.decode(video=0))


def loudness(data: bytes) -> list[float]:
    """The mean of the absolute samples of each packet of sound."""
    container: Any
    with av.open(io.BytesIO(data)) as container:
        heard = container.decode(audio=0)
        return [sum(map(abs, memoryview(f.planes[0]).cast("f"))) / f.samples for f in heard]


def assert_bare(data: bytes) -> None:
    """Only what a player needs, in the eyes of an independent reader and in a raw walk."""
    assert {name for name, _, _ in boxes(data)} <= PLAYER_BOXES
    for name, start, end in boxes(data):
        if name == b"udta":  # the muxer's frame for metadata, with none in it
            assert data[start:end].endswith(b"\0\0\0\x08ilst")
            assert end - start <= 90
    for mark in (GPS_MARK, GPS_MARK[:8], MAKER_MARK.encode(), b"apple", b"x264", b"Lavc", b"Lavf", b"\xa9xyz"):
        assert mark not in data
    told = " ".join(
        str(value) for track in MediaInfo.parse(io.BytesIO(data)).tracks for value in track.to_data().values()
    )
    for word in ("58.14", MAKER_MARK, "2026-05-17", "Lavf", "x264 ", "encoded_date", "writing"):
        assert word not in told
    times = [data[start + 4 : start + 12] for name, start, _ in boxes(data) if name in (b"mvhd", b"tkhd", b"mdhd")]
    assert len(times) >= 3
    assert set(times) == {bytes(8)}  # made and changed: never
