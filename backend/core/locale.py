"""The languages of the product itself: which one a viewer gets, which staff text to show, how days and waits read."""

import math
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Literal

from babel.dates import format_date, format_timedelta

DEFAULT_LOCALE = "en"
LOCALES = ("en", "nb", "nn", "sv", "da", "fi", "is")
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


def format_day(day: date, *, locale: str, style: Style = "long") -> str:
    """A date in words: `22. november 2026`."""
    return format_date(day, format=style, locale=_FORMATS.get(locale, locale))


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
