"""What the mutations answer with that run a round."""

from typing import Annotated, TypeAlias

import strawberry

from graphql_api.problems import Problems
from graphql_api.rounds.round_types import Round


@strawberry.type(description="The rounds that are in the calendar now.")
class RoundsScheduled:
    rounds: list[Round] = strawberry.field(
        description="The single round, or all weekly rounds that have not opened yet, in order."
    )


RoundScheduleResult: TypeAlias = Annotated[
    RoundsScheduled | Problems,
    strawberry.union("RoundScheduleResult", description="The rounds, or why none were made."),
]
RoundResult: TypeAlias = Annotated[
    Round | Problems, strawberry.union("RoundResult", description="The round as it is now, or why nothing was done.")
]
