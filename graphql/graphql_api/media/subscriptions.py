"""What is told of an upload as it happens."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry

from backend.core.errors import not_found
from backend.core.ids import Id
from graphql_api.context import Info
from graphql_api.fields import resolver, subscription
from graphql_api.media.types import Asset, asset
from graphql_api.node_ids import parse_id
from media.rules import Reach
from media.service import own_assets


@strawberry.type(description="An upload that is followed, as it is at this moment.")
class UploadProgress:
    asset_id: strawberry.Private[Id]

    @resolver("The picture or movie: where it stands, how far it is, and why it was refused: `Query.asset`.")
    async def asset(self, info: Info) -> Asset:
        found = await own_assets(info.context.db, info.context.viewer, [self.asset_id])
        if self.asset_id not in found:
            raise not_found("asset", self.asset_id)
        return asset(found[self.asset_id], info.context, reach=Reach.INSIDER)


@strawberry.type
class MediaSubscriptions:
    @subscription(
        "Follow one of the viewer's own uploads, a picture or a movie: at once, and then when status or progress have "
        "changed, once a second at most. Completes when it is ready, refused or failed. Ends with an error when it "
        "is not the viewer's, or gone."
    )
    async def upload_progress(
        self,
        info: Info,
        asset_id: Annotated[strawberry.ID, strawberry.argument(description="The id of `Upload.asset`.")],
    ) -> AsyncGenerator[UploadProgress, None]:
        context, wanted = info.context, parse_id(asset_id, "Asset", path=("asset_id",))
        if wanted not in await own_assets(context.db, context.viewer, [wanted]):
            raise not_found("asset", wanted)
        async with aclosing(context.services.uploads.follow(context.db, wanted)) as seen:
            async for _ in seen:
                yield UploadProgress(asset_id=wanted)
