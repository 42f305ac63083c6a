"""Log-in cards as one printable HTML page: A4, eight cards a sheet with cut lines, nothing loaded from anywhere."""

from collections.abc import Sequence
from html import escape
from urllib.parse import urlencode

import segno

from backend.accounts.accounts import Card
from backend.places.cards import CardBatch, SeatCard
from backend.places.records import SchoolClass
from graphql_api.messages import message

PER_SHEET = 8

# Fonts are those of the computer that prints: they have every script that its people write.
_STYLE = """
@page { size: A4 portrait; margin: 10mm; }
* { box-sizing: border-box; margin: 0; }
body { font-family: system-ui, "Noto Sans", "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Ethiopic", sans-serif;
  font-size: 9pt; line-height: 1.25; color: #000; background: #fff; }
.sheet { display: grid; grid-template-columns: 95mm 95mm; grid-auto-rows: 68mm; width: 190mm; margin: 0 auto;
  break-after: page; }
.sheet:last-child { break-after: auto; }
.card { border: 0.3mm dashed #777; padding: 3.5mm; display: grid; grid-template-columns: 1fr 32mm; gap: 1mm 3mm;
  grid-template-rows: auto 1fr auto; overflow: hidden; break-inside: avoid; }
.card header { grid-column: 1 / 3; display: flex; justify-content: space-between; gap: 3mm; font-size: 8pt; }
.name { font-size: 12pt; font-weight: 700; min-height: 1.3em; overflow-wrap: anywhere; }
dt { font-size: 7pt; margin-top: 0.8mm; }
dd { font-family: ui-monospace, "Noto Sans Mono", monospace; font-size: 9pt; overflow-wrap: anywhere; }
.card svg { width: 32mm; height: 32mm; }
.card footer { grid-column: 1 / 3; font-size: 7.5pt; }
@media screen { body { padding: 10mm; } }
"""


def card_sheet(batch: CardBatch, *, public_url: str, school_name: str) -> str:
    """The page for the cards of one class, in its language. It holds passphrases: shown once, kept nowhere."""
    say = _sentences(batch.school_class.locale)
    place = f"{school_name} · {batch.school_class.name}"
    cards = [_card(one, say, place, public_url) for one in batch.cards]
    sheets = "".join(
        f'<div class="sheet">{"".join(cards[start : start + PER_SHEET])}</div>'
        for start in range(0, len(cards), PER_SHEET)
    )
    return (
        f'<!DOCTYPE html><html lang="{batch.school_class.locale}"><head><meta charset="utf-8">'
        '<meta name="robots" content="noindex"><meta name="referrer" content="no-referrer">'
        f"<title>{escape(_title(say, batch.school_class))}</title><style>{_STYLE}</style></head>"
        f"<body>{sheets}</body></html>"
    )


def sign_in_link(card: Card, public_url: str) -> str:
    """What the QR code holds. The part behind # never leaves the phone: no server and no log sees it."""
    return f"{public_url}/sign-in#{urlencode({'handle': card.handle, 'passphrase': card.passphrase})}"


def _sentences(locale: str) -> dict[str, str]:
    names = ("title", "handle", "passphrase", "recovery", "instruction", "keep", "pseudonym")
    return {name: message(locale, f"card.{name}", {}) for name in names}


def _title(say: dict[str, str], school_class: SchoolClass) -> str:
    return f"{say['title']} · {school_class.name}"


def _card(one: SeatCard, say: dict[str, str], place: str, public_url: str) -> str:
    qr = segno.make(sign_in_link(one.card, public_url), error="m", micro=False).svg_inline(
        scale=1, border=2, omitsize=True
    )
    rows: Sequence[tuple[str, str]] = (
        ("handle", one.card.handle),
        ("passphrase", one.card.passphrase),
        ("recovery", one.card.recovery_code),
    )
    facts = "".join(f"<dt>{escape(say[name])}</dt><dd>{escape(value)}</dd>" for name, value in rows if value)
    name = one.seat.pseudonym
    shown = f'<bdi dir="auto">{escape(name)}</bdi>' if name else f"{escape(say['pseudonym'])}: ______________"
    return (
        f'<section class="card"><header><strong>Stemme</strong><bdi>{escape(place)}</bdi></header>'
        f'<div><div class="name">{shown}</div><dl>{facts}</dl></div><div>{qr}</div>'
        f"<footer>{escape(say['instruction'])} <strong>{escape(say['keep'])}</strong></footer></section>"
    )
