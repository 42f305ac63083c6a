"""What can be read of a round's standings and result."""

from typing import Annotated

import strawberry

from backend.core.paging import page_request
from backend.rounds import confirming, listing, publication, standings
from graphql_api.campaigns.inputs import optional_id
from graphql_api.context import Info
from graphql_api.fields import resolver
from graphql_api.node_ids import parse_id
from graphql_api.paging import After, Before, Connection, First, Last, connection
from graphql_api.rounds.queries import RoundId
from graphql_api.rounds.result_types import ProvisionalResult, Standing, standing


@strawberry.type
class ResultQueries:
    @resolver(
        "The standings of a round. Once announced, for everybody: by rank, with all that the score is worked out from. "
        "Until then, for whoever is signed in: how much of each class that the campaign reaches takes part, by city, "
        "school and class. Null when "
        "there is no such round."
    )
    async def standings(
        self,
        info: Info,
        round_id: RoundId,
        class_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only the line in which this class is.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Standing] | None:
        request = page_request(first=first, after=after, last=last, before=before)
        context, wanted = info.context, parse_id(round_id, "Round", path=("round_id",))
        page = await listing.list_standings(
            context.db, context.viewer, context.services.live, wanted, request,
            class_id=optional_id(class_id, "SchoolClass", "class_id"),
        )  # fmt: skip
        return connection(page, standing)

    @resolver(
        "The result of a round whose judging has ended, before it is confirmed: in any other state it is refused with "
        "CONFLICT. For the campaign's editors who have no class in it; null for others."
    )
    async def provisional_result(
        self,
        info: Info,
        round_id: RoundId,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> ProvisionalResult | None:
        request = page_request(first=first, after=after, last=last, before=before)
        wanted = parse_id(round_id, "Round", path=("round_id",))
        found = await standings.provisional_result(info.context.db, info.context.viewer, wanted)
        page = listing.page_of_lines(found.lines, request)
        return ProvisionalResult(digest=found.digest, standings=connection(page, standing))

    @resolver(
        "The whole announced result as JSON text, with seed and formula: saved to a file, anybody recounts it with "
        "`stemme recount-round FILE`. Null before the announcement."
    )
    async def round_publication(self, info: Info, round_id: RoundId) -> str | None:
        wanted = parse_id(round_id, "Round", path=("round_id",))
        found = await confirming.published_round(info.context.db, info.context.viewer, wanted)
        return None if found is None else publication.written(found)
