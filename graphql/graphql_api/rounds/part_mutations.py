"""What students do in a round, and teachers with small classes."""

import strawberry

from backend.core.errors import not_found
from backend.core.ids import Id
from backend.rounds import entering, joining, my_week, reflecting
from graphql_api.context import Context, Info
from graphql_api.fields import mutation
from graphql_api.node_ids import parse_id
from graphql_api.rounds import part_inputs as inputs
from graphql_api.rounds.mutations import changed_round
from graphql_api.rounds.part_results import ClassUnionResult, RoundPart, RoundPartResult
from graphql_api.rounds.union_types import ClassUnion, class_union
from graphql_api.rounds.week_types import class_week


async def _part(context: Context, round_id: Id) -> RoundPart:
    rows, now = await my_week.my_week(context.db, context.viewer, only=round_id)
    return RoundPart(round=await changed_round(context, round_id), weeks=[class_week(row, now) for row in rows])


async def _union(context: Context, union_id: Id) -> ClassUnion:
    async with context.db.reading() as conn:
        found = await joining.find_unions(conn, context.viewer, [union_id])
    if not found:
        raise not_found("class_union", union_id)
    return class_union(found[0])


@strawberry.type
class PartMutations:
    @mutation(
        "Choose which own statement competes for its class; takes an opt-out back. Without a choice the first one for "
        "everybody does, and one a student. Again is harmless."
    )
    async def round_enter(self, info: Info, input: inputs.RoundEnterInput) -> RoundPartResult:
        round_id = parse_id(input.round_id, "Round", path=("round_id",))
        statement_id = parse_id(input.statement_id, "OwnStatement", path=("statement_id",))
        await entering.enter_statement(info.context.db, info.context.viewer, round_id, statement_id)
        return await _part(info.context, round_id)

    @mutation(
        "Let nothing of one's own compete in a round: statements are published all the same. Nobody is told who did; a "
        "result says how many of a class."
    )
    async def round_opt_out(self, info: Info, input: inputs.RoundOptOutInput) -> RoundPartResult:
        round_id = parse_id(input.round_id, "Round", path=("round_id",))
        await entering.opt_out(info.context.db, info.context.viewer, round_id)
        return await _part(info.context, round_id)

    @mutation("Take an opt-out back. Again is harmless.")
    async def round_opt_in(self, info: Info, input: inputs.RoundOptInInput) -> RoundPartResult:
        round_id = parse_id(input.round_id, "Round", path=("round_id",))
        await entering.opt_in(info.context.db, info.context.viewer, round_id)
        return await _part(info.context, round_id)

    @mutation("Note that the viewer thought about the prompt for themselves: the week's task, with no word to anybody.")
    async def reflection_mark(self, info: Info, input: inputs.ReflectionMarkInput) -> RoundPartResult:
        round_id = parse_id(input.round_id, "Round", path=("round_id",))
        await reflecting.mark_reflection(info.context.db, info.context.viewer, round_id)
        return await _part(info.context, round_id)

    @mutation("Take a reflection back. Again is harmless.")
    async def reflection_unmark(self, info: Info, input: inputs.ReflectionUnmarkInput) -> RoundPartResult:
        round_id = parse_id(input.round_id, "Round", path=("round_id",))
        await reflecting.unmark_reflection(info.context.db, info.context.viewer, round_id)
        return await _part(info.context, round_id)

    @mutation(
        "Let small classes compete as one in rounds that open from now on; one that is open stays as it is. For those "
        "who teach all of them, or administer their schools."
    )
    async def classes_join(self, info: Info, input: inputs.ClassesJoinInput) -> ClassUnionResult:
        made = await joining.join_classes(
            info.context.db,
            info.context.viewer,
            parse_id(input.campaign_id, "Campaign", path=("campaign_id",)),
            [parse_id(one, "SchoolClass", path=("class_ids",)) for one in input.class_ids],
            client_key=input.client_mutation_key,
        )
        return await _union(info.context, made)

    @mutation("Let joined classes compete each by itself in rounds that open from now on. For who runs one of them.")
    async def classes_separate(self, info: Info, input: inputs.ClassesSeparateInput) -> ClassUnionResult:
        union_id = parse_id(input.union_id, "ClassUnion", path=("union_id",))
        await joining.separate_classes(info.context.db, info.context.viewer, union_id)
        return await _union(info.context, union_id)
