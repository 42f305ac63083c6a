"""What the mutations of proposed topics take."""

import strawberry

from backend.topics.answering import NewAnswer
from backend.topics.proposing import NewTopic
from backend.topics.rules import Answer, ProposalState
from graphql_api.campaigns.inputs import LocalizedTextInput, texts
from graphql_api.client_key import ClientKey, client_key
from graphql_api.scalars import LanguageTag
from graphql_api.topics import enums as enums


@strawberry.input(description="A topic that the viewer proposes.")
class TopicProposeInput:
    campaign_id: strawberry.ID = strawberry.field(description="The campaign, while it is open.")
    name: str = strawberry.field(description="The topic in one line, at most 120 characters.")
    why: str = strawberry.field(description="Why to speak about it, at most 500 characters. Line breaks are kept.")
    language: LanguageTag = strawberry.field(description="The language that both are written in.")
    client_mutation_key: ClientKey = client_key()

    def new(self) -> NewTopic:
        """As the domain takes it."""
        return NewTopic(self.name, self.why, self.language)


@strawberry.input(description="The proposal to take back.")
class TopicWithdrawInput:
    proposal_id: strawberry.ID = strawberry.field(description="The id of a `TopicProposal` of the viewer's own.")


@strawberry.input(description="The proposal to stand behind.")
class TopicSupportInput:
    proposal_id: strawberry.ID = strawberry.field(description="The id of a `TopicProposal` of somebody else.")


@strawberry.input(description="The proposal to stand behind no longer.")
class TopicUnsupportInput:
    proposal_id: strawberry.ID = strawberry.field(description="The id of a `TopicProposal`.")


@strawberry.input(description="An answer to a proposed topic.")
class TopicAnswerInput:
    proposal_id: strawberry.ID = strawberry.field(description="The id of the `TopicProposal`.")
    answer: Answer = strawberry.field(description="Whether it becomes a topic.")
    name: list[LocalizedTextInput] = strawberry.field(
        default_factory=list,
        description="With CHOSEN: the topic's name, at most 80 characters in each language.",
    )
    reason: list[LocalizedTextInput] = strawberry.field(
        default_factory=list,
        description="With DECLINED: why, for the proposer and everybody who sees it; at most 500 characters each.",
    )
    seen_state: ProposalState = strawberry.field(
        default=ProposalState.SHOWN,
        description="The state that the editor looked at; if it is another one by now, nothing is done. To correct an "
        "answer give CHOSEN or DECLINED.",
    )

    def new(self) -> NewAnswer:
        """As the domain takes it. Raises ValidationFailed when a locale comes twice."""
        return NewAnswer(self.answer, texts(self.name, "name"), texts(self.reason, "reason"))
