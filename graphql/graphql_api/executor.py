"""graphql-core's executor with a short way for plain fields, which are nearly all fields of a long list.

What is an attribute of the right type is copied into the answer, whole branches of it by a list of readers made once
an operation; a resolver marked `quick` is called without ceremony. Everything else (other resolvers, a wrong type,
a missing value) goes the long way, so that results and errors are the same; a test compares the two.
"""

from functools import partial
from typing import Any

from graphql import GraphQLObjectType
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from graphql_api.shapes import LONG_WAY, Glance, Plan, Reader, shape_of


class Executor(StrawberryGraphQLCoreExecutionContext):
    """Executes one operation."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._info = Glance(self.context_value)
        self._readers: dict[tuple[GraphQLObjectType, int], tuple[Any, Reader | None]] = {}

    def execute_fields(
        self, parent_type: Any, source_value: Any, path: Any, grouped_field_set: Any, position_context: Any
    ) -> Any:
        """The fields of one object, in the order in which they were asked for."""
        results: dict[str, Any] = {}
        others: dict[str, Any] = {}
        for response_name, details in grouped_field_set.items():
            reader = self._reader(parent_type, details)
            value = results[response_name] = LONG_WAY if reader is None else reader(source_value)
            if value is LONG_WAY:
                others[response_name] = details
        if not others:
            return results
        rest: Any = super().execute_fields(parent_type, source_value, path, others, position_context)
        if self.is_awaitable(rest):
            return _completed(results, rest)
        results.update(rest)
        return results

    def _reader(self, kind: GraphQLObjectType, details: Any) -> Reader | None:
        """How a field is read without running code that may have to be awaited; None when it is not."""
        key = (kind, id(details))
        known = self._readers.get(key)
        if known is None:  # kept with the list, so that its id stays its own
            known = self._readers[key] = (details, self._make_reader(kind, details))
        return known[1]

    def _make_reader(self, kind: GraphQLObjectType, details: Any) -> Reader | None:
        shape, node = shape_of(kind), details[0].node
        name = node.name.value
        if (leaf := shape.leaves.get(name)) is not None:
            return leaf.reader()
        if (branch := shape.branches.get(name)) is not None:
            return partial(branch.read, self._plan(branch.kind, details))
        if (quick := shape.quick.get(name)) is not None and not node.arguments:
            return partial(quick.read, self._info)
        return None

    def _plan(self, kind: GraphQLObjectType, details: Any) -> Plan | None:
        """Readers for all that is asked for below a field; None when one of it has to go the long way."""
        selected, deferred, _ = self.collect_subfields(kind, details)
        if deferred:
            return None
        plan: list[tuple[str, Reader]] = []
        for response_name, below in selected.items():
            reader = self._type_name(kind, below) or self._reader(kind, below)
            if reader is None:
                return None
            plan.append((response_name, reader))
        return tuple(plan)

    def _type_name(self, kind: GraphQLObjectType, details: Any) -> Reader | None:
        return (lambda _: kind.name) if details[0].node.name.value == "__typename" else None


async def _completed(results: dict[str, Any], rest: Any) -> dict[str, Any]:
    results.update(await rest)
    return results
