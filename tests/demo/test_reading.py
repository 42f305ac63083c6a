"""The demo's material hangs together: every key leads somewhere, every text is one the service would take."""

import hashlib
import unicodedata
from collections import Counter

import pytest

from backend.accounts.pseudonyms import check_pseudonym, skeleton
from backend.campaigns.rules import Audience
from backend.core.locale import LOCALES
from backend.core.text import clean_text
from backend.demo.reading import DemoStatement, Material, read_material
from backend.topics.config import MAX_NAME_CHARS, MAX_WHY_CHARS
from moderation.rules import Reason

OUTCOMES = {"PUBLISHED", "WAITING", "CHANGES_REQUESTED", "REJECTED", "WITHDRAWN", "APPEALED"}
ENDINGS = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n", "image/webp": b"RIFF"}


@pytest.fixture(scope="module")
def material() -> Material:
    return read_material()


def school_of(material: Material, statement: DemoStatement) -> str:
    return next(c.school for c in material.classes if statement.author in c.students)


def city_of(material: Material, statement: DemoStatement) -> str:
    return {school.key: school.city for school in material.schools}[school_of(material, statement)]


def script_of(text: str) -> str:
    letters = (unicodedata.name(char).split()[0] for char in text if char.isalpha())
    return Counter(letters).most_common(1)[0][0]


def test_places_are_three_cities_and_six_classes_in_at_least_four_schools(material: Material) -> None:
    assert {(c.country, c.zone) for c in material.cities} == {
        ("NO", "Europe/Oslo"),
        ("SE", "Europe/Stockholm"),
        ("FI", "Europe/Helsinki"),
    }
    assert Counter(s.city for s in material.schools) == {c.key: 2 for c in material.cities}
    assert len(material.classes) == 6
    assert len({c.school for c in material.classes}) >= 4
    assert {c.school for c in material.classes} <= {s.key for s in material.schools}


def test_pseudonyms_are_more_than_110_and_no_two_alike(material: Material) -> None:
    names = [name for c in material.classes for name in c.students]
    assert len(names) == len({skeleton(name) for name in names}) >= 110
    assert all(check_pseudonym(name, path=("pseudonym",)) == name for name in names)


def test_staff_texts_are_there_in_every_language_of_the_service(material: Material) -> None:
    texts = [t.name for t in material.topics]
    texts += [text for c in material.campaigns for text in (c.title, c.description, c.prompt)]
    assert all(set(text) == set(LOCALES) and all(text.values()) for text in texts)


def test_statements_are_in_many_languages_and_scripts(material: Material) -> None:
    languages = Counter(s.language for s in material.statements)
    assert len(material.statements) >= 60
    assert set(languages) >= {"nb", "nn", "sv", "fi", "en", "ar", "ti", "uk", "fa", "so", "es"}
    assert {script_of(s.text) for s in material.statements} == {"LATIN", "ARABIC", "ETHIOPIC", "CYRILLIC"}


def test_statement_only_names_what_exists(material: Material) -> None:
    campaigns = {c.key: c for c in material.campaigns}
    pictures = {p.key for p in material.pictures}
    authors = {name for c in material.classes for name in c.students}
    assert len({s.key for s in material.statements}) == len(material.statements)
    for s in material.statements:
        assert s.author in authors, s.key
        assert s.topic in campaigns[s.campaign].topics, s.key
        assert s.picture is None or s.picture in pictures, s.key
        assert s.audience in Audience.__members__, s.key
        assert s.outcome in OUTCOMES, s.key
        assert campaigns[s.campaign].city in (None, city_of(material, s)), s.key
        assert 0 <= s.days_ago < -campaigns[s.campaign].opens, s.key


def test_statement_is_text_that_the_service_would_take_unchanged(material: Material) -> None:
    for s in material.statements:
        assert 20 <= len(s.text) <= 1200, s.key
        for text in (s.text, *(t.text for t in s.translations)):
            assert clean_text(text, path=("text",), max_chars=2000, multiline=True) == text, s.key
        assert s.language not in {t.language for t in s.translations}, s.key


def test_reply_is_later_and_its_author_can_see_what_it_answers(material: Material) -> None:
    earlier: dict[str, DemoStatement] = {}
    for s in material.statements:
        if s.reply_to:
            parent = earlier[s.reply_to]
            assert parent.outcome == "PUBLISHED", s.key
            assert (parent.campaign, parent.topic) == (s.campaign, s.topic), s.key
            assert parent.days_ago > s.days_ago, s.key
            same_school = school_of(material, parent) == school_of(material, s)
            assert parent.audience in {"CITY", "SOCIAL"} or (parent.audience == "SCHOOL" and same_school), s.key
        earlier[s.key] = s
    assert sum(s.reply_to is not None for s in material.statements) >= 8


def test_refusal_carries_a_reason_from_the_list_and_words_to_the_author(material: Material) -> None:
    for s in material.statements:
        assert (s.reason is not None) == (s.outcome in {"REJECTED", "APPEALED"}), s.key
        assert s.reason is None or s.reason in Reason.__members__, s.key
        assert bool(s.message) == (s.outcome in {"CHANGES_REQUESTED", "REJECTED", "APPEALED"}), s.key
        assert bool(s.appeal) == (s.outcome == "APPEALED"), s.key
        assert not s.supports or s.outcome == "PUBLISHED", s.key


def test_proposal_is_of_somebody_who_speaks_to_the_city_and_has_what_its_outcome_takes(material: Material) -> None:
    speakers = {s.author for s in material.statements if s.audience in {"CITY", "SOCIAL"}}
    assert {p.outcome for p in material.proposals} == {"SHOWN", "CHOSEN", "DECLINED", "WAITING"}
    for p in material.proposals:
        assert p.proposer in speakers, p.key
        assert clean_text(p.words, path=("name",), max_chars=MAX_NAME_CHARS) == p.words, p.key
        assert clean_text(p.why, path=("why",), max_chars=MAX_WHY_CHARS, multiline=True) == p.why, p.key
        assert (p.name is not None) == (p.outcome == "CHOSEN"), p.key
        assert (p.reason is not None) == (p.outcome == "DECLINED"), p.key
        assert (p.supports == 0) == (p.outcome == "WAITING"), p.key
        answered = p.days_ago if p.answered_days_ago is None else p.answered_days_ago
        assert (answered < p.days_ago) == (p.outcome in {"CHOSEN", "DECLINED"}), p.key
        assert p.name is None or set(p.name) == set(LOCALES), p.key


def test_every_outcome_and_audience_is_shown(material: Material) -> None:
    assert {s.outcome for s in material.statements} == OUTCOMES
    assert {s.audience for s in material.statements} == set(Audience.__members__)


def test_pictures_are_small_photographs_with_words_for_those_who_cannot_see(material: Material) -> None:
    contents = [p.content() for p in material.pictures]
    assert len({hashlib.sha256(content).digest() for content in contents}) == len(contents) >= 12
    for picture, content in zip(material.pictures, contents, strict=True):
        assert content.startswith(ENDINGS[picture.media_type]), picture.key
        assert len(content) <= 120 * 1024, picture.key
        assert set(picture.alt) == {"en", "nb"}, picture.key
    assert {p.key for p in material.pictures} == {s.picture for s in material.statements if s.picture}
