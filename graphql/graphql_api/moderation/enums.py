"""Closed sets of moderation: states, verdicts, reasons, categories."""

from enum import StrEnum

from graphql_api.enums import describe_enum
from moderation.appeal_rules import AppealState, Side
from moderation.report_rules import Category
from moderation.rules import CaseState, Hand, Reason, Verdict


class ReportOutcome(StrEnum):
    """What a report led to."""

    KEPT = "KEPT"
    HIDDEN = "HIDDEN"
    REMOVED = "REMOVED"
    REPLACED = "REPLACED"
    WITHDRAWN = "WITHDRAWN"


class AppealAnswer(StrEnum):
    """What somebody else found when they looked again."""

    UPHELD = "UPHELD"
    OVERTURNED = "OVERTURNED"
    PARTLY = "PARTLY"


class Lateness(StrEnum):
    """Whether a case is past its service level."""

    LATE = "LATE"
    IN_TIME = "IN_TIME"


describe_enum(
    CaseState,
    "Where a case stands.",
    {
        CaseState.NEW: "Just handed in; the class's teacher has the first turn.",
        CaseState.QUEUED: "Waits for a moderator.",
        CaseState.CLAIMED: "Somebody works on it.",
        CaseState.SECOND_KEY: "One person has approved it; it waits for a second, who has to be a moderator.",
        CaseState.REOPENED: "Was closed, and is open again: it was reported, or an appeal brought it back.",
        CaseState.CLOSED: "Nothing is to be decided.",
    },
)
describe_enum(
    Verdict,
    "What is decided. The first three are about what was handed in, the others about what is visible and was reported.",
    {
        Verdict.APPROVE: "It may be published; the last key that was needed publishes it.",
        Verdict.REQUEST_CHANGES: "Not like this: the author may change it and hand it in again.",
        Verdict.REJECT: "It is not published here.",
        Verdict.KEEP: "It stays visible, or becomes visible again.",
        Verdict.HIDE: "It is hidden.",
        Verdict.REMOVE: "It is taken away; only an appeal brings it back.",
    },
)
describe_enum(
    Hand,
    "As what somebody acted on a case. Who it was is never told.",
    {
        Hand.TEACHER: "The class's teacher.",
        Hand.MODERATOR: "A moderator.",
        Hand.STAFF: "Staff of the place, who reported it.",
        Hand.DEPICTED: "Somebody who says that the picture shows them.",
        Hand.RULE: "Nobody: enough people reported it, so it is hidden until a moderator has looked.",
    },
    name="ActingAs",
)
describe_enum(
    Reason,
    "Why something is restricted: a closed list that takes no side. Criticism is never a reason.",
    {
        Reason.LAW: "The law forbids it.",
        Reason.PERSONAL_DATA: "It tells or shows private things about somebody.",
        Reason.OTHERS_RIGHTS: "It uses what belongs to somebody else, such as their picture or their work.",
        Reason.HARASSMENT: "It attacks or bullies a person.",
        Reason.SPAM: "It is advertising, or the same again and again.",
        Reason.OFF_CAMPAIGN_RULES: "It is against the campaign's own rules.",
    },
    name="RestrictionReason",
)
describe_enum(
    Category,
    "What somebody says is wrong with content.",
    {
        Category.HATE: "It attacks people for who they are.",
        Category.THREAT: "It threatens somebody.",
        Category.HARASSMENT: "It bullies or harasses a person.",
        Category.PERSONAL_DATA: "It tells private things about somebody.",
        Category.SEXUAL: "It is sexual.",
        Category.SELF_HARM: "It encourages people to hurt themselves.",
        Category.SPAM: "It is advertising, or the same again and again.",
        Category.DEPICTS_ME: "I am in the picture and do not want to be.",
        Category.OTHER: "Something else that is against the rules.",
    },
    name="ReportCategory",
)
describe_enum(
    ReportOutcome,
    "What a report led to.",
    {
        ReportOutcome.KEPT: "A moderator looked and kept it.",
        ReportOutcome.HIDDEN: "It was hidden.",
        ReportOutcome.REMOVED: "It was taken away.",
        ReportOutcome.REPLACED: "The author changed it, and the new wording was approved.",
        ReportOutcome.WITHDRAWN: "The author took it back.",
    },
)
describe_enum(
    AppealState,
    "Where an appeal stands.",
    {
        AppealState.FILED: "It waits for an answer.",
        AppealState.UPHELD: "The decision stays.",
        AppealState.OVERTURNED: "The decision was wrong and has been undone.",
        AppealState.PARTLY: "The decision went too far and has been softened.",
    },
)
describe_enum(
    AppealAnswer,
    "What somebody else found when they looked again.",
    {
        AppealAnswer.UPHELD: "The decision stays.",
        AppealAnswer.OVERTURNED: "The decision was wrong: it is undone at once.",
        AppealAnswer.PARTLY: "A refusal becomes a request for changes. Possible for refusals only.",
    },
)
describe_enum(
    Side,
    "On which side of a case somebody stands.",
    {
        Side.AUTHOR: "The author, who may contest a restriction.",
        Side.GUARDIAN: "The author's guardian, who may contest a refusal of what their consent carries. "
        "The author reads the answer too.",
        Side.REPORTER: "Somebody who reported it, who may contest that it was kept.",
    },
    name="CaseSide",
)
describe_enum(
    Lateness,
    "Whether a case is past its service level: four hours for grave ones, one school day for others.",
    {Lateness.LATE: "It should have been decided by now.", Lateness.IN_TIME: "There is still time."},
)
