"""The file that is made: H.264 and AAC in MP4, ready to play while it loads, with no word about its origin."""

import os
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
from av.audio.stream import AudioStream
from av.bitstream import BitStreamFilterContext
from av.codec.context import Flags
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, ColorTrc
from av.video.stream import VideoStream

from media.movies.sounds import RATE, SoundTrack

PRESET, CRF = "veryfast", 23
_X264 = {"preset": PRESET, "crf": str(CRF), "profile": "high", "a53cc": "0", "udu_sei": "0"}
_BITS_A_SECOND = {"mono": 80_000, "stereo": 128_000}
# Somebody who jumps in the movie waits for the next whole picture.
_SECONDS_BETWEEN_WHOLE = 2
_BT709 = 1
_MOST_THREADS = 6


class MovieFile:
    """An MP4 to which frames are added; complete after `finish`."""

    def __init__(self, path: Path, *, width: int, height: int, rate: Fraction, sound: SoundTrack | None) -> None:
        self._container = av.open(
            str(path), "w", format="mp4", container_options={"movflags": "+faststart", "fflags": "+bitexact"}
        )
        self._sound = sound
        self._video = self._add_video(width, height, rate)
        self._audio = self._add_audio(sound.layout) if sound is not None else None
        # The encoder signs its work, with its settings, in a message to the decoder: type 6, which no player needs.
        self._clean = BitStreamFilterContext("filter_units=remove_types=6", self._video)
        self.seconds = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._container.close()

    def add(self, frame: VideoFrame) -> None:
        """The next frame, and what is heard before its end."""
        self.seconds = float(((frame.pts or 0) + 1) * (frame.time_base or 0))
        self._write(self._video.encode(frame))
        self._add_sound(self.seconds)

    def finish(self) -> None:
        """No more frames; the sound ends with the picture."""
        self._write(self._video.encode(None))
        for packet in self._clean.filter(None):
            self._container.mux(packet)
        if self._audio is not None:
            self._container.mux(self._audio.encode(None))
        self._container.close()

    def _add_sound(self, until: float) -> None:
        if self._audio is not None and self._sound is not None:
            for frame in self._sound.until(until):
                self._container.mux(self._audio.encode(frame))

    def _write(self, packets: "Iterable[Packet[VideoStream]]") -> None:
        for packet in packets:
            for cleaned in self._clean.filter(packet):
                cleaned.stream = self._video
                self._container.mux(cleaned)

    def _add_video(self, width: int, height: int, rate: Fraction) -> VideoStream:
        stream = self._container.add_stream("libx264", rate=rate, options=dict(_X264))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        context = stream.codec_context
        context.time_base = 1 / rate
        context.gop_size = round(rate * _SECONDS_BETWEEN_WHOLE)
        context.thread_count = min(_MOST_THREADS, 3 * (os.cpu_count() or 1) // 2)  # its own rule, bounded
        context.thread_type = "FRAME"  # the library would cut each picture into slices: slower, and larger files
        context.flags |= Flags.bitexact
        context.colorspace = _BT709
        context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        context.color_range = ColorRange.MPEG
        return stream

    def _add_audio(self, layout: str) -> AudioStream:
        stream = self._container.add_stream("aac", rate=RATE, layout=layout)
        stream.bit_rate = _BITS_A_SECOND[layout]
        stream.codec_context.flags |= Flags.bitexact
        return stream
