"""Reading one's own pictures."""

from typing import Annotated

import strawberry

from graphql_api.context import Info
from graphql_api.fields import resolver
from graphql_api.media.types import Asset, asset
from graphql_api.node_ids import parse_id
from media.rules import Reach
from media.service import own_assets


@strawberry.type
class MediaQueries:
    @resolver("One of the viewer's own pictures, to follow how it is checked; null for anything else.")
    async def asset(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The picture's id.")]
    ) -> Asset | None:
        asset_id = parse_id(id, "Asset")
        found = await own_assets(info.context.db, info.context.viewer, [asset_id])
        return asset(found[asset_id], info.context, reach=Reach.INSIDER) if asset_id in found else None
