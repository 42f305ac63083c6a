"""Closed sets of the places: roles and where they hold, states of seats, reasons, countries."""

from backend.core.viewer import Role, ScopeKind
from backend.places.rules import Country, RemovalReason, SeatStatus
from graphql_api.enums import describe_enum

describe_enum(
    Role,
    "What somebody is, always within a scope: the network, a city, a school, a class or a campaign.",
    {
        Role.SECRETARIAT: "Runs the network: cities, campaigns, juries, roles.",
        Role.CITY_OFFICIAL: "Runs the city's part: schools and their administrators.",
        Role.MODERATOR: "Reviews what is handed in, and decides appeals against others' decisions.",
        Role.SAFEGUARDING_LEAD: "Picks up worry about a child in the city.",
        Role.SCHOOL_ADMIN: "Runs a school: classes, declared enrolment, teachers.",
        Role.TEACHER: "Runs a class: codes, cards, seats, the first key. A class may have several, also for a time.",
        Role.EDITOR: "Runs a campaign.",
        Role.CAMPAIGN_JUROR: "Scores entries of a campaign.",
        Role.STUDENT_EDITOR: "A young person who writes a campaign's prompts, topics and cards.",
    },
)
describe_enum(
    ScopeKind,
    "What kind of place a role holds in.",
    {
        ScopeKind.NETWORK: "Everywhere.",
        ScopeKind.CITY: "A city with its schools and classes.",
        ScopeKind.SCHOOL: "A school with its classes.",
        ScopeKind.CLASS: "A class.",
        ScopeKind.CAMPAIGN: "A campaign.",
    },
)
describe_enum(
    SeatStatus,
    "Where a seat stands.",
    {
        SeatStatus.PENDING: "Taken, waiting for the teacher: opens the course and own drafts only.",
        SeatStatus.CONFIRMED: "Confirmed by the teacher.",
        SeatStatus.REMOVED: "Taken away by the teacher.",
        SeatStatus.LEFT: "Given up by the person.",
    },
)
describe_enum(
    RemovalReason,
    "Why a teacher takes a seat away.",
    {
        RemovalReason.NOT_IN_CLASS: "The person is not in the class.",
        RemovalReason.DUPLICATE: "The person has another seat here.",
        RemovalReason.MOVED: "The person has moved to another class or school.",
        RemovalReason.MISUSE: "The seat was misused.",
        RemovalReason.OTHER: "Another reason.",
    },
)
describe_enum(
    Country,
    "The countries of the network, as ISO 3166 alpha-2 codes.",
    {
        Country.NO: "Norway.",
        Country.SE: "Sweden.",
        Country.DK: "Denmark.",
        Country.FI: "Finland.",
        Country.IS: "Iceland.",
    },
)
