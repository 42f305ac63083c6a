"""What stands on a card and beside it: the quotation, who says it, its alt text and what to write with a post."""

import re

from backend.campaigns.rules import ShownAs
from backend.campaigns.sharing.students import a_student
from backend.campaigns.store.sharing import Said
from backend.core.locale import as_locale, pick
from media.cards.colours import default_colours
from media.cards.orders import CardContent
from media.cards.quoting import excerpt_of, marks_of

_NOT_IN_A_TAG = re.compile(r"[\W_]+")


def card_content(said: Said, excerpt: str | None) -> CardContent:
    """A card of the excerpt, or of as much of the text as a card holds. Never class or school: the city at most."""
    background, accent = default_colours(said.campaign_id)
    if said.background is not None and said.accent is not None:
        background, accent = said.background, said.accent
    return CardContent(
        quote=excerpt or excerpt_of(said.text),
        language=said.language,
        direction=said.direction,
        who=who_of(said),
        place=said.city_name or "",
        title=title_of(said),
        background=background,
        accent=accent,
    )


def who_of(said: Said) -> str:
    """The pseudonym, or «a student» in the statement's language, as the author chose."""
    shows_name = said.shown_as is ShownAs.PSEUDONYM and said.pseudonym is not None
    return said.pseudonym if shows_name and said.pseudonym else a_student(said.language)


def title_of(said: Said) -> str:
    """The campaign's title in the statement's language, else in English, else in any."""
    return pick(said.title, as_locale(said.language), None, None)


def alt_text(content: CardContent) -> str:
    """What a card says, for those who do not see it, in the statement's language."""
    opening, closing = marks_of(content.language, content.quote)
    named = ", ".join(part for part in (content.who, content.place) if part)
    return f"{opening}{' '.join(content.quote.split())}{closing} — {named}"


def suggested_text(said: Said) -> str:
    """What can be written with a post: the whole text, who says it, and hashtags of campaign and city."""
    opening, closing = marks_of(said.language, said.text)
    named = ", ".join(part for part in (who_of(said), said.city_name) if part)
    tags = " ".join(f"#{tag}" for name in (title_of(said), said.city_name or "") if (tag := hashtag(name)))
    return f"{opening}{said.text}{closing}\n— {named}\n\n{tags}\n"


def hashtag(name: str) -> str:
    """`Min stemme ut!` → `MinStemmeUt`; empty when nothing is left."""
    return "".join(word[:1].upper() + word[1:] for word in _NOT_IN_A_TAG.split(name))
