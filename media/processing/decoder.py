"""Starts the decoding subprocess from the worker and does not believe what it says without looking."""

import asyncio
import contextlib
import re
import sys
from pathlib import Path

import msgspec

from backend.core.errors import ValidationFailed
from media.images.looks import SIDE
from media.images.regions import Region
from media.images.sniff import DEFAULT_BOUNDS, Bounds, ImageKind, sniff_image
from media.processing.orders import (
    CONTENT_TYPES,
    DEFAULT_LIMITS,
    Decoded,
    Fingerprint,
    Limits,
    Order,
    RenditionFile,
    Report,
)

_ROOT = Path(__file__).resolve().parents[2]
_NAME = re.compile(r"[0-9]{1,5}\.(?:webp|jpeg)\Z")
_LINE_BYTES = 65_536
_GRACE_SECONDS = 2
_MOST_WORDS = 12
_MODULE = "media.processing.decode"


class DecoderDied(Exception):
    """The subprocess ended without an answer: killed, crashed or out of its limits. `reason` is for the log."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


async def decode_image(
    source: Path,
    folder: Path,
    *,
    kind: ImageKind,
    limits: Limits = DEFAULT_LIMITS,
    bounds: Bounds = DEFAULT_BOUNDS,
    regions: tuple[Region, ...] = (),
) -> Decoded:
    """Write the renditions of `source`, with these parts blurred, into the existing, empty `folder`.

    Raises ValidationFailed when the picture is refused (final), DecoderDied when the process fell (may be tried again).
    """
    order = msgspec.json.encode(Order(str(source), str(folder), kind, limits, bounds, regions))
    line = await run_alone(_MODULE, order, folder=folder, wall_seconds=limits.wall_seconds)
    try:
        report = msgspec.json.decode(line, type=Report)
    except msgspec.DecodeError as error:
        raise DecoderDied("answer_unreadable") from error
    if report.refused is not None:
        raise ValidationFailed(report.refused, path=("file",), **(report.params or {}))
    if report.made is None:
        raise DecoderDied("answer_empty")
    await asyncio.to_thread(_verify, folder, report.made)
    return report.made


async def run_alone(module: str, order: bytes, *, folder: Path, wall_seconds: float) -> bytes:
    """The first line of `python -m module ORDER`, run in `folder`. It inherits no environment, and cannot read ours.

    It runs as our user: the network and the media folder are within its reach, should a file take it over.
    Raises DecoderDied when it ends otherwise than by itself and well, or not in its time.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-s", "-m", module, order.decode()),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PYTHONPATH": str(_ROOT), "LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "1"},
        cwd=folder,
        limit=_LINE_BYTES,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(wall_seconds + _GRACE_SECONDS):
            line = await _first_line(process)
            status = await process.wait()
    except TimeoutError:
        raise DecoderDied("too_slow") from None
    finally:
        await _end(process)
    if status != 0:
        raise DecoderDied(f"signal_{-status}" if status < 0 else f"exit_{status}")
    return line


async def _first_line(process: asyncio.subprocess.Process) -> bytes:
    assert process.stdout is not None  # noqa: S101 - asked for above
    try:
        return await process.stdout.readline()
    except ValueError as error:
        raise DecoderDied("answer_too_long") from error


async def _end(process: asyncio.subprocess.Process) -> None:
    """No child stays behind, also when the caller is cancelled."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _verify(folder: Path, made: Decoded) -> None:
    """Each file is there, is what it is said to be, and has a name that leads nowhere else."""
    if not made.renditions:
        raise DecoderDied("answer_empty")
    _verify_fingerprint(made.fingerprint)
    for rendition in made.renditions:
        if not _NAME.match(rendition.file):
            raise DecoderDied("answer_wrong")
        _verify_file(folder / rendition.file, rendition)


def _verify_fingerprint(print_: Fingerprint) -> None:
    words = [word for look in print_.looks for word in (look.coarse, look.fine, look.colour)]
    if len(words) > _MOST_WORDS or not all(-(2**63) <= word < 2**63 for word in words):
        raise DecoderDied("answer_wrong")
    if len(print_.square) != 3 * SIDE**2:
        raise DecoderDied("answer_wrong")


def _verify_file(path: Path, rendition: RenditionFile) -> None:
    try:
        size = path.stat(follow_symlinks=False).st_size
        with path.open("rb") as file:
            head = sniff_image(file, size=size)
    except (OSError, ValidationFailed) as error:
        raise DecoderDied("answer_wrong") from error
    claimed = (CONTENT_TYPES.get(rendition.format), rendition.width, rendition.height, rendition.size)
    if (head.kind.value, head.width, head.height, size) != claimed:
        raise DecoderDied("answer_wrong")
