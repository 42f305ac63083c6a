"""A statement as jurors and voters of other classes read it: the words and pictures, and nothing that tells whose."""

import strawberry

from backend.core.ids import Id
from graphql_api.campaigns.extras import by_revision
from graphql_api.campaigns.translations import StatementTranslation, statement_translation
from graphql_api.context import Info
from graphql_api.fields import resolver
from graphql_api.media.types import Asset
from graphql_api.scalars import LanguageTag
from graphql_api.text_direction import TextDirection


@strawberry.interface(description="A statement of another class, without a name, class or city.")
class AnonymousStatement:
    revision_row_id: strawberry.Private[Id]
    text: str = strawberry.field(description="The words, as written. Line breaks count.")
    language: LanguageTag = strawberry.field(description="The language it is written in.")
    direction: TextDirection = strawberry.field(description="How to set the text.")

    @resolver("At most four pictures and movies, in order.")
    async def media(self, info: Info) -> list[Asset]:
        extras = await by_revision(info.context).load(self.revision_row_id)
        return list(extras.media.get(self.revision_row_id, ()))

    @resolver("The same in other languages.")
    async def translations(self, info: Info) -> list[StatementTranslation]:
        extras = await by_revision(info.context).load(self.revision_row_id)
        return [statement_translation(one) for one in extras.translations.get(self.revision_row_id, ())]
