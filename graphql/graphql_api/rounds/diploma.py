"""A diploma to print, in the reader's language: one A4 page, nothing loaded from anywhere, every text escaped."""

from html import escape
from zoneinfo import ZoneInfo

from backend.campaigns.store.campaigns import Campaign
from backend.campaigns.store.feed import Shown
from backend.core.locale import as_locale, format_day
from backend.rounds.awarding import ShownAward
from graphql_api.context import Context
from graphql_api.localized import localized
from graphql_api.messages import message

# Fonts are those of the computer that prints: they have every script that its people write.
_STYLE = """
@page { size: A4 landscape; margin: 0; }
* { box-sizing: border-box; margin: 0; }
body { font-family: system-ui, "Noto Sans", "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Ethiopic", sans-serif;
  color: #000; background: #fff; }
main { width: 297mm; height: 209mm; padding: 24mm; display: flex; flex-direction: column; align-items: center;
  justify-content: space-between; text-align: center; border: 3mm double #000; overflow: hidden; }
h1 { font-size: 40pt; } h2 { font-size: 28pt; overflow-wrap: anywhere; }
p { font-size: 16pt; overflow-wrap: anywhere; } .name { font-size: 26pt; font-weight: 700; }
"""


def diploma(shown: ShownAward, campaign: Campaign, said: Shown | None, *, context: Context, locale: str | None) -> str:
    """The page, for an award that everybody may see. `said`: the statement, when it is for one."""
    language = as_locale(locale) or context.locale
    announced_at = shown.round.announces_at or shown.award.given_at
    day = format_day(announced_at.astimezone(ZoneInfo(campaign.zone)).date(), locale=language)
    names = [f"{one.name}, {one.school}, {one.city}" for one in shown.classes]
    if said is not None:
        names = [_author(said, language)]
    title = localized(shown.award.title, context, locale=locale)
    lines = (
        f"<h1>{_say(language, 'diploma.heading')}</h1>",
        f"<p>{_say(language, 'diploma.given_to')}</p>",
        *(f'<p class="name"><bdi dir="auto">{escape(name)}</bdi></p>' for name in names),
        f'<h2><bdi dir="auto">{escape(title)}</bdi></h2>',
        f'<p><bdi dir="auto">{escape(localized(campaign.title, context, locale=locale))}</bdi></p>',
        f'<p><bdi dir="auto">{escape(localized(shown.round.prompt, context, locale=locale))}</bdi></p>',
        f"<p>{escape(day)}</p>",
    )
    return (
        f'<!DOCTYPE html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        '<meta name="robots" content="noindex"><meta name="referrer" content="no-referrer">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>{''.join(lines)}</main></body></html>"
    )


def _author(said: Shown, locale: str) -> str:
    """Who speaks, as the statement itself shows them: a pseudonym, or a student of the class."""
    name = said.pseudonym or message(locale, "diploma.student", {})
    return ", ".join(part for part in (name, said.class_name, said.school_name) if part)


def _say(locale: str, key: str) -> str:
    return escape(message(locale, key, {}))
