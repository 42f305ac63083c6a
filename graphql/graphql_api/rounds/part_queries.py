"""What can be read by those who take part in rounds."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import strawberry

from backend.core.ids import Id
from backend.rounds import joining, my_week
from graphql_api.context import Context, Info
from graphql_api.fields import resolver
from graphql_api.node import Node
from graphql_api.node_ids import parse_id
from graphql_api.rounds.union_types import ClassUnion, class_union
from graphql_api.rounds.week_types import ClassWeek, class_week


@strawberry.type
class PartQueries:
    @resolver(
        "The rounds that run now in the classes that the viewer sits in or teaches, the latest opening first, classes "
        "by name; empty when nothing runs."
    )
    async def my_week(self, info: Info) -> list[ClassWeek]:
        rows, now = await my_week.my_week(info.context.db, info.context.viewer)
        return [class_week(row, now) for row in rows]

    @resolver("The unions in which a class competes now, one a campaign, for its teachers and its school; else empty.")
    async def class_unions(
        self, info: Info, class_id: Annotated[strawberry.ID, strawberry.argument(description="The class.")]
    ) -> list[ClassUnion]:
        wanted = parse_id(class_id, "SchoolClass", path=("class_id",))
        return [class_union(one) for one in await joining.list_unions(info.context.db, info.context.viewer, wanted)]


async def load_unions(context: Context, ids: Sequence[Id]) -> Mapping[Id, Node]:
    """Unions of which the viewer runs a class."""
    async with context.db.reading() as conn:
        found = await joining.find_unions(conn, context.viewer, ids)
    return {one.union.id: class_union(one) for one in found}
