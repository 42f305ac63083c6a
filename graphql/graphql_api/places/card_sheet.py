"""The printed form of log-in cards (eight a sheet) and of guardians' slips (four a sheet), in the class's language."""

from html import escape
from urllib.parse import urlencode

from backend.accounts.accounts import Card
from backend.core.locale import format_day
from backend.places.cards import CardBatch, SeatCard
from backend.places.guardian_slips import SeatSlip, SlipBatch
from backend.places.records import SchoolClass
from graphql_api.accounts.types import consent_text
from graphql_api.messages import message
from graphql_api.places.sheet import card, facts, page, shown_name


def card_sheet(batch: CardBatch, *, public_url: str, school_name: str) -> str:
    """The page for log-in cards. It holds passphrases: shown once, kept nowhere."""
    locale, place = batch.school_class.locale, _place(batch.school_class, school_name)
    cards = [_login_card(one, locale, place, public_url) for one in batch.cards]
    return page(cards, locale=locale, title=f"{_say(locale, 'card.title')} · {place}", columns=2)


def sign_in_link(card: Card, public_url: str) -> str:
    """What the QR code holds. The part behind # never leaves the phone: no server and no log sees it."""
    return f"{public_url}/sign-in#{urlencode({'handle': card.handle, 'passphrase': card.passphrase})}"


def slip_sheet(batch: SlipBatch, *, school_name: str) -> str:
    """The page for guardians' slips. It holds guardian keys: for the school's own channel, never for the child."""
    locale, place = batch.school_class.locale, _place(batch.school_class, school_name)
    slips = [_slip(one, locale, place) for one in batch.slips]
    return page(slips, locale=locale, title=f"{_say(locale, 'slip.title')} · {place}", columns=1)


def _login_card(one: SeatCard, locale: str, place: str, public_url: str) -> str:
    rows = (
        (_say(locale, "card.handle"), one.card.handle),
        (_say(locale, "card.passphrase"), one.card.passphrase),
        (_say(locale, "card.recovery"), one.card.recovery_code),
    )
    return card(
        place=place,
        name=shown_name(one.seat.pseudonym, label=_say(locale, "card.pseudonym")),
        body=facts(rows),
        footer=f"{_text(locale, 'card.instruction')} <strong>{_text(locale, 'card.keep')}</strong>",
        link=sign_in_link(one.card, public_url),
    )


def _slip(one: SeatSlip, locale: str, place: str) -> str:
    asked = "".join(f"<li>{escape(consent_text(question, locale))}</li>" for question in one.slip.questions)
    until = format_day(one.slip.expires_at.date(), locale=locale)
    rows = ((_say(locale, "slip.code"), one.slip.code), (_say(locale, "slip.until"), until))
    return card(
        place=place,
        name=shown_name(one.seat.pseudonym, label=_say(locale, "card.pseudonym")),
        body=f"<p>{_text(locale, 'slip.text')}</p><ul>{asked}</ul>{facts(rows)}",
        footer=f"<strong>{_text(locale, 'slip.keep')}</strong>",
        link=one.slip.link,
    )


def _place(school_class: SchoolClass, school_name: str) -> str:
    return f"{school_name} · {school_class.name}"


def _say(locale: str, key: str) -> str:
    return message(locale, key, {})


def _text(locale: str, key: str) -> str:
    return escape(_say(locale, key))
