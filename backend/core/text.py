"""What participants type: cleaned without harming any script, and what follows from it (direction, language, search).

Text is kept as plain Unicode in NFC. Characters that only deceive are refused by name (NUL, overrides of the direction,
private use); invisible ones that phones and other apps add without their owner's knowledge are removed in silence.
Joiners stay where a script or an emoji needs them.
"""

import re
import unicodedata

from langcodes import Language
from langcodes.data_dicts import DEFAULT_SCRIPTS, LANGUAGE_REPLACEMENTS, VALIDITY

from backend.core.errors import ValidationFailed

MAX_LANGUAGE_TAG_CHARS = 35
MAX_STACKED_MARKS = 4  # on letters of European scripts; Vietnamese and phonetic writing need two or three
MAX_MARKS = 8  # on anything: Tibetan and Burmese stack up to six

_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(
    chr(plane + last) for plane in range(0, 0xF0000, 0x10000) for last in (0xFFFE, 0xFFFF)
)
_REFUSED = re.compile(
    f"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202d\u202e\ud800-\udfff\ue000-\uf8ff{_NONCHARACTERS}\U000f0000-\U0010ffff]"
)
_LINE_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile("(?:[^\\S\n]|\u2800)+")  # the empty Braille pattern is a space to the eye
_EMPTY_LINES = re.compile(r"\n{3,}")

# Soft hyphen, fillers, zero-width space, embeddings and isolates, invisible operators, byte order mark, tags.
_INVISIBLE = re.compile(
    "(\U0001f3f4(?:\U000e0067\U000e0062(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074"
    "|\U000e0077\U000e006c\U000e0073))\U000e007f)"  # the flags of England, Scotland and Wales are spelt with tags
    "|[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u202a-\u202c\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffc"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
)
_EMOJI = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u25a0-\u27bf\u2900-\u297f"
    "\u2b00-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)
_HAN = "\u2e80-\u2fdf\u3005-\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_SELECTORS = re.compile(
    f"((?<=[{_EMOJI}0-9#*])[\ufe0e\ufe0f]|(?<=[{_HAN}])[\ufe00-\ufe02\U000e0100-\U000e01ef]"
    "|(?<=[\u1000-\u109f])\ufe00|(?<=[\u1800-\u18af])[\u180b-\u180d\u180f])"
    "|[\ufe00-\ufe0f\U000e0100-\U000e01ef\u180b-\u180d\u180f]"
)
# Scripts whose letters join or stack: Hebrew to Myanmar, Khmer and Mongolian to Vedic, Javanese to Meetei, forms, SMP.
_JOINING = (
    "\u0590-\u061b\u061d-\u109f\u1700-\u180a\u1810-\u1cff\ua800-\uabff\ufb1d-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc"
    "\U00010a00-\U00010fff\U00011000-\U00011fff\U0001e900-\U0001e95f"
)
_JOINERS = re.compile(f"((?<=[{_JOINING}])[\u200c\u200d]|(?<=[{_EMOJI}\ufe0f])\u200d(?=[{_EMOJI}]))|[\u200c\u200d]")
_RTL = re.compile(
    "[\u0590-\u061b\u061d-\u08ff\ufb1d-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_DIRECTION_MARKS = re.compile("[\u200e\u200f\u061c]+")
_EUROPEAN_MARKS = re.compile(
    f"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{{{MAX_STACKED_MARKS + 1}}}"
)
_SIGNS = re.compile("[\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f" + _HAN + "]+")  # Han and kana: no spaces between words
_NOT_SPOKEN = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|[@#][\w-]+")

_LANGUAGE_TAG = re.compile(
    r"(?P<language>[a-z]{2,3})(?:-(?P<script>[a-z]{4}))?(?:-(?P<region>[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[a-wyz](?:-[a-z0-9]{2,8})+)*"
)
_PRIVATE_SUBTAG = re.compile("q[a-t][a-z]|Qa[ab][a-z]|Z[xyz][a-z]{2}|AA|Q[M-Z]|X[A-JL-Z]|ZZ")
_NO_LANGUAGE = frozenset({"und", "mul", "zxx", "mis"})
_SEARCH_CONFIGS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "et": "estonian", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian",
    "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali",
    "nl": "dutch", "nn": "norwegian", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian",
    "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip


def clean_text(
    value: str, *, path: tuple[str, ...], max_chars: int, min_chars: int = 1, multiline: bool = False
) -> str:
    """The text as it is stored: NFC, trimmed, spaces collapsed, nothing invisible that harms. Idempotent.

    Lengths are code points after cleaning. Without `multiline` line breaks become spaces.
    Raises ValidationFailed: text_missing, text_too_long, text_too_short, text_forbidden_character, text_too_many_marks.
    """
    if len(value) > 4 * max_chars + 1000:  # before any work that grows with the length
        raise ValidationFailed("text_too_long", path=path, max=max_chars)
    if refused := _REFUSED.search(value):
        raise ValidationFailed("text_forbidden_character", path=path, character=_character_name(refused[0]))
    text = _collapse(unicodedata.normalize("NFC", _without_harm(unicodedata.normalize("NFC", value))), multiline)
    if len(text) > max_chars:
        raise ValidationFailed("text_too_long", path=path, max=max_chars)
    if not text and min_chars:
        raise ValidationFailed("text_missing", path=path)
    if len(text) < min_chars:
        raise ValidationFailed("text_too_short", path=path, min=min_chars)
    if _has_too_many_marks(text):
        raise ValidationFailed("text_too_many_marks", path=path)
    return text


def _without_harm(text: str) -> str:
    text = _INVISIBLE.sub(_kept, text)
    text = _SELECTORS.sub(_kept, text)
    text = _JOINERS.sub(_kept, text)
    keep_marks = _RTL.search(text) is not None
    return _DIRECTION_MARKS.sub(lambda run: run[0][-1] if keep_marks else "", text)


def _kept(match: re.Match[str]) -> str:
    return match[1] or ""


def _collapse(text: str, multiline: bool) -> str:
    text = _SPACES.sub(" ", _LINE_BREAKS.sub("\n", text))
    if not multiline:
        return " ".join(text.split())
    return _EMPTY_LINES.sub("\n\n", "\n".join(line.strip(" ") for line in text.split("\n"))).strip()


def _has_too_many_marks(text: str) -> bool:
    if text.isascii():
        return False
    run = 0
    for character in text:
        run = run + 1 if unicodedata.category(character)[0] == "M" else 0
        if run > MAX_MARKS:
            return True
    return _EUROPEAN_MARKS.search(text) is not None


def _character_name(character: str) -> str:
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".strip()


def direction_of(text: str) -> str:
    """`ltr` or `rtl`: the first strong letter (Unicode bidirectional rules P2, P3), overruled when the other direction
    has at least twice as many. Addresses, @names and #tags do not count, so they may open an Arabic text."""
    strong = [
        "rtl" if kind in ("R", "AL") else "ltr"
        for kind in map(unicodedata.bidirectional, _NOT_SPOKEN.sub(" ", text) or text)
        if kind in ("L", "R", "AL")
    ]
    if not strong:
        return "ltr"
    first, same = strong[0], strong.count(strong[0])
    return first if len(strong) - same < 2 * same else ("ltr" if first == "rtl" else "rtl")


def language_tag(value: str, *, path: tuple[str, ...]) -> str:
    """The canonical BCP 47 tag, language with script and region only: `NB_no` → `nb-NO`, `no` → `nb`, `iw` → `he`.

    Variants and extensions are accepted and left out. Raises ValidationFailed language_unknown for what is no tag, for
    unregistered parts, private use, and for "undetermined" and its like.
    """
    tag = value.strip().replace("_", "-").lower()
    if len(tag) <= MAX_LANGUAGE_TAG_CHARS and tag.isascii():
        tag = LANGUAGE_REPLACEMENTS.get(tag, tag).lower()
        match = _LANGUAGE_TAG.fullmatch(tag)
        if match is not None and (canonical := _canonical(match["language"], match["script"], match["region"])):
            return canonical
    raise ValidationFailed("language_unknown", path=path)


def _canonical(language: str, script: str | None, region: str | None) -> str | None:
    # The parts are looked up one by one: langcodes keeps every whole tag that it ever parsed in memory.
    script, region = script and script.title(), region and region.upper()
    parts = [part for part in (language, script, region) if part]
    if not all(VALIDITY.match(part) for part in parts) or any(_PRIVATE_SUBTAG.fullmatch(part) for part in parts):
        return None
    found = Language.get(language)
    name = {"no": "nb"}.get(found.language or "und", found.language or "und")
    script, region = script or found.script, region or found.territory
    if name in _NO_LANGUAGE:
        return None
    return "-".join(part for part in (name, script if script != DEFAULT_SCRIPTS.get(name) else None, region) if part)


def primary_language(tag: str) -> str:
    """The language alone, to compare tags: `nb-NO` → `nb`, `sr-Latn` → `sr`."""
    return tag.partition("-")[0].lower()


def search_config(tag: str) -> str:
    """The text search configuration of a stock PostgreSQL for a language; `simple` (no stemming) where it has none."""
    return _SEARCH_CONFIGS.get(primary_language(tag), "simple")


def signs_apart(text: str) -> str:
    """Chinese and Japanese signs with spaces between them: full text search takes words apart at spaces, and these
    scripts have none. Everything else stays."""
    return _SIGNS.sub(lambda run: f" {' '.join(run[0])} ", text)


def signs_as_phrases(words: str) -> str:
    """Search words for text that went through `signs_apart`: signs written together must stand together."""
    if '"' in words:  # the reader says what stands together
        return signs_apart(words)
    return _SIGNS.sub(lambda run: f'"{" ".join(run[0])}" ', words)


def plain_excerpt(text: str, chars: int) -> str:
    """One line of at most `chars` code points, cut between words where possible, never inside a visible character."""
    line = " ".join(text.split())
    if len(line) <= chars:
        return line
    end = chars - 1
    space = line.rfind(" ", chars // 2, chars)
    if space > 0:
        return line[:space].rstrip() + "…"
    while end > 0 and (_continues(line[end]) or line[end - 1] == "\u200d"):
        end -= 1
    return line[:end].rstrip() + "…"


def _continues(character: str) -> bool:
    return (
        unicodedata.category(character)[0] == "M"
        or character in "\u200c\u200d"
        or "\U0001f3fb" <= character <= "\U0001f3ff"
    )
