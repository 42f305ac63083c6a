"""What must not leak from a movie: places, devices, dates, and no word to another host."""

import io
import socket
import struct
from pathlib import Path
from typing import Any, BinaryIO

import av
import pytest
from pymediainfo import MediaInfo

from media.movies import reading
from media.movies.orders import POSTER_FILE
from media.movies.sniff import MovieKind
from tests.media.converted_movies import PLAIN, assert_bare, converted, frames, poster, refused, result
from tests.media.movies import (
    GPS_MARK,
    MAKER_MARK,
    as_a_phone_makes_it,
    boxes,
)


def test_fixture_of_a_phone_holds_what_must_not_leak() -> None:
    told = MediaInfo.parse(io.BytesIO(as_a_phone_makes_it())).to_data()
    assert GPS_MARK.decode() in str(told)
    assert MAKER_MARK in str(told)
    assert "2026-05-17" in str(told)


def test_movie_of_a_phone_comes_out_upright_and_bare(tmp_path: Path) -> None:
    made = converted(as_a_phone_makes_it(), tmp_path, kind=MovieKind.QUICKTIME)
    data = result(tmp_path)
    assert_bare(data)
    assert (made.width, made.height, made.has_sound) == (120, 160, True)
    assert made.size == len(data)
    assert made.seconds == pytest.approx(1.0, abs=0.05)
    shown = frames(data)[0]
    assert (shown.width, shown.height, shown.rotation) == (120, 160, 0)
    # What was the upper left corner before it was turned clockwise is the upper right one.
    for image in (shown.to_image(), poster(tmp_path)):
        red: Any = image.getpixel((115, 5))
        assert red[0] > 180 > 90 > max(red[1:])
        dark: Any = image.getpixel((5, 5))
        assert dark[0] < 120
    assert (tmp_path / "out" / POSTER_FILE).read_bytes().count(b"tEXt") == 0


def test_movie_whose_pictures_are_said_to_be_in_another_file_opens_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, opened_files = _pictures_in(b"other.mp4"), []

    def spy(url: str, _flags: int, _options: dict[str, str]) -> BinaryIO:
        opened_files.append(url)
        return io.BytesIO()

    trusting = {"enable_drefs": "1", "use_absolute_path": "1"}
    with av.open(io.BytesIO(data), format="mov", container_options=trusting, io_open=spy):
        assert opened_files == ["other.mp4"]  # so the library would, if one let it
    opened_files.clear()
    monkeypatch.setattr(reading, "_open_nothing", spy)
    assert refused(data, tmp_path) == "movie_damaged"
    assert opened_files == []


def test_playlist_that_points_to_another_host_is_refused_and_reaches_nobody(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)  # whoever had come would stand in its queue
        url = f"http://127.0.0.1:{server.getsockname()[1]}/a.ts".encode()
        playlist = b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n" + url + b"\n#EXT-X-ENDLIST\n"
        for kind in MovieKind:
            assert refused(playlist, tmp_path, kind=kind) == "media_type_unknown"
        assert refused(PLAIN[:32] + playlist, tmp_path) == "movie_damaged"
        with pytest.raises(BlockingIOError):
            server.accept()


def _pictures_in(name: bytes) -> bytes:
    """A movie whose index says, in the way of old Macs, in which file the pictures are."""
    path = struct.pack(">hH", 2, len(name)) + name + bytes(len(name) % 2)
    disk = bytes([4]) + b"disk".ljust(27, b"\0")
    file = bytes([1]) + b"x".ljust(63, b"\0")
    levels = struct.pack(">hh", 1, 1)
    alias = bytes(10) + disk + bytes(12) + file + bytes(16) + levels + bytes(16) + path + struct.pack(">hH", -1, 0)
    index = struct.pack(">III4sI", 0, 1, 12 + len(alias), b"alis", 0) + alias
    start, end = next((start, end) for box, start, end in boxes(PLAIN) if box == b"dref")
    changed = bytearray(PLAIN)
    for _, outer, outer_end in boxes(PLAIN):
        if outer <= start and end <= outer_end:
            changed[outer - 8 : outer - 4] = struct.pack(">I", outer_end - outer + 8 + len(index) - (end - start))
    changed[start:end] = index
    return bytes(changed)
