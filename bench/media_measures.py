"""The measures of `make bench` for pictures and movies."""

import asyncio
import itertools
import statistics
from concurrent.futures import Executor
from pathlib import Path

from backend.settings import Settings
from bench import class_photos
from bench.class_photos import COUNT
from bench.database import TOKENS
from bench.load import Job, Measured, body, measure
from bench.movie import Movie, has_ffmpeg, time_movie, write_movie
from bench.photo import Photo, time_photo
from bench.servers import Server
from bench.table import Table
from media.movies.writing import CRF, PRESET

ROOT = Path(__file__).resolve().parent.parent
PHOTO = ROOT / "tests" / "media" / "fixtures" / "phone_mi3_13mp.jpg"
FEED = (Path(__file__).parent / "feed.graphql").read_text("utf-8")
_CLASS_ROUNDS = 3


def photo(table: Table, folder: Path) -> None:
    """A photo to all files, start of the process included."""
    table.head("A phone's photo of 13 megapixels to four sizes, WebP and JPEG; process start included; ms / peak MB")
    seen: dict[str, list[Photo]] = {"ours": [], "plain": []}
    for round_number in range(3):
        for way, many in seen.items():
            many.append(time_photo(way, PHOTO, folder / f"{way}{round_number}"))
    assert seen["ours"][0].sides == seen["plain"][0].sides, "the same sizes"
    best = {way: statistics.median(one.milliseconds for one in many) for way, many in seen.items()}
    peak = {way: max(one.megabytes for one in many) for way, many in seen.items()}
    ours = f"{best['ours']:.0f} / {peak['ours']:.0f}"
    table.line("plain Pillow, each file from the whole", f"{best['plain']:.0f} / {peak['plain']:.0f}")
    table.goal("ours", ours, "300 ms, 100 MB", reached=best["ours"] <= 300 and peak["ours"] <= 100)
    ratio = best["plain"] / best["ours"]
    table.goal("plain : ours", f"{ratio:.1f} x", "at least 3 x", reached=ratio >= 3)
    more = peak["ours"] - peak["plain"]
    table.goal("memory of ours beyond plain", f"{more:.0f} MB", "under 100 MB", reached=more < 100)


def class_of_photos(table: Table, pool: Executor, server: Server, settings: Settings, folder: Path) -> None:
    """The feed beside a worker that makes a class's photos, and beside the same worker with nothing to do."""
    table.head(f"The feed of 10, read 40 times a second, while a worker makes {COUNT} photos of 13 megapixels; ms")
    job = Job(server.port, [body(FEED, first=10)], TOKENS[:300], requests=80, clients=8, per_second=40)
    alone: list[Measured] = []
    beside: list[Measured] = []
    with class_photos.worker(folder, settings):
        for _ in range(_CLASS_ROUNDS):
            sent = asyncio.run(class_photos.send(settings, PHOTO.read_bytes()))
            alone += [one for _ in range(4) for one in pool.submit(measure, job).result()]
            asyncio.run(class_photos.hand_over(settings, sent))
            while asyncio.run(class_photos.count(settings, "SCANNING", "PROCESSING")):
                beside += pool.submit(measure, job).result()
    assert asyncio.run(class_photos.count(settings, "CLEAN")) == COUNT * _CLASS_ROUNDS, "every photo was made"
    assert all(one.failures == 0 for one in (*alone, *beside))
    before, after = (_percentile(many, 0.99) for many in (alone, beside))
    table.line("p50 without : beside", f"{_percentile(alone, 0.5):.1f} : {_percentile(beside, 0.5):.1f}")
    table.line("p99 without : beside", f"{before:.1f} : {after:.1f}", f"{len(alone) * 80} : {len(beside) * 80} answers")
    change = (after / before - 1) * 100
    table.goal("change of p99", f"{change:+.0f} %", "under 20 %", reached=change < 20)
    seconds = sum(one.seconds for one in beside) / _CLASS_ROUNDS
    table.line(f"{COUNT} photos, seconds", f"{seconds:.0f}", "beside the feed")


def _percentile(many: list[Measured], share: float) -> float:
    together = [ms for one in many for ms in one.milliseconds]
    return Measured(1.0, together, 0).percentile(share)


def movie(table: Table, folder: Path) -> None:
    """A movie of a phone, by us and by the command."""
    table.head(f"30 s of 1080p with sound to 720p, {PRESET}, CRF {CRF}; process start included; s / s of CPU")
    if not has_ffmpeg():
        table.line("NOT MEASURED", "", "there is no ffmpeg command to compare with")
        return
    source = folder / "source.mp4"
    write_movie(PHOTO, source)
    seen: dict[str, list[Movie]] = {"ours": [], "ffmpeg": []}
    for number, (way, many) in itertools.product(range(3), seen.items()):
        many.append(time_movie(way, source, folder / f"{way}-movie{number}"))
    seconds = {way: statistics.median(one.seconds for one in many) for way, many in seen.items()}
    computed = {way: statistics.median(one.computed for one in many) for way, many in seen.items()}
    for way, many in seen.items():
        remark = f"{many[0].size:.1f} MB made, peak {max(one.megabytes for one in many):.0f} MB"
        table.line(way, f"{seconds[way]:.1f} / {computed[way]:.1f}", remark)
    ratio = seconds["ours"] / seconds["ffmpeg"]
    table.goal("ours : ffmpeg", f"{ratio:.2f} x", "no slower", reached=ratio <= 1)
    table.line("ours : ffmpeg, CPU", f"{computed['ours'] / computed['ffmpeg']:.2f} x")
