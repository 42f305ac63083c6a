"""What is said in a movie, as the API shows it."""

from collections.abc import Mapping, Sequence

import strawberry
from strawberry.dataloader import DataLoader

from backend.core.ids import Id
from graphql_api.context import Context, Info
from graphql_api.fields import resolver
from graphql_api.scalars import LanguageTag
from graphql_api.text_direction import TextDirection
from media.captions.captioning import captions_of
from media.rules import AssetStatus, Reach
from media.views import AssetView


@strawberry.type(description="Captions of a movie in one language: what is said, and when.")
class Caption:
    asset_id: strawberry.Private[Id]
    language: LanguageTag = strawberry.field(description="The language, once for each movie.")
    direction: TextDirection = strawberry.field(description="How to set the words.")
    url: str | None = strawberry.field(
        description="The WebVTT file for the player, text/vtt in UTF-8. Works for as long as the movie's own addresses;"
        " null until the movie is checked."
    )

    @resolver("The same file as text, to be read or changed: plain words and times, nothing else.")
    async def text(self, info: Info) -> str:
        return (await _texts(info.context).load(self.asset_id)).get(self.language, "")


def captions_shown(view: AssetView, urls: Mapping[str, str], *, reach: Reach) -> list[Caption]:
    """The captions of a movie for a viewer who may see it, with the addresses of its files by language.

    Its author and reviewers have the words also before it is checked, and while it is hidden.
    """
    if view.status is AssetStatus.PURGED or (reach is Reach.MEMBER and not urls):
        return []
    return [
        Caption(
            asset_id=view.id,
            language=LanguageTag(one.language),
            direction=TextDirection(one.direction),
            url=urls.get(one.language),
        )
        for one in view.captions
    ]


def _texts(context: Context) -> DataLoader[Id, Mapping[str, str]]:
    """The texts of movies by language, many movies at once."""

    async def load(asset_ids: Sequence[Id]) -> Sequence[Mapping[str, str]]:
        found: dict[Id, dict[str, str]] = {one: {} for one in asset_ids}
        async with context.db.reading() as conn:
            for caption in await captions_of(conn, asset_ids):
                found[caption.asset_id][caption.language] = caption.text
        return [found[one] for one in asset_ids]

    return context.loader(_texts, lambda: DataLoader(load))
