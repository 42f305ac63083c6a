"""Starts the decoding subprocess from the worker and does not believe what it says without looking."""

import asyncio
import re
from pathlib import Path

import msgspec

from backend.core.errors import ValidationFailed
from media.formats import CONTENT_TYPES
from media.images.looks import SIDE
from media.images.regions import Region
from media.images.sniff import DEFAULT_BOUNDS, Bounds, ImageKind, sniff_image
from media.processing.alone import DecoderDied, run_alone
from media.processing.limits import Limits
from media.processing.orders import PICTURE_LIMITS, Decoded, Fingerprint, Order, RenditionFile, Report

_NAME = re.compile(r"[0-9]{1,5}\.(?:webp|jpeg)\Z")
_MOST_WORDS = 12
_MODULE = "media.processing.decode"
_NICE = 10


async def decode_image(
    source: Path,
    folder: Path,
    *,
    kind: ImageKind,
    limits: Limits = PICTURE_LIMITS,
    bounds: Bounds = DEFAULT_BOUNDS,
    regions: tuple[Region, ...] = (),
) -> Decoded:
    """Write the renditions of `source`, with these parts blurred, into the existing, empty `folder`.

    Raises ValidationFailed when the picture is refused (final), DecoderDied when the process fell (may be tried again).
    """
    order = msgspec.json.encode(Order(str(source), str(folder), kind, limits, bounds, regions))
    line = await run_alone(_MODULE, order, folder=folder, wall_seconds=limits.wall_seconds, nice=_NICE)
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
