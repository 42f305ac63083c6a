"""Proposed topics as the API shows them."""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry

from backend.core.ids import Id
from backend.core.text import direction_of
from backend.topics.proposing import KIND
from backend.topics.reading import Seen
from backend.topics.rules import ProposalState
from graphql_api.campaigns import loaders
from graphql_api.campaigns.campaign_types import Campaign, Topic, campaign, topic
from graphql_api.context import Info
from graphql_api.fields import resolver
from graphql_api.localized import LocaleArgument, localized
from graphql_api.moderation.decision_types import Decision
from graphql_api.moderation.loaders import own_decisions
from graphql_api.node import Node
from graphql_api.node_ids import global_id
from graphql_api.problems import Problems
from graphql_api.scalars import LanguageTag
from graphql_api.text_direction import TextDirection
from graphql_api.topics import enums as enums


@strawberry.type(
    description="A topic that a student proposes for a campaign. Who it was is never told, nor which class or school."
)
class TopicProposal(Node):
    row_id: strawberry.Private[Id]
    campaign_id: strawberry.Private[Id]
    reasons: strawberry.Private[dict[str, str] | None]
    state: ProposalState = strawberry.field(description="Where it stands.")
    name: str = strawberry.field(description="The topic in one line, in the proposer's words.")
    why: str = strawberry.field(description="Why to speak about it. Line breaks count.")
    language: LanguageTag = strawberry.field(description="The language that both are written in.")
    direction: TextDirection = strawberry.field(description="How to set them.")
    proposed_at: datetime = strawberry.field(description="When it was proposed. Lists are in this order.")
    shown_at: datetime | None = strawberry.field(description="Since when others see it; null before that.")
    answer_due_at: datetime | None = strawberry.field(
        description="Until when an editor answers: 14 days after it was shown; null before that."
    )
    is_overdue: bool = strawberry.field(description="Whether the answer is late. Show it to everybody.")
    answered_at: datetime | None = strawberry.field(
        description="When it was answered, or the answer corrected; null while there is none."
    )
    topic: Topic | None = strawberry.field(description="The campaign's topic that it has become; null unless CHOSEN.")
    support_count: int | None = strawberry.field(
        description="How many stand behind it; null for all but the proposer and the campaign's editors."
    )
    viewer_has_supported: bool = strawberry.field(description="Whether the viewer stands behind it.")
    viewer_is_proposer: bool = strawberry.field(description="Whether it is the viewer's own.")

    @resolver("Why it was declined, in the reader's language; null unless DECLINED.", quick=True)
    def reason(self, info: Info, locale: LocaleArgument = None) -> str | None:
        return localized(self.reasons, info.context, locale=locale) if self.reasons is not None else None

    @resolver("The campaign; null when the viewer may not see it any more.")
    async def campaign(self, info: Info) -> Campaign | None:
        found = await loaders.campaigns(info.context).load(self.campaign_id)
        return campaign(found) if found else None

    @resolver("What moderators decided about it, newest first, for its proposer; for all others empty.")
    async def decisions(self, info: Info) -> list[Decision]:
        return await own_decisions(info.context, KIND).load(self.row_id) if self.viewer_is_proposer else []


def topic_proposal(seen: Seen) -> TopicProposal:
    """A proposal as the API shows it."""
    row = seen.row
    is_chosen, is_declined = row.state is ProposalState.CHOSEN, row.state is ProposalState.DECLINED
    return TopicProposal(
        id=global_id("TopicProposal", row.id),
        row_id=row.id,
        campaign_id=row.campaign_id,
        reasons=row.reason if is_declined else None,
        state=row.state,
        name=row.name,
        why=row.why,
        language=LanguageTag(row.language),
        direction=TextDirection(direction_of(f"{row.name} {row.why}")),
        proposed_at=row.proposed_at,
        shown_at=row.shown_at,
        answer_due_at=seen.answer_due_at,
        is_overdue=seen.is_overdue,
        answered_at=row.answered_at,
        topic=topic(row.topic_id, row.topic_name) if is_chosen and row.topic_id and row.topic_name else None,
        support_count=seen.support_count,
        viewer_has_supported=row.has_supported,
        viewer_is_proposer=row.is_own,
    )


TopicProposalResult: TypeAlias = Annotated[
    TopicProposal | Problems,
    strawberry.union("TopicProposalResult", description="The proposal as it is now, or why nothing was done."),
]


@strawberry.type(description="A proposal after a support was given or taken back.")
class TopicSupportOutcome:
    proposal: TopicProposal | None = strawberry.field(description="The proposal; null if it is no longer visible.")


TopicSupportResult: TypeAlias = Annotated[
    TopicSupportOutcome | Problems,
    strawberry.union("TopicSupportResult", description="The proposal, or why nothing was done."),
]
