"""The exact wording that a reviewer judges."""

from collections.abc import Mapping, Sequence

import strawberry
from strawberry.dataloader import DataLoader

from backend.core.ids import Id
from backend.core.text import direction_of
from graphql_api.campaigns.extras import IMAGES_GO, Extras, load_extras
from graphql_api.campaigns.translations import StatementTranslation, statement_translation
from graphql_api.context import Context, Info
from graphql_api.fields import resolver
from graphql_api.localized import localized
from graphql_api.media.types import Asset
from graphql_api.node_ids import global_id
from graphql_api.scalars import LanguageTag
from graphql_api.text_direction import TextDirection
from media.rules import Reach
from moderation.subjects import SubjectView


@strawberry.type(description="Exactly the wording that is to be judged, published or not. Without its author's name.")
class CaseContent:
    row_id: strawberry.Private[Id]
    titles: strawberry.Private[Mapping[str, str]]
    revision_id: strawberry.ID = strawberry.field(description="The wording's id, for `caseDecide`.")
    version: int = strawberry.field(description="Its version, for `caseDecide`.")
    excerpt: str = strawberry.field(description="Its beginning, in one line.")
    text: str = strawberry.field(description="The words, as written.")
    language: LanguageTag = strawberry.field(description="The language they are written in.")
    direction: TextDirection = strawberry.field(description="How to set the text.")

    @resolver("Where it belongs: the campaign's title, in the reader's language.")
    def title(self, info: Info) -> str:
        return localized(self.titles, info.context)

    @resolver("Its pictures and movies, in order.")
    async def media(self, info: Info) -> list[Asset]:
        extras = await insiders_extras(info.context).load(self.row_id)
        return list(extras.media.get(self.row_id, ()))

    @resolver("The same as `media`.", deprecation_reason=IMAGES_GO)
    async def images(self, info: Info) -> list[Asset]:
        extras = await insiders_extras(info.context).load(self.row_id)
        return list(extras.media.get(self.row_id, ()))

    @resolver("The same in other languages.")
    async def translations(self, info: Info) -> list[StatementTranslation]:
        extras = await insiders_extras(info.context).load(self.row_id)
        return [statement_translation(one) for one in extras.translations.get(self.row_id, ())]


def case_content(view: SubjectView | None) -> CaseContent | None:
    """The wording as the API shows it."""
    if view is None:
        return None
    return CaseContent(
        row_id=view.revision_id,
        revision_id=global_id("Revision", view.revision_id),
        version=view.version,
        titles=view.title,
        excerpt=view.excerpt,
        text=view.text,
        language=LanguageTag(view.language),
        direction=TextDirection(direction_of(view.text)),
    )


def insiders_extras(context: Context) -> DataLoader[Id, Extras]:
    """Pictures and translations of wordings, also of what nobody else may see yet."""

    async def load(revision_ids: Sequence[Id]) -> Sequence[Extras]:
        found = await load_extras(context, revision_ids, reach=Reach.INSIDER)
        return [found] * len(revision_ids)

    return context.loader(insiders_extras, lambda: DataLoader(load))
