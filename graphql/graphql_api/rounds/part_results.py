"""What the mutations answer with by which somebody takes part in a round."""

from typing import Annotated, TypeAlias

import strawberry

from graphql_api.problems import Problems
from graphql_api.rounds.round_types import Round
from graphql_api.rounds.union_types import ClassUnion
from graphql_api.rounds.week_types import ClassWeek


@strawberry.type(description="The viewer's part in a round as it is now.")
class RoundPart:
    round: Round = strawberry.field(description="The round.")
    weeks: list[ClassWeek] = strawberry.field(description="The round in each class of the viewer's, as in `myWeek`.")


RoundPartResult: TypeAlias = Annotated[
    RoundPart | Problems,
    strawberry.union("RoundPartResult", description="The viewer's part in the round, or why nothing was done."),
]
ClassUnionResult: TypeAlias = Annotated[
    ClassUnion | Problems,
    strawberry.union("ClassUnionResult", description="The union as it is now, or why nothing was done."),
]
