"""Starts the drawing subprocess from the worker and looks at what it made before it is believed."""

import asyncio
import hashlib
from pathlib import Path

import msgspec

from backend.core.errors import ValidationFailed
from media.cards.orders import (
    CARD_LIMITS,
    FRAMES,
    CardContent,
    CardFile,
    CardOrder,
    CardReport,
    CardShape,
)
from media.processing.alone import DecoderDied, run_alone
from media.processing.limits import Limits

_HEADER = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
_MODULE = "media.cards.draw"
_NICE = 10


async def draw_cards(
    content: CardContent,
    folder: Path,
    *,
    shapes: tuple[CardShape, ...] = tuple(CardShape),
    limits: Limits = CARD_LIMITS,
) -> tuple[CardFile, ...]:
    """Draw the cards into the existing, empty `folder`; PNG of the sides in `FRAMES`, without any metadata.

    Raises ValidationFailed `script_unsupported` when no font has a character (final), DecoderDied when the process
    fell (may be tried again).
    """
    order = CardOrder(content, str(folder), shapes, limits)
    line = await run_alone(
        _MODULE, msgspec.json.encode(order), folder=folder, wall_seconds=limits.wall_seconds, nice=_NICE
    )
    try:
        report = msgspec.json.decode(line, type=CardReport)
    except msgspec.DecodeError as error:
        raise DecoderDied("answer_unreadable") from error
    if report.refused is not None:
        raise ValidationFailed(report.refused, path=("excerpt",), **(report.params or {}))
    await asyncio.to_thread(_verify, folder, report.files, shapes)
    return report.files


def _verify(folder: Path, files: tuple[CardFile, ...], shapes: tuple[CardShape, ...]) -> None:
    """All that was asked for is there, and each file is the picture that it is said to be."""
    if [file.shape for file in files] != list(shapes):
        raise DecoderDied("answer_wrong")
    for file in files:
        data = (folder / f"{file.shape.lower()}.png").read_bytes()
        sides = (int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big"))
        frame = FRAMES[file.shape]
        if data[:16] != _HEADER or not sides == (frame.width, frame.height) == (file.width, file.height):
            raise DecoderDied("answer_wrong")
        if (len(data), hashlib.sha256(data).hexdigest()) != (file.size, file.sha256):
            raise DecoderDied("answer_wrong")
