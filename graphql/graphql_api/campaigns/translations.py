"""The same words in another language, as the API shows them."""

import strawberry

from backend.campaigns.store.statements import Translation
from graphql_api.campaigns import enums as enums
from graphql_api.scalars import LanguageTag
from graphql_api.text_direction import TextDirection


@strawberry.type(description="The same statement in another language.")
class StatementTranslation:
    language: LanguageTag = strawberry.field(description="The language.")
    direction: TextDirection = strawberry.field(description="How to set the text.")
    text: str = strawberry.field(description="The words.")
    is_by_author: bool = strawberry.field(description="Whether the author wrote it; else a helper did.")


def statement_translation(row: Translation) -> StatementTranslation:
    """A translation as the API shows it."""
    return StatementTranslation(
        language=LanguageTag(row.language),
        direction=TextDirection(row.direction),
        text=row.text,
        is_by_author=row.maker == "AUTHOR",
    )
