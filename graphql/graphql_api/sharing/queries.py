"""What can be read of cards, bundles and takedowns."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import strawberry

from backend.campaigns.sharing import cards, exporting, takedowns
from backend.core.ids import Id
from backend.core.paging import page_request
from graphql_api.context import Context, Info
from graphql_api.fields import resolver
from graphql_api.node import Node
from graphql_api.node_ids import parse_id
from graphql_api.paging import After, Before, Connection, First, Last, connection
from graphql_api.sharing.types import (
    ShareCard,
    SocialExport,
    Takedown,
    share_card,
    social_export,
    takedown,
)

CampaignArgument = Annotated[strawberry.ID, strawberry.argument(description="The campaign's global id.")]


@strawberry.type
class SharingQueries:
    @resolver(
        "A statement's share cards, newest first, for its author and the campaign's editors and student editors; "
        "empty for others."
    )
    async def share_cards(
        self,
        info: Info,
        statement_id: Annotated[strawberry.ID, strawberry.argument(description="The id of a `Statement`.")],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[ShareCard]:
        context, request = info.context, page_request(first=first, after=after, last=last, before=before)
        wanted = parse_id(statement_id, "Statement", path=("statement_id",))
        page = await cards.list_cards(context.db, context.viewer, wanted, request)
        return connection(page, lambda row: share_card(row, context))

    @resolver("What was taken away of a campaign to be posted, newest first, for its editors; empty for others.")
    async def social_exports(
        self,
        info: Info,
        campaign_id: CampaignArgument,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[SocialExport]:
        context, request = info.context, page_request(first=first, after=after, last=last, before=before)
        wanted = parse_id(campaign_id, "Campaign", path=("campaign_id",))
        page = await exporting.list_exports(context.db, context.viewer, wanted, request)
        return connection(page, lambda row: social_export(row, context))

    @resolver("What has to be taken down, or was, of a campaign, newest first, for its editors; empty for others.")
    async def takedowns(
        self,
        info: Info,
        campaign_id: CampaignArgument,
        only_open: Annotated[bool, strawberry.argument(description="Only what is not down yet.")] = False,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Takedown]:
        context, request = info.context, page_request(first=first, after=after, last=last, before=before)
        wanted = parse_id(campaign_id, "Campaign", path=("campaign_id",))
        page = await takedowns.list_takedowns(context.db, context.viewer, wanted, request, only_open=only_open)
        return connection(page, takedown)


async def cards_by_id(context: Context, ids: Sequence[Id]) -> dict[Id, ShareCard]:
    """Cards that the viewer may see."""
    return {row.id: share_card(row, context) for row in await cards.find_cards(context.db, context.viewer, ids)}


async def exports_by_id(context: Context, ids: Sequence[Id]) -> dict[Id, SocialExport]:
    """Bundles that the viewer may see."""
    return {
        row.id: social_export(row, context) for row in await exporting.find_exports(context.db, context.viewer, ids)
    }


async def takedowns_by_id(context: Context, ids: Sequence[Id]) -> dict[Id, Takedown]:
    """Takedowns that the viewer may see."""
    return {row.id: takedown(row) for row in await takedowns.find_takedowns(context.db, context.viewer, ids)}


async def load_cards(context: Context, ids: Sequence[Id]) -> Mapping[Id, Node]:
    """For `node`."""
    return await cards_by_id(context, ids)


async def load_exports(context: Context, ids: Sequence[Id]) -> Mapping[Id, Node]:
    """For `node`."""
    return await exports_by_id(context, ids)


async def load_takedowns(context: Context, ids: Sequence[Id]) -> Mapping[Id, Node]:
    """For `node`."""
    return await takedowns_by_id(context, ids)
