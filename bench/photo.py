"""A phone's photo of 13 megapixels: our decoding subprocess beside plain Pillow, each in a process that is measured.

`python -m bench.photo ours|plain PHOTO FOLDER` prints milliseconds, peak megabytes of the child and the sides made.
"""

import asyncio
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import msgspec

from media.images.sniff import ImageKind
from media.processing.decoder import decode_image
from media.processing.orders import SIDES

_PLAIN = """
import sys
from PIL import Image, ImageOps
for side in map(int, sys.argv[3:]):
    for format, options in (("webp", {"quality": 78}), ("jpeg", {"quality": 82})):
        image = ImageOps.exif_transpose(Image.open(sys.argv[1])).convert("RGB")
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
        image.save(f"{sys.argv[2]}/{side}.{format}", **options)
"""


class Photo(msgspec.Struct):
    """Milliseconds, the process's start included; peak memory in MB; the longer sides of the files that were made."""

    milliseconds: float
    megabytes: float
    sides: list[int]


def time_photo(way: str, photo: Path, folder: Path) -> Photo:
    """One photo one way, in a process of its own."""
    folder.mkdir()
    command = [sys.executable, "-m", "bench.photo", way, str(photo), str(folder)]
    return msgspec.json.decode(subprocess.run(command, check=True, capture_output=True).stdout, type=Photo)


def _ours(photo: Path, folder: Path) -> list[int]:
    made = asyncio.run(decode_image(photo, folder, kind=ImageKind.JPEG))
    return sorted(max(one.width, one.height) for one in made.renditions)


def _plain(photo: Path, folder: Path) -> list[int]:
    arguments = [str(photo), str(folder), *map(str, SIDES)]
    # As nice as ours, so that other programs at work hold up both alike.
    subprocess.run([sys.executable, "-c", _PLAIN, *arguments], check=True, preexec_fn=lambda: os.nice(10))
    return sorted(int(file.stem) for file in folder.iterdir())


def _main(way: str, photo: Path, folder: Path) -> None:
    started = time.perf_counter()
    sides = _ours(photo, folder) if way == "ours" else _plain(photo, folder)
    milliseconds = (time.perf_counter() - started) * 1000
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    megabytes = peak / (1_000_000 if sys.platform == "darwin" else 1_000)
    print(msgspec.json.encode(Photo(milliseconds, megabytes, sides)).decode())


if __name__ == "__main__":
    _main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
