"""The moving picture: decoded, evenly timed, small, upright and in plain colours. Only for the subprocess."""

import os
from collections.abc import Iterator, Mapping
from enum import IntEnum
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias, cast

import av.error
from av.filter import Graph
from av.filter.context import FilterContext
from av.packet import Packet
from av.video.frame import PictureType, VideoFrame
from av.video.reformatter import ColorRange
from av.video.stream import VideoStream

from backend.core.errors import ValidationFailed
from media.hdr import Transfer
from media.movies.geometry import fitted, swaps_sides, turn_of
from media.movies.reading import OUT_OF_MEANS
from media.movies.sniff import MovieBounds, damaged
from media.movies.tones import write_table

AnyPacket: TypeAlias = "Packet[VideoStream]"
Step: TypeAlias = tuple[str, dict[str, str]]

# Phones stop a little late.
TOLERANCE_SECONDS = 1.0
_SLOWEST, _FASTEST = Fraction(10), Fraction(30)
# 240 a second for as long as a movie may be, and some more.
_MOST_FRAMES_A_SECOND = 250
_MOST_THREADS = 4
_FULL_HD = 1920 * 1088
_HIGH = 576
_CLOCK = Fraction(1, 90_000)
_UNSAID = 2


class Matrix(IntEnum):
    """How brightness and colour are made of red, green and blue (ITU-T H.273, table 4)."""

    BT709 = 1
    SMPTE170M = 6


class PictureTrack:
    """Frames in, frames out: at most 30 a second, upright, square pixels, BT.709.

    `width`, `height` and `rate` are known once the first frame came out.
    """

    def __init__(self, stream: VideoStream, folder: Path, *, begin: float, bounds: MovieBounds) -> None:
        self._stream = stream
        self._folder = folder
        self._begin = begin
        self._bounds = bounds
        self._seconds = 0.0
        self._first: VideoFrame | None = None
        self._graph = Graph()
        self._source: FilterContext
        self._shape: tuple[int, int, str]
        self._decoded = self._broken = self._given = 0
        self._claimed_rate = stream.average_rate or _FASTEST
        self.rate = steady_rate(stream.average_rate or stream.guessed_rate)
        self.width = self.height = 0
        check_sides(stream.width, stream.height, bounds)
        context = stream.codec_context
        context.thread_type = "AUTO"
        context.thread_count = _threads(stream)
        context.options = {"max_pixels": str(bounds.pixels)}

    def frames(self, packets: Iterator[AnyPacket]) -> Iterator[VideoFrame]:
        """What is to be encoded, in order.

        Raises ValidationFailed movie_too_long, movie_damaged, movie_too_heavy, and MemoryError.
        """
        for packet in packets:
            for frame in self._decode(packet):
                self._push(frame)
                yield from self._pull()
        if self._first is None or self._broken > self._decoded:
            raise damaged()
        self._source.push(None)
        yield from self._pull()
        if not self._given and self._seconds > 0:  # there was something to show, and all of it was lost
            raise MemoryError

    def _decode(self, packet: AnyPacket) -> list[VideoFrame]:
        """The frames of a packet; a broken packet has none."""
        try:
            return self._stream.codec_context.decode(packet)
        except OUT_OF_MEANS:
            raise
        except av.error.FFmpegError:
            self._broken += 1
            return []

    def _push(self, frame: VideoFrame) -> None:
        self._decoded += 1
        most = self._bounds.seconds + TOLERANCE_SECONDS
        if self._decoded > most * _MOST_FRAMES_A_SECOND:
            raise ValidationFailed("movie_too_heavy", path=("file",))
        seconds, length = self._time_of(frame), self._length_of(frame)
        if seconds > most:
            raise too_long()
        self._seconds = max(self._seconds, seconds)
        check_sides(frame.width, frame.height, self._bounds)
        frame.pts, frame.time_base = round(seconds / _CLOCK), _CLOCK
        frame.duration = round(length / _CLOCK)
        _name_colours(frame)
        if self._first is None:
            self._begin_with(frame)
        elif (frame.width, frame.height, frame.format.name) != self._shape:
            width, height, name = self._shape  # a browser changes the size while it records
            frame = frame.reformat(width, height, name)
        self._source.push(frame)

    def _time_of(self, frame: VideoFrame) -> float:
        """Seconds since the movie's begin; a frame without a time follows the one before."""
        if frame.pts is None or frame.time_base is None:
            return self._seconds + float(1 / self.rate)
        return float(frame.pts * frame.time_base) - self._begin

    def _length_of(self, frame: VideoFrame) -> float:
        """How long it is shown; the last one would otherwise be lost."""
        length = float(frame.duration * frame.time_base) if frame.time_base is not None else 0.0
        return length if 0 < length <= 1 else float(1 / self._claimed_rate)

    def _begin_with(self, frame: VideoFrame) -> None:
        self._first = frame
        self._shape = (frame.width, frame.height, frame.format.name)
        turn = turn_of(_display_matrix(frame))
        shape = self._stream.sample_aspect_ratio
        width, height = fitted(frame.width, frame.height, pixel_shape=float(shape) if shape else 1.0)
        self.width, self.height = (height, width) if swaps_sides(turn) else (width, height)
        steps = _steps(frame, width, height, rate=self.rate, turn=turn)
        if frame.color_trc in set(Transfer):
            table = self._folder / "tones.cube"
            write_table(table, Transfer(frame.color_trc))
            steps = _toned(steps, table)
        self._source = self._chained(
            f"video_size={frame.width}x{frame.height}:pix_fmt={frame.format.name}:time_base={_CLOCK}"
            f":colorspace={int(frame.colorspace)}:range={int(frame.color_range)}",
            steps,
        )

    def _chained(self, source: str, steps: list[Step]) -> FilterContext:
        first = last = self._graph.add("buffer", source)
        for name, arguments in [*steps, ("buffersink", {})]:
            following = self._graph.add(name, **arguments)
            last.link_to(following)
            last = following
        self._graph.configure()
        return first

    def _pull(self) -> Iterator[VideoFrame]:
        while True:
            try:
                frame = self._graph.vpull()
            except (BlockingIOError, EOFError):
                return
            if frame.pts != self._given:  # one was lost: a filter that got no thread says no more than "later"
                raise MemoryError
            self._given += 1
            frame.pict_type = PictureType.NONE
            yield frame


def _threads(stream: VideoStream) -> int:
    """How many decode. One decodes H.264 of full HD faster than it is encoded: more would be in the encoder's way."""
    is_light = stream.codec_context.name == "h264" and stream.width * stream.height <= _FULL_HD
    return 1 if is_light else min(_MOST_THREADS, os.cpu_count() or 1)


def too_long() -> ValidationFailed:
    """The refusal of a movie that runs for longer than it may."""
    return ValidationFailed("movie_too_long", path=("file",))


def check_sides(width: int, height: int, bounds: MovieBounds) -> None:
    """Raises ValidationFailed movie_damaged for an empty picture, movie_too_large for one too big to decode."""
    if width < 1 or height < 1:
        raise damaged()
    if max(width, height) > bounds.side or width * height > bounds.pixels:
        raise ValidationFailed("movie_too_large", path=("file",))


def steady_rate(claimed: Fraction | None) -> Fraction:
    """Frames a second of what is made: as claimed, but 10 to 30, whatever the source does in between."""
    if not claimed:
        return _FASTEST
    return min(max(Fraction(claimed).limit_denominator(1001), _SLOWEST), _FASTEST)


def _display_matrix(frame: VideoFrame) -> bytes:
    try:
        return bytes(cast("Mapping[str, bytes]", frame.side_data)["DISPLAYMATRIX"])
    except KeyError:
        return b""


def _name_colours(frame: VideoFrame) -> None:
    """Without a word about colours, high pictures are meant as HD television is and low ones as it was before."""
    if int(frame.colorspace) == _UNSAID:
        frame.colorspace = Matrix.BT709 if frame.height > _HIGH else Matrix.SMPTE170M
    if frame.color_range == ColorRange.UNSPECIFIED:
        frame.color_range = ColorRange.MPEG


def _steps(frame: VideoFrame, width: int, height: int, *, rate: Fraction, turn: tuple[str, ...]) -> list[Step]:
    """Fewer frames first, then fewer pixels, then everything else on the little that is left."""
    size = {"width": str(width), "height": str(height), "flags": "bicubic"}
    plain = {"out_color_matrix": "bt709", "out_range": "tv"}
    return [
        ("fps", {"fps": str(rate), "start_time": "0"}),
        ("scale", size | plain),
        *[_turning(part) for part in turn],
        ("setsar", {"sar": "1"}),
        ("format", {"pix_fmts": "yuv420p"}),
        ("setparams", {"range": "tv", "colorspace": "bt709", "color_primaries": "bt709", "color_trc": "bt709"}),
    ]


def _toned(steps: list[Step], table: Path) -> list[Step]:
    """The same for a picture of a high dynamic range: small first, then through the table."""
    fps, (name, size), *rest = steps
    plain = {key: size.pop(key) for key in ("out_color_matrix", "out_range")}
    return [
        fps,
        (name, size),
        ("format", {"pix_fmts": "gbrp10le"}),
        ("lut3d", {"file": str(table), "interp": "tetrahedral"}),
        ("scale", plain),
        *rest,
    ]


def _turning(part: str) -> Step:
    name, _, direction = part.partition("=")
    return name, {"dir": direction} if direction else {}
