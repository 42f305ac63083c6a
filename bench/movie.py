"""A movie of 30 seconds in 1080p: our subprocess beside the `ffmpeg` command with the same settings.

`python -m bench.movie ours|ffmpeg MOVIE FOLDER` prints seconds, seconds of processor, peak MB and the MB of the result.
"""

import asyncio
import os
import resource
import shutil
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import msgspec
from av.filter import Graph
from PIL import Image

from media.movies.converting import convert_movie
from media.movies.orders import Sound
from media.movies.sniff import MovieKind
from media.movies.writing import CRF, PRESET

SECONDS, RATE = 30, 30
# A hand that is not still over a real photo, with the grain of a small lens: what a phone's movie is made of.
_SHAKEN = "x='(iw-ow)/2+(iw-ow)/2*sin(n/43)+9*sin(n/3.1)':y='(ih-oh)/2+(ih-oh)/2*sin(n/67)+7*sin(n/2.3)'"


class Movie(msgspec.Struct):
    """Seconds, the process's start included; seconds of processor; peak memory and size of the result in MB."""

    seconds: float
    computed: float
    megabytes: float
    size: float


def has_ffmpeg() -> bool:
    """Whether there is anything to compare with."""
    return shutil.which("ffmpeg") is not None


def time_movie(way: str, movie: Path, folder: Path) -> Movie:
    """One movie one way, in a process of its own."""
    folder.mkdir()
    command = [sys.executable, "-m", "bench.movie", way, str(movie), str(folder)]
    return msgspec.json.decode(subprocess.run(command, check=True, capture_output=True).stdout, type=Movie)


def write_movie(photo: Path, path: Path) -> None:
    """What a phone would have filmed: H.264 of some 17 Mbit/s with stereo sound."""
    out: Any
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=RATE, options={"preset": "ultrafast", "b": "17M", "maxrate": "20M",
                                                              "bufsize": "20M", "g": "30"})  # fmt: skip
        video.width, video.height, video.pix_fmt = 1920, 1080, "yuv420p"
        audio = out.add_stream("aac", rate=48_000, layout="stereo")
        pictures, sound = _pictures(photo), _sound()
        for n in range(SECONDS * RATE):
            frame = pictures.vpull()
            frame.pts, frame.time_base = n, Fraction(1, RATE)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        while True:
            try:
                out.mux(audio.encode(sound.pull()))
            except (EOFError, BlockingIOError):
                break
        out.mux(audio.encode(None))


def _pictures(photo: Path) -> Graph:
    image = Image.open(photo).convert("RGB").resize((2400, 1780))
    frame = av.VideoFrame.from_image(image).reformat(format="yuv420p")  # type: ignore[no-untyped-call]
    frame.pts, frame.time_base = 0, Fraction(1, RATE)
    graph = Graph()
    source = graph.add("buffer", f"video_size=2400x1780:pix_fmt=yuv420p:time_base=1/{RATE}")
    steps = (("loop", "loop=-1:size=1"), ("crop", f"w=1920:h=1080:{_SHAKEN}"), ("noise", "alls=9:allf=t"))
    _chained(graph, source, (*steps, ("buffersink", None)))
    source.push(frame)
    return graph


def _sound() -> Graph:
    graph = Graph()
    source = graph.add("anoisesrc", f"color=pink:sample_rate=48000:amplitude=0.3:duration={SECONDS}:seed=1")
    form = "sample_fmts=fltp:sample_rates=48000:channel_layouts=stereo"
    _chained(graph, source, (("aformat", form), ("asetnsamples", "n=1024"), ("abuffersink", None)))
    return graph


def _chained(graph: Graph, source: Any, steps: tuple[tuple[str, str | None], ...]) -> None:
    last = source
    for name, arguments in steps:
        following = graph.add(name, arguments)
        last.link_to(following)
        last = following
    graph.configure()


def _ours(movie: Path, folder: Path) -> Path:
    asyncio.run(convert_movie(movie, folder, kind=MovieKind.MP4, sound=Sound.KEPT))
    return folder / "movie.mp4"


def _ffmpeg(movie: Path, folder: Path) -> Path:
    """As nice as ours, so that other programs at work hold up both alike; its decoder and encoder use all cores."""
    made = folder / "made.mp4"
    video = f"-c:v libx264 -preset {PRESET} -crf {CRF} -profile:v high -g 60 -pix_fmt yuv420p"
    asked = f"-vf scale=1280:720:flags=bicubic {video} -c:a aac -b:a 128k -ar 48000 -ac 2 -movflags +faststart"
    command = ["ffmpeg", "-nostdin", "-loglevel", "error", "-i", str(movie)]
    subprocess.run(
        [*command, *asked.split(), "-map_metadata", "-1", str(made)],
        check=True,
        preexec_fn=lambda: os.nice(15),
    )
    return made


def _main(way: str, movie: Path, folder: Path) -> None:
    started = time.perf_counter()
    made = _ours(movie, folder) if way == "ours" else _ffmpeg(movie, folder)
    seconds = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    megabytes = used.ru_maxrss / (1_000_000 if sys.platform == "darwin" else 1_000)
    result = Movie(seconds, used.ru_utime + used.ru_stime, megabytes, made.stat().st_size / 1_000_000)
    print(msgspec.json.encode(result).decode())


if __name__ == "__main__":
    _main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
