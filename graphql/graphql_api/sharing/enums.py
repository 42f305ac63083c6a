"""The closed sets of what is shared, with a description of each value for app developers."""

from backend.campaigns.sharing.rules import ShareStatus, TakedownReason, TakedownState
from graphql_api.enums import describe_enum
from media.cards.orders import CardShape

describe_enum(
    CardShape,
    "The size of a share card.",
    {
        CardShape.POST: "1080×1350 pixels, for a feed.",
        CardShape.STORY: "1080×1920 pixels, for a story: nothing stands where the apps lay their buttons.",
    },
)
describe_enum(
    ShareStatus,
    "Where a card or a bundle stands.",
    {
        ShareStatus.WAITING: "It is being made; ask again in a second.",
        ShareStatus.READY: "Its files can be read.",
        ShareStatus.FAILED: "It could not be made; `problem` says why.",
        ShareStatus.GONE: "Its files are gone: the statement is no longer for social media, or was changed, or a day "
        "is over.",
    },
)
describe_enum(
    TakedownReason,
    "Why something has to be taken down.",
    {
        TakedownReason.WITHDRAWN: "The author took the statement back.",
        TakedownReason.CONSENT_ENDED: "A consent for social media was taken back.",
        TakedownReason.HIDDEN: "It was hidden until somebody has looked at it.",
        TakedownReason.REMOVED: "A moderator removed it.",
        TakedownReason.AUTHOR_LEFT: "The author asked for their account to be erased.",
        TakedownReason.NAME_TAKEN_OFF: "The author does not want to be shown under the pseudonym any more.",
    },
)
describe_enum(
    TakedownState,
    "Where a takedown stands.",
    {
        TakedownState.OPEN: "The posts have to be taken down until `dueAt`, and that be confirmed.",
        TakedownState.CONFIRMED: "An editor said that everything is down.",
        TakedownState.LAPSED: "The statement was shown again before that: nothing has to be done.",
    },
)
