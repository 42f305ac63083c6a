"""The rounds' closed sets, with a description of each value for app developers."""

from enum import StrEnum

from backend.rounds.rules import Origin, RoundState
from graphql_api.enums import describe_enum


class Weekday(StrEnum):
    """A day of the week."""

    MONDAY = "MONDAY"
    TUESDAY = "TUESDAY"
    WEDNESDAY = "WEDNESDAY"
    THURSDAY = "THURSDAY"
    FRIDAY = "FRIDAY"
    SATURDAY = "SATURDAY"
    SUNDAY = "SUNDAY"

    @property
    def number(self) -> int:
        """0 is Monday."""
        return list(Weekday).index(self)


describe_enum(
    RoundState,
    "Where a round stands. The clock moves it on by itself up to PROVISIONAL, and at the announcement.",
    {
        RoundState.SCHEDULED: "It opens at `opensAt`.",
        RoundState.OPEN: "Classes take part until `closesAt`.",
        RoundState.CLOSED: "No more is taken; moderators look at what is left until `judgingStartsAt`.",
        RoundState.JUDGING: "Jurors score and other classes mark until `judgingEndsAt`.",
        RoundState.PROVISIONAL: "An editor looks at the result before it is confirmed.",
        RoundState.CONFIRMED: "The result is fixed; it shows at `announcesAt`, once an editor has set that.",
        RoundState.ANNOUNCED: "The result is there for everybody.",
        RoundState.ARCHIVED: "The result was announced more than 30 days ago; it stays.",
        RoundState.PAUSED: "It stands still and keeps the time that was left.",
        RoundState.VOID: "It ended without a result.",
    },
)
describe_enum(
    Origin,
    "How a round came into the calendar.",
    {Origin.WEEKLY: "By the campaign's weekly plan.", Origin.SINGLE: "By itself, with times of its own."},
    name="RoundOrigin",
)
describe_enum(
    Weekday,
    "A day of the week.",
    {day: f"{day.value.capitalize()}." for day in Weekday},
)
