"""The topics' closed sets, with a description of each value for app developers."""

from backend.topics.rules import Answer, ProposalState
from graphql_api.enums import describe_enum

describe_enum(
    ProposalState,
    "Where a proposed topic stands. Others see only SHOWN, CHOSEN and DECLINED ones.",
    {
        ProposalState.WAITING: "A moderator looks at it first. Only the proposer sees it.",
        ProposalState.RETURNED: "A moderator asked for other words: propose it anew, `decisions` say why.",
        ProposalState.REJECTED: "It is not shown; `decisions` say why, and how to contest it.",
        ProposalState.SHOWN: "Others can see and support it. An editor answers until `answerDueAt`.",
        ProposalState.CHOSEN: "It has become a topic of the campaign: `topic`.",
        ProposalState.DECLINED: "It was not chosen; `reason` says why.",
        ProposalState.HIDDEN: "It was reported and is hidden. Only the proposer sees it.",
        ProposalState.REMOVED: "It was taken away; `decisions` say why, and how to contest it.",
        ProposalState.WITHDRAWN: "The proposer took it back, or a consent for it has ended.",
    },
    name="TopicProposalState",
)
describe_enum(
    Answer,
    "What an editor says to a proposed topic.",
    {
        Answer.CHOSEN: "It becomes a topic of the campaign.",
        Answer.DECLINED: "It does not, for a reason that the proposer and everybody who sees it reads.",
    },
    name="TopicAnswer",
)
