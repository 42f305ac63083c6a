"""Standings and results as the API shows them."""

from fractions import Fraction

import strawberry

from backend.rounds.listing import ListedStanding
from backend.rounds.publication import PublishedClass, PublishedLine
from backend.rounds.rules import Unranked
from backend.rounds.score import MARK_SHARES
from graphql_api.enums import describe_enum
from graphql_api.node_ids import global_id
from graphql_api.paging import Connection

describe_enum(
    Unranked,
    "Why a class takes part without a rank.",
    {
        Unranked.TOO_SMALL: "It has under nine seats and did not join with another class.",
        Unranked.TOO_FEW_ENTRIES: "One or two entries could be read: its quality would tell of a single student.",
        Unranked.NOT_ENOUGH_SCORES: "Fewer than two of its drawn slots could be judged.",
    },
    name="UnrankedReason",
)


@strawberry.type(description="A class by name, as standings show it to everybody.")
class CompetingClass:
    id: strawberry.ID = strawberry.field(description="The class's global id, for filters such as the feed's `classId`.")
    name: str = strawberry.field(description="Its name, such as 9B.")
    school_name: str = strawberry.field(description="The school.")
    city_name: str = strawberry.field(description="The city.")


@strawberry.type(description="A part of a score, or the whole: always a fraction, so that it can be recounted exactly.")
class ScorePart:
    value: float = strawberry.field(description="From 0 to 1, rounded by the computer: to show.")
    exact: str = strawberry.field(description="The same as a fraction, such as `5/8`.")


@strawberry.type(description="A number that need not be whole, exactly.")
class ExactNumber:
    value: float = strawberry.field(description="Rounded by the computer: to show.")
    exact: str = strawberry.field(description="The same as a fraction, such as `17/3`.")


@strawberry.type(
    description="The result of a class, or of several joined ones, with all that it is worked out from. Of an unranked "
    "one only `seats` and, from nine seats on, `participants` are told: the rest would tell of single students."
)
class StandingResult:
    rank: int | None = strawberry.field(description="Ties share one, and the next is left out; null when unranked.")
    unranked_for: Unranked | None = strawberry.field(description="Why there is no rank; null when there is.")
    score: ScorePart | None = strawberry.field(description="The whole; null when unranked.")
    quality: ScorePart | None = strawberry.field(
        description="The mean of the two best of the drawn slots that counted; null when unranked."
    )
    participation: ScorePart | None = strawberry.field(
        description="`participants` of `seats`; null when unranked for being too small."
    )
    voices: ScorePart | None = strawberry.field(
        description="(`marks` + 1) / (`dealt` · `authors` / `standingEntries` + 2); when nothing stands (`marks` + 1) "
        "/ (`dealt` + 2). Null when unranked."
    )
    seats: int = strawberry.field(description="Confirmed seats at the opening.")
    participants: int | None = strawberry.field(
        description="How many of them said something or reflected; null when unranked for being too small."
    )
    authors: int | None = strawberry.field(
        description="How many handed in something for everybody, those who opted out or took it back too. Null when "
        "unranked, and when nothing stands."
    )
    standing_entries: int | None = strawberry.field(
        description="Entries that stood when the result was worked out; null when unranked."
    )
    readable_entries: int | None = strawberry.field(
        description="Those of them that could be read before the judging ended; null when unranked."
    )
    slots: int | None = strawberry.field(
        description="Among how many slots the lot drew: the authors, at least half the seats; null when unranked."
    )
    lot: list[int] | None = strawberry.field(
        description="The slots that it drew, in its order, counted from 0; null when unranked."
    )
    counted_slots: int | None = strawberry.field(
        description="Those that counted: empty (0) or judged; null when unranked."
    )
    best: list[ScorePart] | None = strawberry.field(
        description="The two best medians; null when unranked, and 30 days after the announcement."
    )
    marks: int | None = strawberry.field(description="Marks of other classes; null when unranked.")
    dealt: ExactNumber | None = strawberry.field(
        description="Cards dealt to other classes; of a hand with k of m marks each counts k/m. Null when unranked."
    )


@strawberry.type(description="A class, or several joined ones, in a round. Students are never ranked.")
class Standing:
    classes: list[CompetingClass] = strawberry.field(description="The class, or those that joined.")
    participation_percent: int | None = strawberry.field(
        description="Until the announcement: how many have done the task, rounded down to 20 %. From `freezesAt` on it "
        "stands still, whatever is taken back. Null for under nine seats, and once there is a result."
    )
    result: StandingResult | None = strawberry.field(description="The result; null until it is announced.")


@strawberry.type(description="A result that is not confirmed yet, for an editor who has no class in it.")
class ProvisionalResult:
    digest: str = strawberry.field(description="Names what was seen, for `roundConfirm`.")
    standings: Connection[Standing] = strawberry.field(description="By rank, the unranked last.")


def standing(row: ListedStanding) -> Standing:
    """A line as the API shows it."""
    return Standing(
        classes=[competing_class(one) for one in row.classes],
        participation_percent=row.participation_percent,
        result=None if row.result is None else _result(row.result),
    )


def competing_class(one: PublishedClass) -> CompetingClass:
    """A class as standings show it."""
    return CompetingClass(
        id=global_id("SchoolClass", one.id), name=one.name, school_name=one.school, city_name=one.city
    )


def _result(line: PublishedLine) -> StandingResult:
    return StandingResult(
        rank=line.rank,
        unranked_for=line.unranked_for,
        score=_part(line.score),
        quality=_part(line.quality),
        participation=_part(line.participation),
        voices=_part(line.voices),
        seats=line.size,
        participants=line.participants,
        authors=line.authors,
        standing_entries=line.standing_entries,
        readable_entries=line.readable_entries,
        slots=line.slots,
        lot=None if line.lot is None else list(line.lot),
        counted_slots=line.counted,
        best=None if line.best is None else [_exactly(one) for one in line.best],
        marks=line.marks,
        dealt=None if line.dealt_sixths is None else _number(Fraction(line.dealt_sixths, MARK_SHARES)),
    )


def _part(exact: str | None) -> ScorePart | None:
    return None if exact is None else _exactly(exact)


def _exactly(exact: str) -> ScorePart:
    return ScorePart(value=float(Fraction(exact)), exact=exact)


def _number(value: Fraction) -> ExactNumber:
    return ExactNumber(value=float(value), exact=str(value))
