"""What can be done with proposed topics."""

import strawberry

from backend.core.errors import not_found
from backend.core.ids import Id
from backend.topics import answering, proposing, supporting, withdrawing
from graphql_api.context import Context, Info
from graphql_api.fields import mutation
from graphql_api.node_ids import parse_id
from graphql_api.topics import inputs
from graphql_api.topics.queries import load_proposal
from graphql_api.topics.types import TopicProposal, TopicProposalResult, TopicSupportOutcome, TopicSupportResult


async def _changed(context: Context, proposal_id: Id) -> TopicProposal:
    found = await load_proposal(context, proposal_id)
    if found is None:
        raise not_found("proposal", proposal_id)
    return found


def _proposal_id(text: str) -> Id:
    return parse_id(text, "TopicProposal", path=("proposal_id",))


@strawberry.type
class TopicMutations:
    @mutation(
        "Propose a topic for a campaign. A moderator looks at it before anybody else sees it. For students with a "
        "confirmed seat who passed the course; at most three may wait at a time."
    )
    async def topic_propose(self, info: Info, input: inputs.TopicProposeInput) -> TopicProposalResult:
        campaign_id = parse_id(input.campaign_id, "Campaign", path=("campaign_id",))
        context = info.context
        made = await proposing.propose_topic(
            context.db, context.viewer, campaign_id, input.new(), client_key=input.client_mutation_key
        )
        return await _changed(context, made)

    @mutation(
        "Take an own proposal back: at once, without a reason. Of a chosen one the campaign's topic stays. Again is "
        "harmless."
    )
    async def topic_withdraw(self, info: Info, input: inputs.TopicWithdrawInput) -> TopicProposalResult:
        proposal_id = _proposal_id(input.proposal_id)
        await withdrawing.withdraw_topic(info.context.db, info.context.viewer, proposal_id)
        return await _changed(info.context, proposal_id)

    @mutation(
        "Stand behind somebody else's proposal until it is answered. Only its proposer and the editors learn how many "
        "do. Again is harmless."
    )
    async def topic_support(self, info: Info, input: inputs.TopicSupportInput) -> TopicSupportResult:
        proposal_id = _proposal_id(input.proposal_id)
        await supporting.support_topic(info.context.db, info.context.viewer, proposal_id)
        return TopicSupportOutcome(proposal=await load_proposal(info.context, proposal_id))

    @mutation("No longer stand behind a proposal. Again is harmless.")
    async def topic_unsupport(self, info: Info, input: inputs.TopicUnsupportInput) -> TopicSupportResult:
        proposal_id = _proposal_id(input.proposal_id)
        await supporting.unsupport_topic(info.context.db, info.context.viewer, proposal_id)
        return TopicSupportOutcome(proposal=await load_proposal(info.context, proposal_id))

    @mutation(
        "Answer a proposal, or correct the answer while no round and no statement uses the topic. The proposer and "
        "those who support it are told. For the campaign's editors. The same answer again is harmless."
    )
    async def topic_answer(self, info: Info, input: inputs.TopicAnswerInput) -> TopicProposalResult:
        context, proposal_id = info.context, _proposal_id(input.proposal_id)
        await answering.answer_topic(
            context.db, context.viewer, context.services.topics, proposal_id, input.new(), seen=input.seen_state
        )
        return await _changed(context, proposal_id)
