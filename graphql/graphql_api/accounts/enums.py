"""Closed sets of the accounts: kinds of sessions, the second factor, purposes and givers of consent."""

from enum import StrEnum

from backend.accounts.consent_rules import ConsentAnswer, ConsentAudience, ConsentGiver, ConsentPurpose, LegalBasis
from backend.accounts.people import Door, SecondFactorState, SessionKind
from graphql_api.enums import describe_enum


class SessionTransport(StrEnum):
    """How an app keeps its session."""

    TOKEN = "TOKEN"  # noqa: S105 - a choice, no secret
    COOKIE = "COOKIE"


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
    ConsentPurpose,
    "What is consented to.",
    {
        ConsentPurpose.PUBLISH: "To show what the person says, under the name they chose.",
        ConsentPurpose.IDENTIFIABLE_MEDIA: "To show pictures or a voice by which the person can be known.",
        ConsentPurpose.PUBLIC_NAMING: "To name the person publicly. It has no audience.",
    },
)
describe_enum(
    ConsentAudience,
    "To whom something is shown.",
    {
        ConsentAudience.CLASS: "The class.",
        ConsentAudience.SCHOOL: "The school.",
        ConsentAudience.CITY: "Everybody.",
        ConsentAudience.SOCIAL: "Everybody, and the network may share it on social media.",
    },
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
