"""The movie subprocess: what comes out is upright, small, even and bare; what is hostile ends it at worst."""

import asyncio
import io
import itertools
import random
import socket
import struct
import threading
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image
from pymediainfo import MediaInfo

from backend.core.errors import ValidationFailed
from media.movies import converting
from media.movies.converting import convert_movie
from media.movies.making import make_movie
from media.movies.orders import MOVIE_FILE, POSTER_FILE, MadeMovie, MovieLimits, Sound
from media.movies.sniff import DEFAULT_MOVIE_BOUNDS, MovieBounds, MovieKind
from media.processing.decoder import DecoderDied
from tests.media.movies import (
    GPS_MARK,
    MAKER_MARK,
    as_a_phone_makes_it,
    boxes,
    movie,
    only_sound,
    packets_of,
    patched,
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


@pytest.mark.parametrize(("turned", "corner"), [(0, (5, 5)), (90, (5, 155)), (180, (155, 115)), (-90, (115, 5))])
def test_every_turn_ends_upright(turned: int, corner: tuple[int, int], tmp_path: Path) -> None:
    made_of(movie(turned=turned, audio=None, seconds=0.2), tmp_path)
    red: Any = poster(tmp_path).getpixel(corner)
    assert red[0] > 180 > 90 > max(red[1:])


def test_playable_from_the_first_byte_in_the_form_of_phones(tmp_path: Path) -> None:
    made_of(movie(size=(1920, 1080), rate=60, seconds=0.2), tmp_path)
    data = result(tmp_path)
    top = [name for name, start, _ in boxes(data) if name in (b"moov", b"mdat")]
    assert top == [b"moov", b"mdat"]
    container: Any
    with av.open(io.BytesIO(data)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert (video.width, video.height, video.average_rate) == (1280, 720, 30)
        assert (video.codec_context.name, video.codec_context.profile, video.codec_context.pix_fmt) == (
            "h264", "High", "yuv420p",
        )  # fmt: skip
        assert (video.codec_context.colorspace, video.codec_context.color_trc) == (1, 1)
        assert (audio.codec_context.name, audio.rate) == ("aac", 48_000)
        assert len(container.streams) == 2


@pytest.mark.parametrize(
    ("codec", "audio", "container", "kind"),
    [
        ("libx265", "aac", "mov", MovieKind.QUICKTIME),
        ("libvpx", "libvorbis", "webm", MovieKind.WEBM),
        ("libvpx-vp9", "libopus", "webm", MovieKind.WEBM),
        ("libsvtav1", "aac", "mp4", MovieKind.MP4),
        ("libx264", "pcm_s16le", "mov", MovieKind.QUICKTIME),
    ],
)
def test_codecs_of_phones_and_browsers(codec: str, audio: str, container: str, kind: MovieKind, tmp_path: Path) -> None:
    if audio == "libvorbis":
        audio = "libopus"
    data = movie(codec=codec, audio=audio, container=container, seconds=0.4)
    made = made_of(data, tmp_path, kind=kind)
    assert (made.width, made.height, made.has_sound) == (160, 120, True)
    assert made.seconds == pytest.approx(0.4, abs=0.05)
    assert_bare(result(tmp_path))


@pytest.mark.parametrize("transfer", [16, 18])
def test_high_dynamic_range_becomes_plain(transfer: int, tmp_path: Path) -> None:
    grey = Image.new("RGB", (160, 120), (148, 148, 148))  # 58 %: paper in HLG, a little over in PQ
    data = movie(
        codec="libx265", container="mov", pix_fmt="yuv420p10le", audio=None, seconds=0.2, frame_at=lambda _n: grey,
        colours={"color_trc": transfer, "color_primaries": 9, "colorspace": 9},
    )  # fmt: skip
    made_of(data, tmp_path, kind=MovieKind.QUICKTIME)
    shown = frames(result(tmp_path))[0]
    assert (shown.format.name, shown.colorspace, shown.color_trc, shown.color_primaries) == ("yuv420p", 1, 1, 1)
    pixel: Any = poster(tmp_path).getpixel((80, 60))
    assert max(pixel) - min(pixel) <= 4
    assert 120 < pixel[0] < 250


@pytest.mark.parametrize(
    ("rate", "times", "seconds", "fps"),
    [
        (240, None, 0.5, 30),
        (25, lambda n: n + (n // 5) * 3, 1.0, None),  # variable: it stands still every fifth picture
        (1, None, 3.0, 10),
    ],
)
def test_rates_become_even(rate: int, times: Any, seconds: float, fps: int | None, tmp_path: Path) -> None:
    made_of(movie(rate=rate, times=times, seconds=seconds, audio=None), tmp_path)
    shown = frames(result(tmp_path))
    steps = {round(float((b.pts - a.pts) * a.time_base), 4) for a, b in itertools.pairwise(shown)}
    assert len(steps) == 1
    assert fps is None or steps == {round(1 / fps, 4)}


def test_sound_removed_leaves_no_track(tmp_path: Path) -> None:
    made = made_of(PLAIN, tmp_path, sound=Sound.REMOVED)
    assert made.has_sound is False
    container: Any
    with av.open(io.BytesIO(result(tmp_path))) as container:
        assert [stream.type for stream in container.streams] == ["video"]


def test_sound_begins_and_ends_with_the_pictures(tmp_path: Path) -> None:
    data = movie(seconds=1.0, audio_seconds=3.0, audio_begin=0.5)
    made = made_of(data, tmp_path)
    container: Any
    with av.open(io.BytesIO(result(tmp_path))) as container:
        ends = [float(stream.duration * stream.time_base) for stream in container.streams]
    assert made.seconds == pytest.approx(1.0, abs=0.05)
    assert max(ends) == pytest.approx(1.0, abs=0.1)
    heard = loudness(result(tmp_path))
    quiet, loud = heard[: len(heard) * 4 // 10], heard[len(heard) * 7 // 10 : -2]
    assert max(quiet) < 0.01
    assert sum(loud) / len(loud) == pytest.approx(9000 / 32768, rel=0.15)  # as loud as it was


@pytest.mark.parametrize("size", [(162, 122), (720, 4), (16, 900), (3000, 90)])
def test_sides_become_even_and_small(size: tuple[int, int], tmp_path: Path) -> None:
    made = made_of(movie(size=size, audio=None, seconds=0.2), tmp_path)
    assert made.width % 2 == made.height % 2 == 0
    assert max(made.width, made.height) <= 1280
    assert min(made.width, made.height) <= 720


def test_one_pixel_and_odd_sides(tmp_path: Path) -> None:
    for size in ((1, 1), (161, 121)):
        data = movie(size=size, codec="libvpx-vp9", container="webm", audio=None, seconds=0.2)
        made = made_of(data, tmp_path, kind=MovieKind.WEBM)
        assert made.width % 2 == made.height % 2 == 0


def test_poster_is_not_the_dark_beginning(tmp_path: Path) -> None:
    dark, light = Image.new("RGB", (160, 120)), Image.new("RGB", (160, 120), (30, 200, 60))
    made_of(movie(seconds=2.4, rate=10, audio=None, frame_at=lambda n: dark if n < 16 else light), tmp_path)
    green: Any = poster(tmp_path).getpixel((80, 60))
    assert green[1] > 150


def test_dark_movie_has_a_poster_too(tmp_path: Path) -> None:
    made_of(movie(seconds=0.3, frame_at=lambda _n: Image.new("RGB", (160, 120)), audio=None), tmp_path)
    assert poster(tmp_path).size == (160, 120)


def test_sound_alone_is_refused(tmp_path: Path) -> None:
    assert refused(only_sound(), tmp_path) == "movie_without_video"


def test_other_container_than_sniffed_is_refused(tmp_path: Path) -> None:
    assert refused(PLAIN, tmp_path, kind=MovieKind.WEBM) == "media_type_mismatch"


def test_hours_are_refused_whether_claimed_or_hidden(tmp_path: Path) -> None:
    tiny: dict[str, Any] = {"size": (16, 16), "audio": None, "rate": 1}
    assert refused(movie(seconds=93, **tiny), tmp_path) == "movie_too_long"
    hidden = movie(
        seconds=20, times=lambda n: n * 1800, container_options={"movflags": "frag_keyframe+empty_moov"}, **tiny
    )
    assert refused(hidden, tmp_path) == "movie_too_long"
    lying = movie(seconds=20, times=lambda n: n * 1800, **tiny)
    for name in (b"mvhd", b"tkhd", b"mdhd"):
        lying = patched(lying, name, 16 if name != b"tkhd" else 20, struct.pack(">I", 1000))
    assert refused(lying, tmp_path) == "movie_too_long"


def test_longer_than_the_bound_is_refused_and_a_little_longer_is_not(tmp_path: Path) -> None:
    data = movie(seconds=2.0, rate=10, audio=None)
    assert refused(data, tmp_path, bounds=MovieBounds(seconds=0)) == "movie_too_long"
    assert made_of(data, tmp_path, bounds=MovieBounds(seconds=1)).seconds == pytest.approx(2.0, abs=0.1)


def test_huge_sides_are_refused_before_decoding(tmp_path: Path) -> None:
    small = MovieBounds(pixels=100 * 100)
    assert refused(PLAIN, tmp_path, bounds=small) == "movie_too_large"
    assert refused(PLAIN, tmp_path, bounds=MovieBounds(side=100)) == "movie_too_large"


def test_out_of_memory_is_refused_or_ends_the_child(tmp_path: Path) -> None:
    data = movie(size=(1920, 1080), audio=None, seconds=0.2)
    with pytest.raises((ValidationFailed, DecoderDied)) as caught:
        converted(data, tmp_path, limits=MovieLimits(memory_mb=300))
    assert getattr(caught.value, "code", "movie_too_heavy") in ("movie_too_heavy", "movie_damaged")


def test_too_slow_ends_the_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(converting, "_GRACE_SECONDS", 0.1)
    with pytest.raises(DecoderDied):
        converted(PLAIN, tmp_path, limits=MovieLimits(wall_seconds=0, cpu_seconds=1))


@pytest.mark.parametrize("options", [{}, {"movflags": "faststart"}, {"movflags": "frag_keyframe+empty_moov"}])
def test_index_anywhere(options: dict[str, str], tmp_path: Path) -> None:
    made = made_of(movie(container_options=options), tmp_path)
    assert made.seconds == pytest.approx(1.0, abs=0.15)
    assert made.has_sound


def test_truncated_movie_is_refused(tmp_path: Path) -> None:
    noise = Image.effect_noise((160, 120), 90)
    whole = movie(
        container_options={"movflags": "faststart"},
        seconds=4.0,
        rate=10,
        audio=None,
        frame_at=lambda n: noise.rotate(n * 7).convert("RGB"),
    )
    assert refused(whole[: len(whole) // 4], tmp_path) == "movie_damaged"
    assert refused(PLAIN[: len(PLAIN) // 2], tmp_path) == "movie_damaged"


def test_some_broken_packets_are_passed_over_and_many_are_not(tmp_path: Path) -> None:
    whole = movie(seconds=2.0, options={"g": "5"}, audio=None)
    places = [(packet.pos, packet.size) for packet in packets_of(whole, "video")]
    some, many = bytearray(whole), bytearray(whole)
    for pos, size in places[10:14]:
        some[pos + 4 : pos + size] = bytes(size - 4)
    for pos, size in places:
        many[pos + 4 : pos + size] = b"\xff" * (size - 4)
    assert made_of(bytes(some), tmp_path).seconds > 1.5
    assert refused(bytes(many), tmp_path) == "movie_damaged"


def test_movie_that_names_another_host_reaches_nobody(tmp_path: Path) -> None:
    calls: list[Any] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.3)

        def answer() -> None:
            while True:
                try:
                    calls.append(server.accept())
                except TimeoutError:
                    if done.is_set():
                        return

        done = threading.Event()
        listening = threading.Thread(target=answer)
        listening.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/a.mp4".encode()
        for data, kind in _naming(url):
            try:
                converted(data, tmp_path, kind=kind)
            except (ValidationFailed, DecoderDied):
                continue
        done.set()
        listening.join()
    assert calls == []


def _naming(url: bytes) -> list[tuple[bytes, MovieKind]]:
    """Movies whose index says that the pictures are elsewhere, and a playlist behind the first bytes of a movie."""
    alias = struct.pack(">4sI", b"url ", 0) + url + b"\0"
    dref = struct.pack(">II", 0, 1) + struct.pack(">I", 4 + len(alias)) + alias
    start = next(start for name, start, _ in boxes(PLAIN) if name == b"dref")
    local = PLAIN.replace(PLAIN[start - 8 : start + 20], struct.pack(">I4s", 8 + len(dref), b"dref") + dref)
    playlist = PLAIN[:32] + b"#EXTM3U\n#EXTINF:1,\n" + url + b"\n" + PLAIN[32:]
    return [(local, MovieKind.MP4), (playlist, MovieKind.MP4), (b"#EXTM3U\n" + url, MovieKind.MP4)]


def test_flipped_bytes_never_hang_and_end_in_one_of_three_ways(tmp_path: Path) -> None:
    small = movie(size=(32, 32), seconds=0.2, audio=None)
    chance, moov = random.Random(20261128), small.index(b"moov")  # noqa: S311 - the same each time
    seen: set[str] = set()
    for _ in range(6):
        data = bytearray(small)
        for _ in range(chance.randrange(1, 12)):
            data[chance.randrange(moov, len(data))] = chance.randrange(256)
        try:
            converted(bytes(data), tmp_path, limits=MovieLimits(wall_seconds=20, cpu_seconds=10))
            seen.add("made")
        except ValidationFailed as error:
            seen.add(error.code)
        except DecoderDied:
            seen.add("died")
    assert seen <= {"made", "died", "movie_damaged", "movie_too_long", "movie_too_large", "movie_without_video",
                    "movie_too_heavy", "media_type_unknown"}  # fmt: skip


def test_progress_is_told_and_only_grows(tmp_path: Path) -> None:
    told: list[int] = []
    converted(movie(size=(1280, 720), seconds=3.0, audio=None), tmp_path, told=told.append)
    assert told
    assert told == sorted(set(told))
    assert 0 < told[0] <= told[-1] <= 99


def test_progress_of_what_a_browser_records_without_a_length_is_a_share_of_what_is_allowed(tmp_path: Path) -> None:
    data = movie(codec="libvpx", audio="libopus", seconds=3.0, container="webm", container_options={"live": "1"})
    shares: list[float] = []
    made = make_movie(*placed(data, tmp_path), kind=MovieKind.WEBM, sound=Sound.KEPT, progress=shares.append)
    assert 2.5 < made.seconds < 3.5
    assert shares == sorted(shares)
    assert 0.02 < shares[-1] < 0.1
