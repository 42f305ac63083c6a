"""What can be read of rounds."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import strawberry

from backend.core.ids import Id
from backend.core.paging import page_request
from backend.rounds import running
from graphql_api.context import Context, Info
from graphql_api.fields import resolver
from graphql_api.node import Node
from graphql_api.node_ids import parse_id
from graphql_api.paging import After, Before, Connection, First, Last, connection
from graphql_api.rounds.round_types import Round, WeeklyPlan, class_round, weekly_plan

RoundId = Annotated[strawberry.ID, strawberry.argument(description="The round's global id.")]
CampaignId = Annotated[strawberry.ID, strawberry.argument(description="The campaign's global id.")]


@strawberry.type
class RoundQueries:
    @resolver("The round with this id; null if there is none that the viewer may see.")
    async def round(self, info: Info, id: RoundId) -> Round | None:
        return await load_round(info.context, parse_id(id, "Round", path=("id",)))

    @resolver("A campaign's rounds, the latest opening first: all, or the archive of those with an announced result.")
    async def rounds(
        self,
        info: Info,
        campaign_id: CampaignId,
        only_announced: Annotated[
            bool, strawberry.argument(description="Only those whose result has been announced.")
        ] = False,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Round]:
        request = page_request(first=first, after=after, last=last, before=before)
        wanted = parse_id(campaign_id, "Campaign", path=("campaign_id",))
        page, now = await running.list_rounds(
            info.context.db, info.context.viewer, wanted, request, only_announced=only_announced
        )
        return connection(page, lambda row: class_round(row, now))

    @resolver("When a campaign's weekly rounds open and close; null when it has no plan.")
    async def weekly_plan(self, info: Info, campaign_id: CampaignId) -> WeeklyPlan | None:
        wanted = parse_id(campaign_id, "Campaign", path=("campaign_id",))
        found = await running.get_plan(info.context.db, info.context.viewer, wanted)
        return weekly_plan(found) if found else None


async def load_round(context: Context, round_id: Id) -> Round | None:
    """The round, if the viewer may see it."""
    return (await _rounds(context, [round_id])).get(round_id)


async def load_rounds(context: Context, ids: Sequence[Id]) -> Mapping[Id, Node]:
    """Rounds that the viewer may see."""
    return await _rounds(context, ids)


async def _rounds(context: Context, ids: Sequence[Id]) -> dict[Id, Round]:
    async with context.db.reading() as conn:
        now = await conn.now()
        return {row.id: class_round(row, now) for row in await running.find_rounds(conn, context.viewer, ids)}
