"""WebVTT read strictly and written anew: of a file only times and words survive. Pure.

The library webvtt-py reads leniently, or refuses without saying where; so the file is walked here, which names the line
of each fault, and the library does what is left: it takes marks out of the words and writes the canonical file.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from webvtt import Caption, WebVTT
from webvtt.models import Timestamp

from backend.core.errors import ValidationFailed
from backend.core.text import clean_text

MAX_BYTES = 100 * 1024
MAX_CUES = 1000
MAX_LINE_CHARS = 200
GRACE_MS = 1000  # players round, and the last words may stand a moment longer than the movie

_PATH = ("text",)
_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_HEADER = re.compile(r"WEBVTT(?:[ \t].*)?\Z")
_LEFT_OUT = re.compile(r"(?:NOTE|STYLE|REGION)(?:[ \t].*)?\Z")
_MOMENT = r"(?:(\d{2,4}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_TIMES = re.compile(rf"[ \t]*{_MOMENT}[ \t]*-->[ \t]*{_MOMENT}(?:[ \t].*)?\Z", re.ASCII)
_MARKS = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}

Line = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Cue:
    """Plain words, perhaps on several lines, and when they stand: milliseconds from the beginning."""

    start: int
    end: int
    text: str


def read_cues(text: str, *, movie_ms: int) -> list[Cue]:
    """The cues of a file, each with words, in order; comments, styles, regions, names, marks and places are left out.

    Raises ValidationFailed, with the `line` of the fault: captions_too_large, captions_header, captions_times,
    captions_end_first, captions_order, captions_after_movie, captions_too_many, captions_line_too_long,
    captions_character, captions_empty.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise _fault("captions_too_large", 1, kilobytes=MAX_BYTES // 1024)
    lines = list(enumerate(_LINE_BREAK.split(text.removeprefix("\ufeff")), start=1))
    if not _HEADER.match(lines[0][1]):
        raise _fault("captions_header", 1)
    blocks = _blocks(lines)
    for number, line in next(blocks)[1:]:  # what tools write about themselves; times among it were meant as a cue
        if "-->" in line:
            raise _fault("captions_times", number)
    cues: list[Cue] = []
    last = 0
    for block in blocks:
        if _LEFT_OUT.match(block[0][1]) and not any("-->" in line for _, line in block):
            continue
        cue = _cue(block, after=last, movie_ms=movie_ms)
        last = cue.start
        if cue.text:
            cues.append(cue)
        if len(cues) > MAX_CUES:
            raise _fault("captions_too_many", block[0][0], max=MAX_CUES)
    if not cues:
        raise _fault("captions_empty", lines[-1][0])
    return cues


def write_cues(cues: Sequence[Cue]) -> str:
    """The canonical file. Raises ValidationFailed (captions_too_large): its times may be longer than they were."""
    written = [Caption(_moment(cue.start), _moment(cue.end), _escaped(cue.text)) for cue in cues]
    text: str = WebVTT(captions=written).content
    if len(text.encode()) > MAX_BYTES:
        raise _fault("captions_too_large", 1, kilobytes=MAX_BYTES // 1024)
    return text


def words_in(canonical: str) -> str:
    """The words of a file that `write_cues` made. It was checked before it was written: nothing is refused any more."""
    cues = canonical.rstrip("\n").split("\n\n")[1:]
    return html.unescape("\n".join(cue.partition("\n")[2] for cue in cues))


def words_of(cues: Sequence[Cue]) -> str:
    """What is said, without times."""
    return "\n".join(cue.text for cue in cues)


def _blocks(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Runs of lines between empty ones; the header comes first."""
    block: list[Line] = []
    for line in lines:
        if line[1].strip():
            block.append(line)
        elif block:
            yield block
            block = []
    if block:
        yield block


def _cue(block: Sequence[Line], *, after: int, movie_ms: int) -> Cue:
    at = 0 if "-->" in block[0][1] or len(block) == 1 else 1  # a name of its own may stand before the times
    number, line = block[at]
    match = _TIMES.match(line)
    if match is None:
        raise _fault("captions_times", number)
    start, end = _milliseconds(match.groups()[:4]), _milliseconds(match.groups()[4:])
    if end <= start:
        raise _fault("captions_end_first", number)
    if start < after:
        raise _fault("captions_order", number)
    if end > movie_ms + GRACE_MS:
        raise _fault("captions_after_movie", number, seconds=-(-movie_ms // 1000))
    return Cue(start, end, _words(block[at + 1 :]))


def _words(lines: Sequence[Line]) -> str:
    for number, line in lines:
        if "-->" in line:
            raise _fault("captions_times", number)
        if len(line) > 6 * MAX_LINE_CHARS:  # before any work that grows with the length; "&" is written in five
            raise _fault("captions_line_too_long", number, max=MAX_LINE_CHARS)
    plain = [html.unescape(Caption(text=[line]).text) for _, line in lines]
    cleaned = [_cleaned(line, number) for line, (number, _) in zip(plain, lines, strict=True)]
    return "\n".join(line for line in cleaned if line)


def _cleaned(line: str, number: int) -> str:
    try:
        return clean_text(line, path=_PATH, max_chars=MAX_LINE_CHARS, min_chars=0)
    except ValidationFailed as refused:
        if refused.code == "text_too_long":
            raise _fault("captions_line_too_long", number, max=MAX_LINE_CHARS) from None
        raise _fault("captions_character", number) from None


def _milliseconds(parts: Sequence[str | None]) -> int:
    hours, minutes, seconds, rest = (int(part or 0) for part in parts)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + rest


def _moment(milliseconds: int) -> str:
    return str(Timestamp.from_seconds(milliseconds / 1000))


def _escaped(text: str) -> str:
    return "".join(_MARKS.get(one, one) for one in text)


def _fault(code: str, line: int, **params: int) -> ValidationFailed:
    return ValidationFailed(code, path=_PATH, line=line, **params)
