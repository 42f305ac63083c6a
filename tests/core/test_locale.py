"""The locale of a viewer, the fallback of staff texts, dates and waiting times in words."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.locale import (
    LOCALES,
    as_locale,
    format_day,
    format_wait,
    negotiate,
    pick,
)


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        (None, "en"),
        ("", "en"),
        ("*", "en"),
        ("no", "nb"),
        ("no-NO,no;q=0.9,en;q=0.5", "nb"),
        ("nn-NO,nn;q=0.9,nb;q=0.8", "nn"),
        ("ti-ER,ar;q=0.9,sv-SE;q=0.8,en;q=0.1", "sv"),
        ("en;q=0.1, fi ; q=0.9", "fi"),
        ("is;q=0, da", "da"),
        ("sv_FI", "sv"),
        ("EN-us", "en"),
        ("de,fr", "en"),
        ("nb;q=abc,sv;q=nan,da;q=-1", "en"),
        (",;,;;q=,=", "en"),
        ("x" * 100_000, "en"),
        ("de," * 100_000 + "nb", "en"),
    ],
)
def test_negotiate_header_gives_the_best_of_ours(header: str | None, locale: str) -> None:
    assert negotiate(header) == locale


def test_negotiate_with_a_setting_prefers_it_to_the_header() -> None:
    assert negotiate("sv", "no-NO") == "nb"
    assert negotiate("sv", "de") == "sv"


@given(st.text() | st.lists(st.sampled_from(["no", "fi-FI", ";q=0.5", ",", "*", "q=", "1e9"])).map("".join))
def test_negotiate_on_anything_gives_a_locale(header: str) -> None:
    assert negotiate(header, header) in LOCALES


def test_as_locale_of_a_foreign_language_is_none() -> None:
    assert [as_locale(tag) for tag in ("ar", "", None, "n" * 99)] == [None] * 4


@pytest.mark.parametrize(
    ("texts", "wanted", "text"),
    [
        ({"en": "E", "nb": "B"}, ("nb", "sv"), "B"),
        ({"en": "E", "nb": "B"}, ("nn", "sv"), "B"),
        ({"en": "E", "nb": "B"}, ("da", "sv"), "B"),
        ({"en": "E", "da": "D"}, ("nb", "sv"), "D"),
        ({"en": "E", "sv": "S"}, ("fi", "sv"), "S"),
        ({"en": "E", "sv": "S"}, ("fi", None), "E"),
        ({"is": "I"}, ("fi", "sv"), "I"),
        ({"fi": "", "en": "E"}, ("fi",), "E"),
        ({}, ("fi",), ""),
        ({"fi": ""}, (), ""),
    ],
)
def test_pick_falls_back_from_viewer_to_city_to_english_to_any(
    texts: dict[str, str], wanted: tuple[str | None, ...], text: str
) -> None:
    assert pick(texts, *wanted) == text


def test_format_day_is_written_in_every_locale() -> None:
    days = {locale: format_day(date(2026, 5, 17), locale=locale) for locale in LOCALES}
    assert days["en"] == "17 May 2026"
    assert days["is"] == "17. maí 2026"
    assert all("2026" in day for day in days.values())


@pytest.mark.parametrize(
    ("seconds", "locale", "words"),
    [
        (0, "en", "in 1 second"),
        (59.1, "en", "in 60 seconds"),
        (119, "nb", "om 119 sekunder"),
        (121, "nb", "om 3 minutter"),
        (900, "fi", "15 minuutin päästä"),
        (900, "is", "eftir 15 mínútur"),
        (7201, "sv", "om 3 timmar"),
        (180_000, "da", "om 3 dage"),
        (float("inf"), "en", "in 10000 days"),
        (float("nan"), "en", "in 1 second"),
    ],
)
def test_format_wait_rounds_up_to_a_whole_unit(seconds: float, locale: str, words: str) -> None:
    assert format_wait(seconds, locale=locale).replace("\u00a0", " ") == words
