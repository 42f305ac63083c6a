"""Screening tags, holds, never decides, and fails closed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.screening import PHASES, Finding, Screened, listed_words, screen


@pytest.mark.parametrize(("text", "tag"), [
    ("Ring meg på 912 34 567!", "contact_details"),
    ("Call +47 91 23 45 67", "contact_details"),
    ("Ring meg på 48 12 34 56.", "contact_details"),
    ("Tlf.48123456, når som helst", "contact_details"),
    ("اتصل بي ٩١٢٣٤٥٦٧", "contact_details"),
    ("skriv til ola.nordmann+x@example.no", "contact_details"),
    ("fødselsnummer 010190 12345", "identity_number"),
    ("01019012345", "identity_number"),
    ("personnummer 20090101-1234", "identity_number"),
    ("hetu 131052-308T", "identity_number"),
    ("CPR 010190-1234", "identity_number"),
    ("０１０１９０１２３４５", "identity_number"),
])  # fmt: skip
def test_personal_data_are_held(text: str, tag: str) -> None:
    screened = screen(text)
    assert screened.is_held
    assert screened.tags[-1] == tag


@pytest.mark.parametrize("text", [
    "Jeg mener at skolen skal ha lengre friminutt.",
    "I 1814 fikk Norge en grunnlov, og 17. mai 2026 feirer vi.",
    "Det bor 5 500 000 mennesker i Norge.",
    "Prisen steg fra 1.234,50 til 2.345,60 kroner.",
    "Pi er 3,14159265358979, omtrent.",
    "أريد أن أتكلم بحرية",
    "Rektor tar feil, og kommunen lyver.",
])  # fmt: skip
def test_ordinary_words_and_numbers_pass(text: str) -> None:
    assert screen(text) == Screened()


@pytest.mark.parametrize("text", ["se https://example.org/a", "gå inn på vg.no nå", "www.example.com"])
def test_links_are_tagged_and_pass(text: str) -> None:
    assert screen(text) == Screened(("link",))


def test_listed_words_are_tagged_whole_and_never_hold() -> None:
    phases = [*PHASES, listed_words(lambda text: "skurk" in text.casefold().split())]
    assert screen("Han er en SKURK", phases) == Screened(("listed_word",), severity=1)
    assert screen("skurkestreker", phases) == Screened()


def test_phase_that_fails_holds_and_keeps_what_was_seen() -> None:
    def broken(text: str) -> Finding:
        raise RuntimeError(text)

    assert screen("se https://example.org", [*PHASES, broken]) == Screened(("link", "screening_failed"), is_held=True)


def test_first_phase_that_holds_ends_it() -> None:
    def later(text: str) -> Finding:
        raise AssertionError(text)

    assert screen("010190 12345", [PHASES[0], later]).tags == ("identity_number",)


@given(st.text(max_size=300))
def test_screening_never_raises_on_any_text(text: str) -> None:
    assert 0 <= screen(text).severity <= 3
