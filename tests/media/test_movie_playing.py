"""What every phone and browser plays, whatever made it: form, codecs, sound."""

import io
from pathlib import Path
from typing import Any

import av
import pytest

from media.movies.orders import Sound
from media.movies.sniff import MovieKind
from tests.media.converted_movies import PLAIN, assert_bare, loudness, made_of, result
from tests.media.movies import (
    boxes,
    movie,
)


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
        ("libvpx", "vorbis", "webm", MovieKind.WEBM),
        ("libvpx-vp9", "libopus", "webm", MovieKind.WEBM),
        ("libsvtav1", "aac", "mp4", MovieKind.MP4),
        ("libx264", "pcm_s16le", "mov", MovieKind.QUICKTIME),
    ],
)
def test_codecs_of_phones_and_browsers(codec: str, audio: str, container: str, kind: MovieKind, tmp_path: Path) -> None:
    data = movie(codec=codec, audio=audio, container=container, seconds=0.4)
    source: Any
    with av.open(io.BytesIO(data)) as source:
        assert source.streams.audio[0].codec_context.codec.canonical_name == audio.removeprefix("lib")
    made = made_of(data, tmp_path, kind=kind)
    assert (made.width, made.height, made.has_sound) == (160, 120, True)
    assert made.seconds == pytest.approx(0.4, abs=0.05)
    assert_bare(result(tmp_path))


@pytest.mark.parametrize("options", [{}, {"movflags": "faststart"}, {"movflags": "frag_keyframe+empty_moov"}])
def test_index_anywhere(options: dict[str, str], tmp_path: Path) -> None:
    made = made_of(movie(container_options=options), tmp_path)
    assert made.seconds == pytest.approx(1.0, abs=0.15)
    assert made.has_sound


def test_sound_removed_leaves_no_track(tmp_path: Path) -> None:
    made = made_of(PLAIN, tmp_path, sound=Sound.REMOVED)
    assert made.has_sound is False
    container: Any
    with av.open(io.BytesIO(result(tmp_path))) as container:
        assert [stream.type for stream in container.streams] == ["video"]


def test_movie_without_a_sound_track_has_no_sound(tmp_path: Path) -> None:
    assert made_of(movie(seconds=0.2, audio=None), tmp_path).has_sound is False


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
