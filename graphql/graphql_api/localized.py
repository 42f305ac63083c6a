"""Texts that staff wrote in several languages: which of them this reader gets."""

from collections.abc import Mapping
from typing import Annotated, TypeAlias

import strawberry

from backend.core.locale import as_locale, pick
from graphql_api.context import Context
from graphql_api.scalars import LanguageTag

LocaleArgument: TypeAlias = Annotated[
    LanguageTag | None,
    strawberry.argument(description="The language wanted; else the viewer's, then the place's, then English."),
]


def localized(
    texts: Mapping[str, str], context: Context, *, locale: str | None = None, place_locale: str | None = None
) -> str:
    """The text in the wanted locale, else the viewer's, else the place's, else English, else any; else empty."""
    return pick(texts, as_locale(locale), context.locale, place_locale)
