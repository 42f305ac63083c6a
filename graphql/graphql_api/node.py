"""`interface Node`, and the table that says how each type is loaded by its ids for one viewer."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, TypeAlias

import strawberry

from backend.core.errors import ValidationFailed
from backend.core.ids import Id
from graphql_api.context import Context, Info
from graphql_api.fields import resolver
from graphql_api.node_ids import split_id

MAX_NODES = 100


@strawberry.interface(description="Anything that has a global id and can be asked for by it.")
class Node:
    id: strawberry.ID = strawberry.field(description="The global id: opaque, stable, unique among all types.")


# Given the operation's context and row ids, the objects that the viewer may see; what is missing is null to the client.
NodeLoader: TypeAlias = Callable[[Context, Sequence[Id]], Awaitable[Mapping[Id, Node]]]


def node_queries(loaders: Mapping[str, NodeLoader]) -> type:
    """The query type with `node` and `nodes` over these loaders, by GraphQL type name."""

    @strawberry.type
    class NodeQueries:
        @resolver("The thing with this global id; null if there is none that the viewer may see.")
        async def node(
            self,
            info: Info,
            id: Annotated[strawberry.ID, strawberry.argument(description="A global id.")],
        ) -> Node | None:
            return (await _load(loaders, info.context, [id]))[0]

        @resolver("The things with these global ids, in the same order; at most 100.")
        async def nodes(
            self,
            info: Info,
            ids: Annotated[list[strawberry.ID], strawberry.argument(description="Global ids, of any types.")],
        ) -> list[Node | None]:
            return await _load(loaders, info.context, ids)

    return NodeQueries


async def _load(loaders: Mapping[str, NodeLoader], context: Context, ids: Sequence[str]) -> list[Node | None]:
    if len(ids) > MAX_NODES:
        raise ValidationFailed("too_many_ids", path=("ids",), max=MAX_NODES)
    parts = [split_id(text) for text in ids]
    wanted: dict[str, list[Id]] = defaultdict(list)
    for part in parts:
        if part is not None and part[0] in loaders:
            wanted[part[0]].append(part[1])
    found = {name: await loaders[name](context, list(dict.fromkeys(rows))) for name, rows in wanted.items()}
    return [found[part[0]].get(part[1]) if part is not None and part[0] in found else None for part in parts]
