"""Captions of one's own movie: to set and to take away."""

from typing import Annotated

import strawberry

from graphql_api.context import Info
from graphql_api.fields import mutation
from graphql_api.media.types import Asset, asset
from graphql_api.node_ids import parse_id
from graphql_api.problems import Problems
from graphql_api.scalars import LanguageTag
from media.captions.captioning import remove_caption, set_caption
from media.rules import Reach


@strawberry.input(description="What is said in a movie, in one language.")
class CaptionSetInput:
    asset_id: strawberry.ID = strawberry.field(
        description="The viewer's own movie, not yet handed in; it may still be processed."
    )
    language: LanguageTag = strawberry.field(description="The language of the words; at most eight for each movie.")
    text: str = strawberry.field(
        description="A whole WebVTT file: at most 100 KB, 1000 captions and 200 characters a line, in the order of"
        " time, none after the end of the movie. Comments, styles, places and marks are left out."
    )


@strawberry.input(description="Captions that are to go.")
class CaptionRemoveInput:
    asset_id: strawberry.ID = strawberry.field(description="The viewer's own movie, not yet handed in.")
    language: LanguageTag = strawberry.field(description="Their language.")


CaptionSetResult = Annotated[
    Asset | Problems,
    strawberry.union("CaptionSetResult", description="The movie with its captions, or why they were not taken."),
]
CaptionRemoveResult = Annotated[
    Asset | Problems,
    strawberry.union("CaptionRemoveResult", description="The movie without them, or why they are still there."),
]


@strawberry.type
class CaptionMutations:
    @mutation(
        "Set the captions of a movie in one language, in place of any in that language. A fault in the file is told "
        "with its line. A statement to CITY or SOCIAL needs captions in its own language before it can be submitted."
    )
    async def caption_set(self, info: Info, input: CaptionSetInput) -> CaptionSetResult:
        context, asset_id = info.context, parse_id(input.asset_id, "Asset", path=("asset_id",))
        view = await set_caption(
            context.db, context.services.media, context.viewer, asset_id, language=input.language, text=input.text
        )
        return asset(view, context, reach=Reach.INSIDER)

    @mutation("Take the captions of one language away from a movie. Harmless where there are none.")
    async def caption_remove(self, info: Info, input: CaptionRemoveInput) -> CaptionRemoveResult:
        context, asset_id = info.context, parse_id(input.asset_id, "Asset", path=("asset_id",))
        view = await remove_caption(
            context.db, context.services.media, context.viewer, asset_id, language=input.language
        )
        return asset(view, context, reach=Reach.INSIDER)
