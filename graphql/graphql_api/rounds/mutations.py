"""What can be done to rounds by those who run them."""

import strawberry

from backend.core.errors import not_found
from backend.core.ids import Id
from backend.rounds import running, scheduling
from graphql_api.context import Context, Info
from graphql_api.fields import mutation
from graphql_api.node_ids import parse_id
from graphql_api.rounds import inputs
from graphql_api.rounds.queries import load_round
from graphql_api.rounds.results import RoundResult, RoundScheduleResult, RoundsScheduled
from graphql_api.rounds.round_types import Round, class_round


async def changed_round(context: Context, round_id: Id) -> Round:
    """The round after a change. Raises NotFound."""
    found = await load_round(context, round_id)
    if found is None:
        raise not_found("round", round_id)
    return found


@strawberry.type
class RoundMutations:
    @mutation("Put rounds into the calendar: every week by a plan, or a single one. For the campaign's editors.")
    async def round_schedule(self, info: Info, input: inputs.RoundScheduleInput) -> RoundScheduleResult:
        rounds, now = await scheduling.schedule(
            info.context.db,
            info.context.viewer,
            parse_id(input.campaign_id, "Campaign", path=("campaign_id",)),
            inputs.wanted(input),
            content=inputs.topic_page(input.page) if input.page else None,
            weights=inputs.weights(input.weights),
            client_key=input.client_mutation_key,
        )
        return RoundsScheduled(rounds=[class_round(row, now) for row in rounds])

    @mutation("Write a round's prompt and topic page anew, until its close. For editors and student editors.")
    async def round_update(self, info: Info, input: inputs.RoundUpdateInput) -> RoundResult:
        round_id = parse_id(input.round_id, "Round", path=("round_id",))
        await running.update_round(info.context.db, info.context.viewer, round_id, inputs.topic_page(input.page))
        return await changed_round(info.context, round_id)

    @mutation("Let a round stand still; it keeps the time that is left. For the campaign's editors.")
    async def round_pause(self, info: Info, input: inputs.RoundPauseInput) -> RoundResult:
        round_id = parse_id(input.round_id, "Round", path=("round_id",))
        await running.pause_round(info.context.db, info.context.viewer, round_id)
        return await changed_round(info.context, round_id)

    @mutation("Let a paused round go on with the time it had left. For the campaign's editors.")
    async def round_resume(self, info: Info, input: inputs.RoundResumeInput) -> RoundResult:
        round_id = parse_id(input.round_id, "Round", path=("round_id",))
        await running.resume_round(info.context.db, info.context.viewer, round_id)
        return await changed_round(info.context, round_id)

    @mutation("End a round without a result, for a reason that everybody reads. For the campaign's editors.")
    async def round_void(self, info: Info, input: inputs.RoundVoidInput) -> RoundResult:
        round_id = parse_id(input.round_id, "Round", path=("round_id",))
        await running.void_round(info.context.db, info.context.viewer, round_id, input.reason)
        return await changed_round(info.context, round_id)
