"""The names under which young people are seen: which are allowed, which look the same. And generated passphrases."""

import hashlib
import re
import unicodedata
from functools import cache
from pathlib import Path

from backend.core.errors import ValidationFailed
from backend.core.text import clean_text

MIN_CHARS, MAX_CHARS = 2, 24
MIN_SEED_BYTES = 16
_FOLDER = Path(__file__).parent
_BITS_PER_WORD = 11
_MAX_WORDS = 12

_TOO_MANY_DIGITS = re.compile(r"(?:\d[\W_]*){5}")  # an identity or phone number, also when it is broken up
_CONTACT = re.compile(
    r"@|://|\bwww\b|\b(?:(?:gmail|hotmail)\b|(?:outlook|icloud|live|yahoo) (?:com|no)\b)|\w\.\w{2,}", re.IGNORECASE
)
_UNSEEN = re.compile("[\u200e\u200f\u061c\u0640\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_JOINERS = re.compile("[\u200c\u200d]")
_BREAKS = re.compile("[ '-]+")
_WORDS = re.compile(r"[^\W_]+")
_STYLED = ("<font>", "<wide>", "<narrow>", "<circle>", "<square>", "<super>", "<sub>", "<fraction>", "<small>")
_EAST_ASIAN = frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC"})

# Letters that look like Latin ones, after case folding.
_LOOK_ALIKES = str.maketrans(
    "авекмнорстухіјѕһԁԛԝѵ" + "αβεηικνορτυχγζω" + "ɑɡıօսհ" + "01|",
    "abekmhopctyxijshdqwv" + "abenikvoptuxyzw" + "agiouh" + "oil",
)
_LATIN_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ł": "l"})
_ARABIC_LETTERS = str.maketrans("أإآٱىیکة", "ااااييكه")
_DIGITS_AS_LETTERS = str.maketrans("0134578", "oieastb")

# Whole words by which somebody would pass for staff, in their plain form; with `*` also as a beginning.
_STAFF_WORDS = (
    "admin* administrasjon* moderator* moderatorn moderaattori* teacher* laerer* larer larare* opettaja* kennari* "
    "principal headmaster headteacher rektor* rehtori* skolastjori* official* secretariat* sekretariat* sihteeristo* "
    "redaktor* redaksjon* redaktion* toimitus ritstjori* support stemme stemmeteam ylapitaja* yllapitaja* stjornandi* "
    "politi politiet polis polisen poliisi police logregla* معلم معلمه المعلم المعلمه استاذ مدرس مدير مشرف"
)


def check_pseudonym(text: str, *, path: tuple[str, ...]) -> str:
    """The pseudonym as it is shown: 2 to 24 letters, digits, spaces, hyphens, apostrophes, in any script.

    Raises ValidationFailed: text_* of clean_text, and pseudonym_contact (address), pseudonym_number (five digits in a
    row, across separators), pseudonym_characters, pseudonym_letters (none), pseudonym_mixed_scripts
    (two alphabets in one word), pseudonym_staff, pseudonym_blocked.
    """
    raw = clean_text(text, path=path, max_chars=MAX_CHARS)
    if _CONTACT.search(raw):
        raise ValidationFailed("pseudonym_contact", path=path)
    if _TOO_MANY_DIGITS.search(raw):
        raise ValidationFailed("pseudonym_number", path=path)
    shown = _UNSEEN.sub("", raw).replace("’", "'").strip(" '-")
    shown = clean_text(shown, path=path, min_chars=MIN_CHARS, max_chars=MAX_CHARS)
    if code := _why_not(shown):
        raise ValidationFailed(code, path=path)
    return shown


def _why_not(shown: str) -> str | None:
    if not all(_is_allowed(character) for character in shown):
        return "pseudonym_characters"
    if not any(character.isalpha() for character in shown):
        return "pseudonym_letters"
    if any(len(_scripts(word)) > 1 for word in _BREAKS.split(shown)):
        return "pseudonym_mixed_scripts"
    forms = _spelt_out(shown)
    if any(_staff_pattern().fullmatch(form) for form in forms):
        return "pseudonym_staff"
    if any(_is_blocked(form) for form in forms):
        return "pseudonym_blocked"
    return None


def _is_allowed(character: str) -> bool:
    if character in " '-\u200c\u200d":
        return True
    category = unicodedata.category(character)
    kind = unicodedata.decomposition(character).partition(" ")[0]
    return (category[0] in "LM" or category == "Nd") and kind not in _STYLED


def _scripts(word: str) -> set[str]:
    names = (unicodedata.name(character, "").split(" ")[0] for character in word if character.isalpha())
    return {"EAST ASIAN" if name in _EAST_ASIAN else name for name in names} - {"MODIFIER", ""}


def skeleton(text: str) -> str:
    """What two pseudonyms have in common that a reader would confuse: equal skeletons may not be in one class.

    Folds case, separators, look-alike letters of other alphabets, `0 1 l i rn vv`, and spellings of one Arabic word.
    Accents stay: Pål is not Pal.
    """
    folded = unicodedata.normalize("NFKC", _without_unseen(text)).casefold().translate(_LOOK_ALIKES)
    folded = _without_arabic_vowels(folded).translate(_ARABIC_LETTERS)
    return unicodedata.normalize("NFC", folded.replace("i", "l").replace("rn", "m").replace("vv", "w"))


def _without_unseen(text: str) -> str:
    return _BREAKS.sub("", _JOINERS.sub("", _UNSEEN.sub("", text.replace("’", "'"))))


def _without_arabic_vowels(text: str) -> str:
    return re.sub("[\u064b-\u0652\u0670]", "", text)


def _spelt_out(shown: str) -> set[str]:
    """Every word, and all together, without accents: as written, without digits at the end, digits as letters."""
    words = {plain for word in _BREAKS.split(shown) if (plain := _plain(word))}
    words.add("".join(_plain(word) for word in _BREAKS.split(shown)))
    return {form for word in words for form in (word, word.rstrip("0123456789"), word.translate(_DIGITS_AS_LETTERS))}


def _plain(word: str) -> str:
    folded = unicodedata.normalize("NFKD", _without_unseen(word).casefold())
    bare = "".join(character for character in folded if not unicodedata.combining(character))
    return bare.translate(_LATIN_LETTERS).translate(_look_alike_letters()).translate(_ARABIC_LETTERS)


@cache
def _look_alike_letters() -> dict[int, int]:
    return {seen: meant for seen, meant in _LOOK_ALIKES.items() if chr(seen) not in "01|"}


def has_blocked_word(text: str) -> bool:
    """Whether one of the words of a longer text is listed, however it is cased, accented or stretched."""
    forms = {form for word in _WORDS.findall(text) for form in _spelt_out(word)}
    return any(_is_blocked(form) for form in forms)


def _is_blocked(form: str) -> bool:
    pattern, ordinary = _blocked()
    return form not in ordinary and pattern.fullmatch(form) is not None


@cache
def _blocked() -> tuple[re.Pattern[str], frozenset[str]]:
    lines = (line.strip() for line in (_FOLDER / "blocked_words.txt").read_text("utf-8").splitlines())
    words = [line for line in lines if line and not line.startswith("#")]
    ordinary = frozenset(_plain(word[1:]) for word in words if word.startswith("!"))
    return re.compile("|".join(_pattern(word) for word in words if not word.startswith("!"))), ordinary


@cache
def _staff_pattern() -> re.Pattern[str]:
    return re.compile("|".join(_pattern(word) for word in _STAFF_WORDS.split()))


def _pattern(word: str) -> str:
    """A listed word with any of its letters repeated; one that is double in it stays double (Niger is a country)."""
    runs = re.finditer(r"(.)\1*", _plain(word.strip("*")))
    body = "".join(f"{re.escape(run[1])}{{{len(run[0])},}}" for run in runs)
    return f"{'.*' if word.startswith('*') else ''}{body}{'.*' if word.endswith('*') else ''}"


def passphrase_words(seed_bytes: bytes, *, words: int = 4) -> tuple[str, ...]:
    """Plain words drawn evenly by secret bytes (at least 16), 11 bits each: the same seed gives the same words.

    Raises ValueError for a short seed or a number of words outside 1 to 12.
    """
    if len(seed_bytes) < MIN_SEED_BYTES or not 1 <= words <= _MAX_WORDS:
        raise ValueError("a passphrase needs a seed of at least 16 bytes and 1 to 12 words")
    number = int.from_bytes(hashlib.sha256(b"passphrase words" + seed_bytes).digest())
    return tuple(_words()[number >> (_BITS_PER_WORD * place) & (2**_BITS_PER_WORD - 1)] for place in range(words))


@cache
def _words() -> tuple[str, ...]:
    # Exactly 2¹¹ of them, so that eleven bits choose without bias.
    return tuple((_FOLDER / "words" / "en.txt").read_text("ascii").split())
