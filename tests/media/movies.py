"""Movies for the tests, made by PyAV: as phones make them, strange ones, and hostile ones."""

import functools
import io
import random
import struct
import tempfile
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import av
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame
from PIL import Image

from tests.media.files import picture

GPS_MARK = b"+58.1467+008.0044+012.000/"
MAKER_MARK = "SECRETPHONE"


def still(width: int, height: int) -> Image.Image:
    """The gradient with a red upper left corner."""
    return picture(width, height)


def tone(seconds: float, *, rate: int = 44_100, channels: int = 2, begin: float = 0.0) -> Iterator[AudioFrame]:
    """A square wave, so that there is something to hear."""
    layout = "mono" if channels == 1 else "stereo"
    wave = struct.pack("<64h", *([9000] * 32 + [-9000] * 32))
    for start in range(0, int(seconds * rate), 1024):
        frame = AudioFrame(format="s16", layout=layout, samples=1024)
        frame.planes[0].update((wave * (1024 * channels // 64 + 1))[: 1024 * channels * 2])
        frame.rate, frame.pts, frame.time_base = rate, start + round(begin * rate), Fraction(1, rate)
        yield frame


def movie(
    *,
    size: tuple[int, int] = (160, 120),
    seconds: float = 1.0,
    rate: int = 25,
    container: str = "mp4",
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    audio: str | None = "aac",
    audio_seconds: float | None = None,
    audio_begin: float = 0.0,
    turned: int = 0,
    frame_at: Callable[[int], Image.Image] | None = None,
    times: Callable[[int], int] | None = None,
    metadata: dict[str, str] | None = None,
    options: dict[str, str] | None = None,
    container_options: dict[str, str] | None = None,
    colours: dict[str, int] | None = None,
) -> bytes:
    """A movie; `frame_at(n)` is its n-th picture and `times(n)` when that is shown, in frames."""
    out: Any
    with (  # an index in front is written last, by reading the file again
        tempfile.NamedTemporaryFile() as file,
        av.open(file.name, "w", format=container, options=container_options or {}) as out,
    ):
        out.metadata.update(metadata or {})
        quick = {"preset": "ultrafast"} if codec == "libx264" else {}
        video = out.add_stream(codec, rate=rate, options=quick | (options or {}))
        video.width, video.height, video.pix_fmt = size[0], size[1], pix_fmt
        video.codec_context.time_base = Fraction(1, rate)
        for name, value in (colours or {}).items():
            setattr(video.codec_context, name, value)
        if turned:
            video.set_display_rotation(turned)
        # Of Vorbis the library has an encoder of its own alone, which it calls unfinished.
        wished = {"strict": "experimental"} if audio == "vorbis" else {}
        sound = out.add_stream(audio, rate=48_000 if audio == "libopus" else 44_100, options=wished) if audio else None
        same = _frame(still(*size)).reformat(format=pix_fmt)
        for n in range(round(seconds * rate)):
            frame = _frame(frame_at(n)) if frame_at else same
            frame.pts, frame.time_base = (times(n) if times else n), Fraction(1, rate)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        if sound is not None:
            length = seconds if audio_seconds is None else audio_seconds
            for heard in tone(length, rate=sound.rate, begin=audio_begin):
                out.mux(sound.encode(heard))
            out.mux(sound.encode(None))
        out.close()
        return file.read()


@functools.cache
def long_movie() -> bytes:
    """Seconds of work on any machine, enough to do something meanwhile: no picture of it helps to foresee the next."""
    chance = random.Random(4)  # noqa: S311 - the same each time is what is asked of it
    size = (1280, 720)
    cells = (size[0] // 16, size[1] // 16)
    scenes = [Image.frombytes("RGB", cells, chance.randbytes(3 * cells[0] * cells[1])).resize(size) for _ in range(8)]
    return movie(size=size, seconds=10.0, rate=30, audio=None, options={"crf": "40"}, frame_at=lambda n: scenes[n % 8])


def _frame(image: Image.Image) -> VideoFrame:
    return VideoFrame.from_image(image)  # type: ignore[no-untyped-call,no-any-return]


def only_sound() -> bytes:
    """A song in the same container."""
    buffer = io.BytesIO()
    out: Any
    with av.open(buffer, "w", format="mp4") as out:
        sound = out.add_stream("aac", rate=44_100)
        for heard in tone(0.5):
            out.mux(sound.encode(heard))
        out.mux(sound.encode(None))
    return buffer.getvalue()


def as_a_phone_makes_it(*, turned: int = -90) -> bytes:
    """A movie held upright, as an iPhone writes it: turned by its display matrix, with place, maker and time."""
    return movie(
        container="mov",
        turned=turned,
        metadata={
            "com.apple.quicktime.location.ISO6709": GPS_MARK.decode(),
            "com.apple.quicktime.make": MAKER_MARK,
            "com.apple.quicktime.creationdate": "2026-05-17T12:00:00+0200",
            "creation_time": "2026-05-17T10:00:00Z",
            "location": GPS_MARK.decode(),
            "title": MAKER_MARK,
        },
        container_options={"movflags": "use_metadata_tags"},
    )


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[tuple[bytes, int, int]]:
    """Name, place of the payload and end of each box of an ISO file, with those inside, depth first."""
    inside = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"udta", b"edts", b"dinf"}
    at, end = start, len(data) if end is None else end
    while at + 8 <= end:
        length, name = struct.unpack(">I4s", data[at : at + 8])
        length = length or end - at
        yield name, at + 8, at + length
        if name in inside:
            yield from boxes(data, at + 8, at + length)
        at += max(8, length)


def patched(data: bytes, name: bytes, offset: int, value: bytes, *, nth: int = 0) -> bytes:
    """The same with other bytes at a place in the payload of the n-th box of this name."""
    found = [start for box, start, _ in boxes(data) if box == name][nth]
    changed = bytearray(data)
    changed[found + offset : found + offset + len(value)] = value
    return bytes(changed)


def packets_of(data: bytes, kind: str) -> list[Any]:
    """The packets of the first stream of this kind."""
    container: Any
    with av.open(io.BytesIO(data)) as container:
        stream = getattr(container.streams, kind)[0]
        return [packet for packet in container.demux(stream) if packet.size]
