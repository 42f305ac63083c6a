"""The sound of a movie: decoded, 48 kHz, mono or stereo, as loud as it was. Only for the subprocess."""

from collections import deque
from collections.abc import Iterator
from fractions import Fraction

import av.error
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.filter import Graph
from av.filter.context import FilterContext
from av.packet import Packet

from media.movies.reading import OUT_OF_MEANS

RATE = 48_000
_SAMPLES = 1024  # in one frame of AAC


class SoundTrack:
    """All of the sound, decoded ahead of the pictures: 90 seconds in stereo are 35 MB."""

    def __init__(self, frames: deque[AudioFrame], layout: str) -> None:
        self.layout = layout
        self._frames = frames

    def until(self, seconds: float) -> Iterator[AudioFrame]:
        """What is heard before that time and was not taken yet."""
        while self._frames and (self._frames[0].pts or 0) < seconds * RATE:
            yield self._frames.popleft()


def sound_of(container: InputContainer, stream: AudioStream, *, begin: float, most: float) -> SoundTrack | None:
    """What can be decoded of the sound from `begin` on for at most that many seconds; None when there is nothing."""
    layout = "mono" if stream.codec_context.channels == 1 else "stereo"
    pool = _Pool(layout)
    for packet in container.demux(stream):
        for frame in _decoded(stream, packet):
            seconds = None if frame.pts is None or frame.time_base is None else float(frame.pts * frame.time_base)
            if seconds is not None and seconds - begin > most:
                return pool.track()
            pool.push(frame, None if seconds is None else seconds - begin)
        if pool.seconds > most:
            break
    return pool.track()


def _decoded(stream: AudioStream, packet: "Packet[AudioStream]") -> list[AudioFrame]:
    """The frames of a packet; a broken packet has none."""
    try:
        return list(stream.codec_context.decode(packet))
    except OUT_OF_MEANS:
        raise
    except av.error.FFmpegError:
        return []


class _Pool:
    """Brings frames of whatever kind to one kind. Gaps become silence, so that sound and picture stay together."""

    def __init__(self, layout: str) -> None:
        self._layout = layout
        self._frames: deque[AudioFrame] = deque()
        self._graph: Graph | None = None
        self._source: FilterContext
        self._shape: tuple[int, str, str] | None = None
        self.seconds = 0.0

    def push(self, frame: AudioFrame, seconds: float | None) -> None:
        """Add a frame that is heard at that time; without one, after what came before."""
        shape = (frame.sample_rate, frame.format.name, frame.layout.name)
        if self._shape is None:
            self._shape = shape
            self._begin(*shape)
        if shape != self._shape:
            return  # no phone does that
        at = self.seconds if seconds is None else seconds
        self.seconds = at + frame.samples / frame.sample_rate
        frame.pts, frame.time_base = round(at * frame.sample_rate), Fraction(1, frame.sample_rate)
        self._source.push(frame)
        self._pull()

    def track(self) -> SoundTrack | None:
        """All that was heard; None when that was nothing."""
        if self._graph is not None:
            self._source.push(None)
            self._pull()
        return SoundTrack(self._frames, self._layout) if self._frames else None

    def _begin(self, rate: int, format_: str, layout: str) -> None:
        graph = self._graph = Graph()
        self._source = last = graph.add(
            "abuffer", f"time_base=1/{rate}:sample_rate={rate}:sample_fmt={format_}:channel_layout={layout}"
        )
        for name, arguments in (
            ("aresample", f"{RATE}:async=1:first_pts=0"),
            ("aformat", f"sample_fmts=fltp:sample_rates={RATE}:channel_layouts={self._layout}"),
            ("asetnsamples", f"n={_SAMPLES}:p=0"),
            ("abuffersink", None),
        ):
            following = graph.add(name, arguments)
            last.link_to(following)
            last = following
        graph.configure()

    def _pull(self) -> None:
        assert self._graph is not None  # noqa: S101 - pushed before
        while True:
            try:
                frame = self._graph.pull()
            except (BlockingIOError, EOFError):
                return
            assert isinstance(frame, AudioFrame)  # noqa: S101 - there is nothing else in this graph
            self._frames.append(frame)
