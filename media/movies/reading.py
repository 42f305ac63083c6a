"""Opens a movie so that nothing but this one file is read, as what it was found to be. Only for the subprocess."""

from typing import BinaryIO, NoReturn

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Discard
from av.video.stream import VideoStream

from backend.core.errors import ValidationFailed
from media.movies.sniff import MovieKind, damaged
from media.refusals import unknown

_DEMUXER = {MovieKind.MP4: "mov", MovieKind.QUICKTIME: "mov", MovieKind.WEBM: "matroska"}
# What phones and browsers write; every other decoder of the library stays closed, also while it looks at the file.
_VIDEO = frozenset({"h264", "hevc", "vp8", "vp9", "libvpx", "libvpx-vp9", "av1", "libdav1d", "mpeg4", "h263"})
_PCM = frozenset(f"pcm_{name}" for name in ("u8", "s8", "s16le", "s16be", "s24le", "s24be", "s32le", "s32be", "alaw"))
_AMR = frozenset({"amrnb", "amrwb", "libopencore_amrnb", "libopencore_amrwb"})
_AUDIO = _PCM | _AMR | {"aac", "opus", "libopus", "vorbis", "mp3", "mp3float", "alac", "ac3", "eac3", "pcm_mulaw"}
_OPTIONS = {"codec_whitelist": ",".join(sorted(_VIDEO | _AUDIO)), "protocol_whitelist": "none"}
# An index may name other files or hosts for the pictures themselves.
_MOV_OPTIONS = {"enable_drefs": "0", "use_absolute_path": "0"}

# The library has no memory, or none for one more thread. The movie may be whole.
OUT_OF_MEANS = (MemoryError, BlockingIOError)


def opened(file: BinaryIO, kind: MovieKind) -> InputContainer:
    """The movie in a seekable file. Raises FFmpegError when it is broken."""
    file.seek(0)
    demuxer = _DEMUXER[kind]
    options = _OPTIONS | (_MOV_OPTIONS if demuxer == "mov" else {})
    return av.open(
        file, format=demuxer, container_options=options, io_open=_open_nothing, metadata_errors="replace", mode="r"
    )


def _open_nothing(_url: str, _flags: int, _options: dict[str, str]) -> NoReturn:
    raise damaged()


def begin_of(container: InputContainer) -> float:
    """The time at which the movie begins, in seconds of its own clock."""
    return (container.start_time or 0) / av.time_base


def claimed_seconds(container: InputContainer) -> float:
    """How long it says it is; 0 when it does not say."""
    return max(0.0, (container.duration or 0) / av.time_base)


def video_of(container: InputContainer) -> VideoStream:
    """The moving picture, the only stream that is then read.

    Raises ValidationFailed movie_without_video, media_type_unknown.
    """
    found = [stream for stream in container.streams.video if not _is_still(stream)]
    if not found:
        raise ValidationFailed("movie_without_video", path=("file",))
    stream = next((one for one in found if _name(one) in _VIDEO), None)
    if stream is None:
        raise unknown()
    _read_only(container, stream)
    return stream


def audio_of(container: InputContainer) -> AudioStream | None:
    """The first sound that can be decoded, the only stream that is then read; None when there is none."""
    stream = next((one for one in container.streams.audio if _name(one) in _AUDIO), None)
    if stream is not None:
        _read_only(container, stream)
    return stream


def _is_still(stream: VideoStream) -> bool:
    """A cover picture, as music has it."""
    return bool(stream.disposition & (av.stream.Disposition.attached_pic | av.stream.Disposition.still_image))


def _name(stream: VideoStream | AudioStream) -> str:
    context = stream.codec_context
    return context.codec.name if context is not None else ""


def _read_only(container: InputContainer, wanted: VideoStream | AudioStream) -> None:
    for stream in container.streams:
        if stream is not wanted:
            stream.discard = Discard.all
