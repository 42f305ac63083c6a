"""What of a text goes on a card, in the quotation marks of its language, and where a line of it may end."""

import re
import unicodedata
from collections.abc import Iterator

from backend.core.text import plain_excerpt, primary_language

MAX_QUOTE_CHARS = 400
_MAX_LINE_BREAKS = 6
_LONGEST_WORD, _PIECE = 30, 20
_ZERO_WIDTH_SPACE = "\u200b"
_WIDE = re.compile("[\ufdfa\ufdfb\ufdfd]")  # whole Arabic phrases in one sign

_CURLY, _GUILLEMETS, _LOW_HIGH, _HIGH_HIGH = ("“", "”"), ("«", "»"), ("„", "“"), ("”", "”")
# After the quotation marks of Unicode's CLDR 46; Arabic script in guillemets, as its newspapers print them.
_MARKS = {
    "da": _HIGH_HIGH, "sv": _HIGH_HIGH, "fi": _HIGH_HIGH, "he": _HIGH_HIGH, "se": _HIGH_HIGH,
    "nb": _GUILLEMETS, "nn": _GUILLEMETS, "no": _GUILLEMETS, "uk": _GUILLEMETS, "ru": _GUILLEMETS, "be": _GUILLEMETS,
    "ar": _GUILLEMETS, "fa": _GUILLEMETS, "prs": _GUILLEMETS, "ps": _GUILLEMETS, "ckb": _GUILLEMETS,
    "am": _GUILLEMETS, "ti": _GUILLEMETS, "el": _GUILLEMETS, "es": _GUILLEMETS, "it": _GUILLEMETS,
    "pt": _GUILLEMETS, "sq": _GUILLEMETS, "hy": _GUILLEMETS, "fr": ("«\u202f", "\u202f»"),
    "is": _LOW_HIGH, "de": _LOW_HIGH, "et": _LOW_HIGH, "lt": _LOW_HIGH, "cs": _LOW_HIGH, "sk": _LOW_HIGH,
    "sl": _LOW_HIGH, "bg": _LOW_HIGH, "ka": _LOW_HIGH, "pl": ("„", "”"), "hu": ("„", "”"), "ro": ("„", "”"),
    "hr": ("„", "”"), "bs": ("„", "”"), "sr": ("„", "“"), "ur": _HIGH_HIGH, "ja": ("「", "」"),
}  # fmt: skip
_TRADITIONAL = re.compile(r"(?:zh|yue)(?:-Hant|-(?:Hant-)?(?:TW|HK|MO))")
_QUOTED = re.compile('["“”„«»‟「」『』]')

_SENTENCE_END = re.compile(r"[.!?…]+[\"”»’)]*(?=\s)|[。！？؟۔।።፧။]+")
# Scripts that are written without spaces between words: the typesetter knows where their lines may end.
_NO_SPACES = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]")
_LEADING = {"signs": 0.12, "ethiopic": 0.12, "hanging": 0.22, "arabic": 0.24, "tall": 0.24, "stacked": 0.42}
_TALL = re.compile(
    "(?P<signs>[\u2e80-\u9fff\uac00-\ud7af])|(?P<ethiopic>[\u1200-\u139f])|(?P<hanging>[\u0900-\u0dff])"
    "|(?P<arabic>[\u0600-\u08ff\ufb50-\ufdff\ufe70-\ufefc])|(?P<tall>[\u0e00-\u0eff\u1780-\u17ff])"
    "|(?P<stacked>[\u1000-\u109f])"
)
_NO_SPACES_AT_ALL = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")


def marks_of(language: str, text: str) -> tuple[str, str]:
    """Opening and closing quotation mark of a language; none around a text that brings its own."""
    if _QUOTED.match(text) and _QUOTED.match(text[-1]):
        return "", ""
    if _TRADITIONAL.match(language):
        return "「", "」"
    return _MARKS.get(primary_language(language), _CURLY)


def excerpt_of(text: str) -> str:
    """The whole text if it goes on a card, else its first sentences with …, else its first words."""
    if len(text) <= MAX_QUOTE_CHARS:
        return text
    ends = [found.end() for found in _SENTENCE_END.finditer(text[: MAX_QUOTE_CHARS - 2])]
    if ends and ends[-1] >= MAX_QUOTE_CHARS // 4:
        return f"{text[: ends[-1]].rstrip()} …"
    return plain_excerpt(text, MAX_QUOTE_CHARS)


def occurs_in(excerpt: str, text: str) -> bool:
    """Whether the excerpt stands in the text literally, but for how spaces and lines fall."""
    return " ".join(excerpt.split()) in " ".join(text.split())


def set_for_card(text: str) -> str:
    """The text as it is drawn: a few line breaks stay, and what is too long for a line gets places to break at."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    lines = [_WIDE.sub(f"{_ZERO_WIDTH_SPACE}\\g<0>{_ZERO_WIDTH_SPACE}", line) for line in lines]
    kept = lines if len(lines) <= _MAX_LINE_BREAKS + 1 else [" ".join(lines)]
    return "\n".join(" ".join(_breakable(word) for word in line.split()) for line in kept)


def words_apart(text: str) -> list[str]:
    """The longest things in a text that must not be cut: what a line has to have room for."""
    words = {word for word in re.split(rf"[\s{_ZERO_WIDTH_SPACE}]+", text) if word and not _NO_SPACES.search(word)}
    return sorted(words, key=lambda word: (-len(word), word))[:8]


def leading_of(text: str) -> float:
    """The space between two lines, in ems: what the tallest of its scripts needs beyond Latin letters."""
    return max((_LEADING[found.lastgroup or ""] for found in _TALL.finditer(text)), default=0.02)


def _breakable(word: str) -> str:
    if len(word) <= _LONGEST_WORD or _NO_SPACES_AT_ALL.search(word):
        return word
    clusters = list(_clusters(word))
    if len(clusters) <= _LONGEST_WORD or _NO_SPACES.search(word):
        return word
    return _ZERO_WIDTH_SPACE.join("".join(clusters[at : at + _PIECE]) for at in range(0, len(clusters), _PIECE))


def _clusters(text: str) -> Iterator[str]:
    """What a reader sees as one letter or sign; never cut between a letter and what is set on, under or into it."""
    held = ""
    for character in text:
        if held and not _belongs(held, character):
            yield held
            held = ""
        held += character
    if held:
        yield held


def _belongs(held: str, character: str) -> bool:
    if unicodedata.category(character)[0] == "M" or character in "\u200c\u200d\u200e\u200f":
        return True
    if "\U0001f3fb" <= character <= "\U0001f3ff" or held[-1] == "\u200d":
        return True
    flags = "\U0001f1e6" <= character <= "\U0001f1ff"
    return unicodedata.combining(held[-1]) == 9 or (flags and len(held) == 1 and "\U0001f1e6" <= held <= "\U0001f1ff")
