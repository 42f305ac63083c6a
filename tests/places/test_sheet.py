"""The printed sheets: whole documents that load nothing, escape everything, and fit eight cards a page."""

from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser

import pytest

from backend.accounts.accounts import Card
from backend.core.ids import new_id
from backend.core.locale import LOCALES
from backend.places.cards import CardBatch, SeatCard
from backend.places.records import RosterSeat, SchoolClass
from backend.places.rules import Country, SeatStatus
from graphql_api.places.card_sheet import card_sheet

NOW = datetime.fromisoformat("2026-11-22T10:00:00+00:00")
CLASS = SchoolClass(
    new_id(), new_id(), new_id(), "9A", "2026/2027", "nb", 30, 40, None, NOW, None, "Europe/Oslo", Country.NO
)
CARD = Card("blue-fox-1234", "tre-elv-sol-lampe", "7KQM-2XWP-7KQM-2XWP-7KQM")


class Page(HTMLParser):
    """What a document holds: its tags in balance, its attributes, its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in ("meta", "path"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag != "path":
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def sheet(names: list[str | None], *, locale: str = "nb", school: str = "Kongsgård", card: Card = CARD) -> str:
    seats = [RosterSeat(new_id(), CLASS.id, new_id(), name, SeatStatus.PENDING, NOW, None, None) for name in names]
    batch = CardBatch(replace(CLASS, locale=locale), [SeatCard(seat, card) for seat in seats])
    return card_sheet(batch, public_url="https://stemme.example", school_name=school)


@pytest.mark.parametrize("locale", LOCALES)
def test_sheet_is_whole_in_every_language_and_loads_nothing(locale: str) -> None:
    html = sheet(["Blå Rev", None], locale=locale)
    page = Page(html)
    assert page.open == []
    assert not {"script", "link", "img", "iframe", "object"} & set(page.tags)
    assert not {"src", "href", "onload"} & {name for name, _ in page.attributes}
    assert "url(" not in html
    assert ("lang", locale) in page.attributes
    for text in (CARD.handle, CARD.passphrase, CARD.recovery_code, "Blå Rev"):
        assert text in page.text


@pytest.mark.parametrize("evil", ["<script>alert(1)</script>", '"><img src=x>', "</style><b>", "&lt;", "a' onload='x"])
def test_sheet_escapes_names_of_people_and_places(evil: str) -> None:
    page = Page(sheet([evil], school=evil))
    assert page.text.count(evil) >= 2
    assert not {"script", "img", "b"} & set(page.tags)
    assert page.tags.count("style") == 1


@pytest.mark.parametrize("name", ["نجمة الشمال", "ሰላም", "தமிழ்", "Дружок", "שלום"])
def test_sheet_isolates_names_in_their_own_direction(name: str) -> None:
    assert f'<bdi dir="auto">{name}</bdi>' in sheet([name])


@pytest.mark.parametrize(("cards", "pages"), [(1, 1), (8, 1), (9, 2), (40, 5)])
def test_sheet_has_eight_cards_a_page(cards: int, pages: int) -> None:
    page = Page(sheet([None] * cards))
    assert page.tags.count("section") == cards
    assert page.tags.count("svg") == cards
    assert [value for name, value in page.attributes if name == "class"].count("sheet columns-2") == pages


def test_sheet_after_a_reset_has_no_recovery_line() -> None:
    page = Page(sheet(["Blå Rev"], card=replace(CARD, recovery_code="")))
    assert page.tags.count("dt") == 2
