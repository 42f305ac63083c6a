"""What a juror is asked to score, as the API shows it to them alone."""

from typing import Annotated, TypeAlias

import strawberry

from backend.core.ids import Id
from backend.rounds.judging import wording_id
from backend.rounds.rules import AbstainReason, DutyState
from backend.rounds.store.judging import Assigned
from graphql_api.context import Info
from graphql_api.enums import describe_enum
from graphql_api.fields import resolver
from graphql_api.node import Node
from graphql_api.node_ids import global_id
from graphql_api.problems import Problems
from graphql_api.rounds import loaders
from graphql_api.rounds.round_types import Round
from graphql_api.rounds.wording_types import AnonymousStatement
from graphql_api.scalars import LanguageTag
from graphql_api.text_direction import TextDirection

describe_enum(
    DutyState,
    "Where a juror stands with an entry.",
    {
        DutyState.ASSIGNED: "It waits for the juror.",
        DutyState.SCORED: "It is scored; the score can be changed until the judging ends.",
        DutyState.ABSTAINED: "The juror left it to others.",
    },
    name="JuryEntryState",
)
describe_enum(
    AbstainReason,
    "Why a juror does not score an entry.",
    {
        AbstainReason.KNOWS_AUTHOR: "They may know who wrote it.",
        AbstainReason.LANGUAGE: "They do not read its language, and there is no translation that helps.",
        AbstainReason.TOO_CLOSE: "It touches them too much to judge it.",
        AbstainReason.OTHER: "Another reason.",
    },
)


@strawberry.type(description="A statement that the viewer, as a juror, is asked to score. Nobody else sees the score.")
class JuryEntry(AnonymousStatement, Node):
    round_row_id: strawberry.Private[Id]
    wording_id: strawberry.ID = strawberry.field(description="Names the wording that is read, for `entryScore`.")
    state: DutyState = strawberry.field(description="Where the juror stands with it.")
    score: int | None = strawberry.field(description="The juror's score, 1 to 5; null when there is none.")
    abstained_for: AbstainReason | None = strawberry.field(description="Why they abstained; null when they did not.")
    has_newer_wording: bool = strawberry.field(
        description="Whether the words changed after they were scored: read them again. The score stands meanwhile."
    )

    @resolver("The round; null when the viewer may not see it any more.")
    async def round(self, info: Info) -> Round | None:
        return await loaders.rounds(info.context).load(self.round_row_id)


JuryEntryResult: TypeAlias = Annotated[
    JuryEntry | Problems, strawberry.union("JuryEntryResult", description="The entry now, or why nothing was done.")
]


def jury_entry(row: Assigned) -> JuryEntry:
    """An entry as the API shows it to its juror."""
    return JuryEntry(
        id=global_id("JuryEntry", row.id),
        round_row_id=row.round_id,
        revision_row_id=row.revision_id,
        text=row.text,
        language=LanguageTag(row.language),
        direction=TextDirection(row.direction),
        wording_id=global_id("Wording", wording_id(row)),
        state=row.state,
        score=row.score,
        abstained_for=row.abstained_for,
        has_newer_wording=row.judged_revision_id is not None and row.judged_revision_id != row.revision_id,
    )
