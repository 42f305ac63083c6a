"""What a juror can read."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import strawberry

from backend.core.ids import Id
from backend.core.paging import page_request
from backend.rounds import judging
from graphql_api.context import Context, Info
from graphql_api.fields import resolver
from graphql_api.node import Node
from graphql_api.node_ids import parse_id
from graphql_api.paging import After, Before, Connection, First, Last, connection
from graphql_api.rounds.judging_types import JuryEntry, jury_entry


@strawberry.type
class JudgingQueries:
    @resolver(
        "What the viewer is asked to score now, in one round or in all, the latest asked first: also what they have "
        "scored or left to others. Empty for who is no juror, and when nothing is being judged."
    )
    async def jury_entries(
        self,
        info: Info,
        round_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="One round; null for all that are judged now.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[JuryEntry]:
        request = page_request(first=first, after=after, last=last, before=before)
        wanted = parse_id(round_id, "Round", path=("round_id",)) if round_id is not None else None
        page = await judging.list_entries(info.context.db, info.context.viewer, request, round_id=wanted)
        return connection(page, jury_entry)


async def load_jury_entries(context: Context, ids: Sequence[Id]) -> Mapping[Id, Node]:
    """Entries that the viewer is or was asked to score."""
    async with context.db.reading() as conn:
        return {row.id: jury_entry(row) for row in await judging.find_entries(conn, context.viewer, ids)}
