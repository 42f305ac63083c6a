"""Texts that staff wrote in several languages: which of them this reader gets."""

from collections.abc import Iterable, Mapping
from typing import Annotated, TypeAlias

import strawberry

from graphql_api.context import Context
from graphql_api.scalars import LanguageTag

LAST_RESORT = "en"

# Languages that a reader of the first understands, before English is given to them.
_NEIGHBOURS = {"nb": ("nn", "da"), "nn": ("nb", "da"), "da": ("nb",), "no": ("nb", "nn")}

LocaleArgument: TypeAlias = Annotated[
    LanguageTag | None,
    strawberry.argument(description="The language wanted; else the viewer's, then the place's, then English."),
]


def localized(
    texts: Mapping[str, str], context: Context, *, locale: str | None = None, place_locale: str | None = None
) -> str:
    """The text in the wanted locale, else the viewer's, else the place's, else English, else any; else empty."""
    for wanted in (locale, context.locale, place_locale, LAST_RESORT):
        for tag in _spellings(wanted):
            if tag in texts:
                return texts[tag]
    return next(iter(texts.values()), "")


def _spellings(tag: str | None) -> Iterable[str]:
    """`nb-NO` may be stored as `nb`; a neighbouring language comes before a foreign one."""
    if not tag:
        return
    yield tag
    base = tag.partition("-")[0]
    yield base
    yield from _NEIGHBOURS.get(base, ())
