"""Reading one's own pictures."""

from typing import Annotated

import strawberry

from graphql_api.context import Info
from graphql_api.fields import resolver
from graphql_api.media.types import Asset, Upload, asset, upload
from graphql_api.node_ids import parse_id
from media.rules import Reach
from media.service import own_assets
from media.uploads.tickets import find_ticket


@strawberry.type
class MediaQueries:
    @resolver("One of the viewer's own pictures, to follow how it is checked; null for anything else.")
    async def asset(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The picture's id.")]
    ) -> Asset | None:
        asset_id = parse_id(id, "Asset")
        found = await own_assets(info.context.db, info.context.viewer, [asset_id])
        return asset(found[asset_id], info.context, reach=Reach.INSIDER) if asset_id in found else None

    @resolver(
        "One of the viewer's own uploads with the parts that have arrived; null once it is finalised or has ended."
    )
    async def upload(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The upload's id.")]
    ) -> Upload | None:
        context = info.context
        ticket = await find_ticket(context.db, context.services.media, context.viewer, parse_id(id, "Upload"))
        if ticket is None:
            return None
        found = await own_assets(context.db, context.viewer, [ticket.asset_id])
        return upload(ticket, found[ticket.asset_id], context) if ticket.asset_id in found else None
