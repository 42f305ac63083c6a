"""Closed sets of the accounts: kinds of sessions, the second factor, purposes and givers of consent."""

from enum import StrEnum

from backend.accounts.consent_rules import ConsentAnswer, ConsentGiver, LegalBasis
from backend.accounts.people import Door, SecondFactorState, SessionKind
from graphql_api.enums import describe_enum


class PublishedStatements(StrEnum):
    """What becomes of published statements when their author leaves."""

    WITHDRAW = "WITHDRAW"
    KEEP_WITHOUT_AUTHOR = "KEEP_WITHOUT_AUTHOR"


class SessionTransport(StrEnum):
    """How an app keeps its session."""

    TOKEN = "TOKEN"  # noqa: S105 - a choice, no secret
    COOKIE = "COOKIE"


describe_enum(
    PublishedStatements,
    "What becomes of published statements when their author leaves.",
    {
        PublishedStatements.WITHDRAW: "They are taken back everywhere.",
        PublishedStatements.KEEP_WITHOUT_AUTHOR: "They stay, and nothing tells who wrote them.",
    },
)
describe_enum(
    SessionTransport,
    "How an app keeps its session.",
    {
        SessionTransport.TOKEN: "The answer holds a token for `Authorization: Bearer`. For apps.",
        SessionTransport.COOKIE: "A cookie that scripts cannot read is set, no token is given. For browsers.",
    },
)
describe_enum(
    SessionKind,
    "Whose device it is.",
    {
        SessionKind.PERSONAL: "The person's own: the session lasts while it is used, at most half a year.",
        SessionKind.SHARED: "One that others use too: the session ends within hours.",
    },
)
describe_enum(
    SecondFactorState,
    "Where the second factor stands in this session.",
    {
        SecondFactorState.NOT_SET_UP: "There is none. Roles of staff rest until there is one.",
        SecondFactorState.NEEDED: "There is one, and this session has not passed it: roles of staff rest.",
        SecondFactorState.PASSED: "This session has passed it.",
    },
)
describe_enum(
    Door,
    "How somebody came in.",
    {Door.CLASS_CODE: "With a class's code or a printed card.", Door.OWN: "By signing up."},
)
describe_enum(
    ConsentGiver,
    "Who answered.",
    {
        ConsentGiver.SELF: "The person.",
        ConsentGiver.GUARDIAN: "A guardian, with a guardian key.",
        ConsentGiver.REPRESENTATIVE: "Somebody appointed for a child without reachable parents; for a year.",
    },
)
describe_enum(
    ConsentAnswer,
    "What was answered.",
    {ConsentAnswer.YES: "Yes.", ConsentAnswer.NO: "No. A guardian's no beats every yes."},
)
describe_enum(
    LegalBasis,
    "What showing it rests on.",
    {
        LegalBasis.PUBLIC_TASK: "The school's public task, beside the person's own yes.",
        LegalBasis.CONSENT: "Consent alone.",
    },
)
