"""The languages of the product itself: which one a viewer gets, which staff text to show, how dates and times read."""

import math
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, format_timedelta, get_datetime_format, get_timezone

DEFAULT_LOCALE = "en"
LOCALES = ("en", "nb", "nn", "sv", "da", "fi", "is")
LOCALE_NAMES = {
    "en": "English",
    "nb": "Norsk bokmål",
    "nn": "Norsk nynorsk",
    "sv": "Svenska",
    "da": "Dansk",
    "fi": "Suomi",
    "is": "Íslenska",
}

# Written down here because Babel keeps a megabyte in memory for every language that is asked for its own name.
_OWN_NAMES = {
    "am": "አማርኛ", "ar": "العربية", "bn": "বাংলা", "bs": "Bosanski", "ckb": "کوردیی ناوەندی", "de": "Deutsch",
    "el": "Ελληνικά", "es": "Español", "et": "Eesti", "fa": "فارسی", "fa-AF": "دری", "fo": "Føroyskt", "fr": "Français",
    "he": "עברית", "hi": "हिन्दी", "hr": "Hrvatski", "it": "Italiano", "kl": "Kalaallisut", "kmr": "Kurmancî",
    "ku": "Kurdî", "lt": "Lietuvių", "lv": "Latviešu", "my": "မြန်မာ", "nl": "Nederlands", "om": "Oromoo",
    "pa": "ਪੰਜਾਬੀ", "pl": "Polski", "ps": "پښتو", "pt": "Português", "ro": "Română", "ru": "Русский",
    "se": "Davvisámegiella", "sk": "Slovenčina", "sma": "Åarjelsaemien gïele", "smj": "Julevsámegiella",
    "smn": "Anarâškielâ", "so": "Soomaali", "sq": "Shqip", "sr": "Српски", "sr-Latn": "Srpski", "sw": "Kiswahili",
    "ta": "தமிழ்", "th": "ไทย", "ti": "ትግርኛ", "tr": "Türkçe", "uk": "Українська", "ur": "اردو", "vi": "Tiếng Việt",
    "zh": "中文",
}  # fmt: skip

# What a reader of the one understands without effort, nearest first.
_NEAR = {"nb": ("nn", "da"), "nn": ("nb", "da"), "da": ("nb", "nn")}
_FORMATS = {"en": "en_GB"}  # day before month and 24 hours, as everywhere in the Nordic countries
_MAX_HEADER_CHARS = 500
_LONGEST_WAIT = 10_000 * 86400

_UNITS: tuple[tuple[Literal["day", "hour", "minute", "second"], int], ...] = (
    ("day", 86400),
    ("hour", 3600),
    ("minute", 60),
    ("second", 1),
)

Style = Literal["short", "medium", "long", "full"]


def as_locale(tag: str | None) -> str | None:
    """The locale of ours that a tag means (`no-NO` → `nb`, `sv_FI` → `sv`), or None."""
    if not tag or len(tag) > 35:
        return None
    language = tag.replace("_", "-").partition("-")[0].lower()
    language = {"no": "nb"}.get(language, language)
    return language if language in LOCALES else None


def negotiate(accept_language: str | None, preferred: str | None = None) -> str:
    """The locale for a viewer: the one they set, else the best of the Accept-Language header, else English."""
    if (chosen := as_locale(preferred)) is not None:
        return chosen
    header = (accept_language or "")[:_MAX_HEADER_CHARS]
    wanted = sorted(enumerate(_weighted(header)), key=lambda item: (-item[1][1], item[0]))
    for _, (tag, _weight) in wanted:
        if (locale := as_locale(tag)) is not None:
            return locale
    return DEFAULT_LOCALE


def _weighted(header: str) -> Iterator[tuple[str, float]]:
    for part in header.split(","):
        tag, _, parameters = part.partition(";")
        weight = 1.0
        if parameters.strip()[:2].lower() == "q=":
            try:
                weight = float(parameters.strip()[2:])
            except ValueError:
                weight = 0.0
        if 0 < weight <= 1 and tag.strip():
            yield tag.strip(), weight


def pick(texts: Mapping[str, str], *wanted: str | None) -> str:
    """A staff text in the first locale it has: each wanted one (viewer, then city) or its near relatives, English, any.

    Empty texts count as missing; the answer is empty only when all are.
    """
    for locale in (*wanted, DEFAULT_LOCALE):
        for candidate in (locale or "", *_NEAR.get(locale or "", ())):
            if text := texts.get(candidate):
                return text
    return next((text for text in texts.values() if text), "")


@lru_cache(maxsize=512)
def language_name(tag: str, locale: str | None = None) -> str:
    """The name of a language in a locale of ours; without one its own name for itself, for the common ones.

    Languages without a known own name are called by their English one, unknown ones keep the tag.
    """
    if locale is None and (own := LOCALE_NAMES.get(tag) or _OWN_NAMES.get(tag)):
        return own
    try:
        name = Locale.parse(tag, sep="-").get_display_name(locale or DEFAULT_LOCALE)
    except (ValueError, UnknownLocaleError):
        name = None
    return name[:1].upper() + name[1:] if name else tag


def format_day(day: date, *, locale: str, style: Style = "long") -> str:
    """A date in words: `22. november 2026`."""
    return format_date(day, format=style, locale=_FORMATS.get(locale, locale))


def format_moment(moment: datetime, *, locale: str, zone: str, style: Style = "long") -> str:
    """Day, hour and minute of an aware datetime as the clock of an IANA zone shows it: `22. november 2026, 15:00`.

    Raises LookupError for an unknown zone.
    """
    name = _FORMATS.get(locale, locale)
    local = moment.astimezone(get_timezone(zone))
    both = str(get_datetime_format(style, locale=name)).replace("'", "")
    clock = format_time(local, format="short", tzinfo=local.tzinfo, locale=name)
    return both.replace("{0}", clock).replace("{1}", format_date(local, format=style, locale=name))


def format_wait(seconds: float, *, locale: str) -> str:
    """How long from now, rounded up to a whole unit, in a phrase: `in 15 minutes`, `om 15 minutter`."""
    whole = math.ceil(min(max(1, seconds), _LONGEST_WAIT))
    unit, size = next((unit, size) for unit, size in _UNITS if whole >= 2 * size or size == 1)
    return format_timedelta(
        timedelta(seconds=math.ceil(whole / size) * size),
        granularity=unit,
        threshold=math.inf,  # never a larger unit: two weeks would be less than fifteen days
        add_direction=True,
        locale=_FORMATS.get(locale, locale),
    )
