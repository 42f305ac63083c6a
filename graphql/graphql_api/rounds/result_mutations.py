"""What an editor does with a result."""

from datetime import datetime

import strawberry

from backend.rounds import confirming
from graphql_api.context import Info
from graphql_api.fields import mutation
from graphql_api.node_ids import parse_id
from graphql_api.rounds.mutations import changed_round
from graphql_api.rounds.results import RoundResult


@strawberry.input(description="The result to fix.")
class RoundConfirmInput:
    round_id: strawberry.ID = strawberry.field(description="The round.")
    digest: str = strawberry.field(description="From `provisionalResult`: what was looked at.")


@strawberry.input(description="When a fixed result is shown to everybody.")
class RoundAnnounceInput:
    round_id: strawberry.ID = strawberry.field(description="The round.")
    announces_at: datetime | None = strawberry.field(
        default=None, description="From when, at most 60 days ahead; null: now. Can be moved until then."
    )


@strawberry.type
class ResultMutations:
    @mutation("Fix the result that was looked at. For an editor of the campaign who has no class in it.")
    async def round_confirm(self, info: Info, input: RoundConfirmInput) -> RoundResult:
        round_id = parse_id(input.round_id, "Round", path=("round_id",))
        await confirming.confirm_round(info.context.db, info.context.viewer, round_id, input.digest)
        return await changed_round(info.context, round_id)

    @mutation("Show a fixed result to everybody, now or at a moment. For the campaign's editors.")
    async def round_announce(self, info: Info, input: RoundAnnounceInput) -> RoundResult:
        round_id = parse_id(input.round_id, "Round", path=("round_id",))
        await confirming.announce_round(info.context.db, info.context.viewer, round_id, at=input.announces_at)
        return await changed_round(info.context, round_id)
