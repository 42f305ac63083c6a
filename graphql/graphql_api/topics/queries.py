"""What can be read of proposed topics."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import strawberry

from backend.core.ids import Id
from backend.core.paging import page_request
from backend.topics import reading
from backend.topics.rules import ProposalState
from graphql_api.context import Context, Info
from graphql_api.fields import resolver
from graphql_api.node import Node
from graphql_api.node_ids import parse_id
from graphql_api.paging import After, Before, Connection, First, Last, connection
from graphql_api.topics import enums as enums
from graphql_api.topics.types import TopicProposal, topic_proposal


@strawberry.type
class TopicQueries:
    @resolver("The proposed topic with this id; null if there is none that the viewer may see.")
    async def topic_proposal(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The global id.")]
    ) -> TopicProposal | None:
        return await load_proposal(info.context, parse_id(id, "TopicProposal", path=("id",)))

    @resolver(
        "A campaign's proposed topics, newest first: the viewer's own in every state, of others what is shown or "
        "answered. Others' only for those who sit in a class that the campaign reaches, or work there."
    )
    async def topic_proposals(
        self,
        info: Info,
        campaign_id: Annotated[strawberry.ID, strawberry.argument(description="The campaign's global id.")],
        states: Annotated[
            list[ProposalState] | None, strawberry.argument(description="Only those in one of these states.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[TopicProposal]:
        request = page_request(first=first, after=after, last=last, before=before)
        wanted = parse_id(campaign_id, "Campaign", path=("campaign_id",))
        page = await reading.list_topics(info.context.db, info.context.viewer, wanted, request, states=states)
        return connection(page, topic_proposal)


async def load_proposal(context: Context, proposal_id: Id) -> TopicProposal | None:
    """The proposal, if the viewer may see it."""
    return (await _proposals(context, [proposal_id])).get(proposal_id)


async def load_proposals(context: Context, ids: Sequence[Id]) -> Mapping[Id, Node]:
    """Proposals that the viewer may see."""
    return await _proposals(context, ids)


async def _proposals(context: Context, ids: Sequence[Id]) -> dict[Id, TopicProposal]:
    return {seen.row.id: topic_proposal(seen) for seen in await reading.find_topics(context.db, context.viewer, ids)}
