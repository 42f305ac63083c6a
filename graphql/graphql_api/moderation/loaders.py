"""Cases, decisions, reports and appeals by id, as far as the viewer may see them."""

from collections.abc import Mapping, Sequence

from strawberry.dataloader import DataLoader

from backend.core.errors import not_found
from backend.core.ids import Id
from graphql_api.context import Context
from graphql_api.moderation import decision_types, types
from graphql_api.moderation.decision_types import Appeal, Decision
from graphql_api.moderation.types import Case
from graphql_api.node import Node
from moderation import reviewing


async def load_cases(context: Context, ids: Sequence[Id]) -> Mapping[Id, Node]:
    """Cases that the viewer may see."""
    found = await reviewing.cases_by_id(context.db, context.services.desk, context.viewer, ids)
    return {key: types.case(brief) for key, brief in found.items()}


async def load_decisions(context: Context, ids: Sequence[Id]) -> Mapping[Id, Node]:
    """Decisions on what the viewer wrote or reported."""
    found = await reviewing.decisions_by_id(context.db, context.services.desk, context.viewer, ids)
    return {key: decision_types.decision(brief) for key, brief in found.items()}


def own_decisions(context: Context, kind: str = "statement") -> DataLoader[Id, list[Decision]]:
    """What was decided on statements, or another kind of thing, of the viewer's own, batched."""

    async def load(subject_ids: Sequence[Id]) -> Sequence[list[Decision]]:
        found = await reviewing.own_decisions_on(context.db, context.services.desk, context.viewer, kind, subject_ids)
        return [[decision_types.decision(brief) for brief in found.get(one, ())] for one in subject_ids]

    return context.loader((own_decisions, kind), lambda: DataLoader(load))


async def load_appeals(context: Context, ids: Sequence[Id]) -> Mapping[Id, Node]:
    """Appeals that the viewer may answer or has answered."""
    found = await reviewing.appeals_by_id(context.db, context.services.desk, context.viewer, ids)
    return {key: decision_types.appeal(brief) for key, brief in found.items() if not brief.is_own}


async def load_own_appeals(context: Context, ids: Sequence[Id]) -> Mapping[Id, Node]:
    """Appeals that the viewer filed."""
    found = await reviewing.appeals_by_id(context.db, context.services.desk, context.viewer, ids)
    return {key: decision_types.own_appeal(brief.row) for key, brief in found.items() if brief.is_own}


async def load_reports(context: Context, ids: Sequence[Id]) -> Mapping[Id, Node]:
    """Reports that the viewer made."""
    found = await reviewing.own_reports_by_id(context.db, context.viewer, ids)
    return {key: decision_types.report(row) for key, row in found.items()}


async def one_case(context: Context, case_id: Id) -> Case:
    """A case read anew, after a mutation. Raises NotFound."""
    found = (await load_cases(context, [case_id])).get(case_id)
    if not isinstance(found, Case):
        raise not_found("Case")
    return found


async def one_appeal(context: Context, appeal_id: Id) -> Appeal:
    """An appeal that the viewer may answer or has answered. Raises NotFound."""
    found = (await load_appeals(context, [appeal_id])).get(appeal_id)
    if not isinstance(found, Appeal):
        raise not_found("Appeal")
    return found
