"""The campaigns domain's closed sets, with a description of each value for app developers."""

from enum import StrEnum

from backend.campaigns.rules import Audience, CampaignStatus, NextStep, Review, ShownAs, Visibility
from graphql_api.enums import describe_enum
from moderation.keys import KeyOutcome


class TeacherAnswer(StrEnum):
    """What a teacher does with what waits for the first key."""

    APPROVE = "APPROVE"
    PASS_ON = "PASS_ON"  # noqa: S105 - a choice, no secret


describe_enum(
    TeacherAnswer,
    "What a teacher does with what waits for the first approval.",
    {
        TeacherAnswer.APPROVE: "Approve it.",
        TeacherAnswer.PASS_ON: "Leave it to the moderators, best with a concern that says why.",
    },
)
describe_enum(
    KeyOutcome,
    "What became of a statement that a teacher answered.",
    {
        KeyOutcome.APPROVED: "It is approved and published.",
        KeyOutcome.WAITS_FOR_SECOND_KEY: "It is approved by the teacher and waits for a moderator, who is needed too.",
        KeyOutcome.PASSED_ON: "It waits for the moderators.",
    },
    name="ApprovalOutcome",
)

describe_enum(
    CampaignStatus,
    "Whether a campaign takes statements.",
    {
        CampaignStatus.DRAFT: "It is being prepared, or its opening has not come.",
        CampaignStatus.OPEN: "It takes statements.",
        CampaignStatus.CLOSED: "It takes no more; what was published stays.",
    },
)
describe_enum(
    Audience,
    "Who may see a statement once it is published.",
    {
        Audience.CLASS: "Members of the class.",
        Audience.SCHOOL: "Members of the school.",
        Audience.CITY: "Everybody, without signing in. Needs a consent and two approvals.",
        Audience.SOCIAL: "As CITY, and it may be posted on the network's channels.",
    },
)
describe_enum(
    ShownAs,
    "Under which name a statement stands.",
    {
        ShownAs.PSEUDONYM: "The author's pseudonym.",
        ShownAs.A_STUDENT: "No name: show it as 'a student of' the class or school.",
    },
)
describe_enum(
    Visibility,
    "Whether a statement can be seen.",
    {
        Visibility.UNPUBLISHED: "Not yet published.",
        Visibility.PUBLISHED: "Its audience can see it.",
        Visibility.HIDDEN: "Hidden while reports are looked at.",
        Visibility.WITHDRAWN: "The author took it back. It does not come again.",
        Visibility.REMOVED: "Removed by a moderator's decision; it can be appealed.",
    },
)
describe_enum(
    Review,
    "Where a wording stands on its way to being published.",
    {
        Review.DRAFT: "The author is writing; nobody else sees it.",
        Review.IN_REVIEW: "With the teacher or the moderators.",
        Review.HELD: "With the moderators: something in it needs a closer look.",
        Review.APPROVED: "Approved.",
        Review.CHANGES_REQUESTED: "The author is asked to change it and hand it in again.",
        Review.REJECTED: "Refused for one of the listed reasons; it can be appealed.",
    },
    name="ReviewState",
)
describe_enum(
    NextStep,
    "What the author can do or expect next.",
    {
        NextStep.FINISH_COURSE: "Pass the course's quiz; then it can be handed in.",
        NextStep.GET_CONSENT: "A consent is missing for this audience: `consentRequest`.",
        NextStep.WAIT_FOR_CONSENT: "The yes is given and takes effect within a day; then it can be handed in.",
        NextStep.WAIT_FOR_SEAT: "The teacher has to confirm the seat in the class first: `membershipConfirm`.",
        NextStep.FINISH_PICTURES: "A picture is still being checked, was refused, or lacks its words: `assetDescribe`.",
        NextStep.ADD_CAPTIONS: "A movie needs captions in the statement's language: `captionSet`.",
        NextStep.REPLACE_MOVIE: "A movie lacks captions and can get none any more, as it was handed in: send it anew.",
        NextStep.WAIT_FOR_CAMPAIGN: "The campaign has not opened yet; then it can be handed in.",
        NextStep.CAMPAIGN_OVER: "The campaign is over: it cannot be handed in any more.",
        NextStep.OUTSIDE_AGES: "The campaign is for another age.",
        NextStep.SUBMIT: "Everything is there: hand it in.",
        NextStep.WAIT_FOR_TEACHER: "The teacher reads it.",
        NextStep.WAIT_FOR_MODERATOR: "The moderators read it.",
        NextStep.CHANGE_AND_SUBMIT: "Change it as asked and hand it in again.",
        NextStep.READ_REASON: "Read the reason; it can be appealed.",
        NextStep.WAIT_FOR_APPEAL: "Somebody else looks at it again, because it was appealed.",
        NextStep.SEE_IT_PUBLISHED: "It is published.",
        NextStep.NOTHING: "Nothing: it was taken back.",
    },
)
