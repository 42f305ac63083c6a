"""A page of cards to cut out: A4, dashed cut lines, QR codes as SVG, nothing loaded from anywhere."""

from collections.abc import Sequence
from html import escape

import segno

# Fonts are those of the computer that prints: they have every script that its people write.
_STYLE = """
@page { size: A4 portrait; margin: 10mm; }
* { box-sizing: border-box; margin: 0; }
body { font-family: system-ui, "Noto Sans", "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Ethiopic", sans-serif;
  font-size: 9pt; line-height: 1.25; color: #000; background: #fff; }
.sheet { display: grid; grid-auto-rows: 68mm; width: 190mm; margin: 0 auto; break-after: page; }
.sheet:last-child { break-after: auto; }
.columns-2 { grid-template-columns: 95mm 95mm; }
.columns-1 { grid-template-columns: 190mm; }
.card { border: 0.3mm dashed #777; padding: 3.5mm; display: grid; grid-template-columns: 1fr 32mm; gap: 1mm 3mm;
  grid-template-rows: auto 1fr auto; overflow: hidden; break-inside: avoid; }
.card header { grid-column: 1 / 3; display: flex; justify-content: space-between; gap: 3mm; font-size: 8pt; }
.name { font-size: 12pt; font-weight: 700; min-height: 1.3em; overflow-wrap: anywhere; }
dt { font-size: 7pt; margin-top: 0.8mm; }
dd { font-family: ui-monospace, "Noto Sans Mono", monospace; font-size: 9pt; overflow-wrap: anywhere; }
.card svg { width: 32mm; height: 32mm; }
.card ul { padding-left: 4mm; }
.card footer { grid-column: 1 / 3; font-size: 7.5pt; }
@media screen { body { padding: 10mm; } }
"""
ROWS = 4


def page(cards: Sequence[str], *, locale: str, title: str, columns: int) -> str:
    """A whole HTML document with four rows of cards to a sheet. `cards` are safe HTML, `title` is text."""
    size = ROWS * columns
    sheets = "".join(
        f'<div class="sheet columns-{columns}">{"".join(cards[start : start + size])}</div>'
        for start in range(0, len(cards), size)
    )
    return (
        f'<!DOCTYPE html><html lang="{escape(locale)}"><head><meta charset="utf-8">'
        '<meta name="robots" content="noindex"><meta name="referrer" content="no-referrer">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>{sheets}</body></html>"
    )


def card(*, place: str, name: str, body: str, footer: str, link: str) -> str:
    """One card: texts are `place` and what `name`, `body`, `footer` hold as safe HTML; `link` becomes the QR code."""
    qr = segno.make(link, error="m", micro=False).svg_inline(scale=1, border=2, omitsize=True)
    return (
        f'<section class="card"><header><strong>Stemme</strong><bdi>{escape(place)}</bdi></header>'
        f'<div><div class="name">{name}</div>{body}</div><div>{qr}</div><footer>{footer}</footer></section>'
    )


def facts(rows: Sequence[tuple[str, str]]) -> str:
    """Labels and values as safe HTML; rows without a value are left out."""
    return f"<dl>{''.join(f'<dt>{escape(label)}</dt><dd>{escape(value)}</dd>' for label, value in rows if value)}</dl>"


def shown_name(pseudonym: str | None, *, label: str) -> str:
    """A pseudonym in its own direction, or a line to write it on."""
    return f'<bdi dir="auto">{escape(pseudonym)}</bdi>' if pseudonym else f"{escape(label)}: ______________"
