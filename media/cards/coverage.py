"""Which characters the fonts that come with the program can draw: read from their own character maps."""

import functools
import struct
import unicodedata
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

_PACKAGES = ("manimgx_fonts", "manimgx_fonts_cjk")
# Joiners, variation selectors, direction marks and spaces are instructions: nothing is drawn for them.
_INVISIBLE = frozenset("\n \u00a0\u200b\u200c\u200d\u200e\u200f\u061c\u202f\ufe0e\ufe0f\u00ad\u2060")


def font_folders() -> tuple[Path, ...]:
    """Where the fonts lie: the Noto fonts, then the Chinese, Japanese and Korean ones."""
    found = (find_spec(name) for name in _PACKAGES)
    return tuple(Path(spec.origin).parent for spec in found if spec is not None and spec.origin is not None)


def uncovered(text: str, *, but_signs: bool = False) -> list[str]:
    """The characters, each once, for which no font has a form: they would come out as empty boxes.

    `but_signs`: by the smaller fonts, without the large one for Chinese, Japanese and Korean.
    """
    wanted = {character for character in text if not _is_invisible(character)}
    for path in _font_files(font_folders()[: 1 if but_signs else None]):
        if not wanted:
            break
        covered = _ranges(path)
        wanted = {character for character in wanted if not _within(covered, ord(character))}
    return sorted(wanted)


def with_plain_forms(text: str) -> str:
    """The text with decorated letters that no font has (𝓗𝓮𝓵𝓵𝓸) as the plain letters that they stand for."""
    for character in uncovered(text):
        plain = unicodedata.normalize("NFKC", character)
        if plain != character and not uncovered(plain):
            text = text.replace(character, plain)
    return text


def _is_invisible(character: str) -> bool:
    return character in _INVISIBLE or 0xE0100 <= ord(character) <= 0xE01EF or 0xFE00 <= ord(character) <= 0xFE0F


def _font_files(folders: Sequence[Path]) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(folder.glob("*.tt[fc]"))


def _within(ranges: Sequence[tuple[int, int]], code: int) -> bool:
    return any(first <= code <= last for first, last in ranges)


@functools.cache
def _ranges(path: Path) -> tuple[tuple[int, int], ...]:
    """The code points of a font: its `cmap` table in format 12 or 4 (OpenType 1.9, `cmap`)."""
    with path.open("rb") as file:
        head = file.read(16)
        start = struct.unpack(">I", head[12:16])[0] if head[:4] == b"ttcf" else 0
        file.seek(start)
        count = struct.unpack(">4xH6x", file.read(12))[0]
        for _ in range(count):
            tag, offset, length = struct.unpack(">4s4xII", file.read(16))
            if tag == b"cmap":
                file.seek(offset)
                return _parse(file.read(length))
    return ()


def _parse(table: bytes) -> tuple[tuple[int, int], ...]:
    ranges: set[tuple[int, int]] = set()
    for record in range(struct.unpack_from(">2xH", table)[0]):
        offset = struct.unpack_from(">4xI", table, 4 + 8 * record)[0]
        match struct.unpack_from(">H", table, offset)[0]:
            case 12:
                groups = struct.unpack_from(">12xI", table, offset)[0]
                ranges |= {struct.unpack_from(">II", table, offset + 16 + 12 * group) for group in range(groups)}
            case 4:
                ranges |= _parse_segments(table, offset)
    return tuple(sorted(ranges))


def _parse_segments(table: bytes, offset: int) -> set[tuple[int, int]]:
    twice = struct.unpack_from(">6xH", table, offset)[0]
    count = twice // 2
    lasts = struct.unpack_from(f">{count}H", table, offset + 14)
    firsts = struct.unpack_from(f">{count}H", table, offset + 16 + twice)
    return {(first, last) for first, last in zip(firsts, lasts, strict=True) if first != 0xFFFF}
