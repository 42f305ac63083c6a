"""What is told of a round as it happens."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import strawberry

from backend.core.errors import not_found
from backend.core.ids import Id
from backend.core.paging import page_request
from backend.rounds import listing, running
from graphql_api.context import Info
from graphql_api.fields import resolver, subscription
from graphql_api.node_ids import parse_id
from graphql_api.paging import After, Before, Connection, First, Last, connection
from graphql_api.rounds.queries import RoundId, load_round
from graphql_api.rounds.result_types import Standing, standing
from graphql_api.rounds.round_types import Round


@strawberry.type(description="A round that is followed, as it is at this moment.")
class RoundStanding:
    round_id: strawberry.Private[Id]

    @resolver("The round.")
    async def round(self, info: Info) -> Round:
        found = await load_round(info.context, self.round_id)
        if found is None:
            raise not_found("round", self.round_id)
        return found

    @resolver("A page of its standings, the same as `Query.standings`: the result once it is announced.")
    async def standings(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Standing]:
        request, context = page_request(first=first, after=after, last=last, before=before), info.context
        page = await listing.list_standings(context.db, context.viewer, context.services.live, self.round_id, request)
        return connection(page, standing)


@strawberry.type
class RoundSubscriptions:
    @subscription(
        "Follow a round, for whoever is signed in: at once, and then when something that was asked for has changed, "
        "every few seconds at most. From `freezesAt` on the counts stand still. Completes after the announcement, with "
        "the result, and when the round is void. Ends with an error when the viewer may not see the round any more; "
        "the connection is closed with 4403 when the session has ended."
    )
    async def round_standing(self, info: Info, round_id: RoundId) -> AsyncGenerator[RoundStanding, None]:
        context, wanted = info.context, parse_id(round_id, "Round", path=("round_id",))
        async with context.db.reading() as conn:
            await running.get_round(conn, context.viewer, wanted)
        async with aclosing(context.services.watch.follow(context.db, wanted)) as seen:
            async for _ in seen:
                yield RoundStanding(round_id=wanted)
