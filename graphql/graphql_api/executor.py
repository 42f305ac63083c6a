"""graphql-core's executor with a short way for plain fields, which are nearly all fields of a long list.

What is an attribute of the right type, or made by a resolver marked `quick`, is read by a function compiled once a
document, whole branches of the answer at once. Everything else (other resolvers, a wrong type, a missing value) goes
the long way, so that results and errors are the same; a test compares the two.
"""

from typing import Any

from graphql import GraphQLObjectType
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from graphql_api.readers import Below, Glance, Plain, Reader, Readers, field_reader
from graphql_api.shapes import shape_of

_LONG_WAY = object()


class Executor(StrawberryGraphQLCoreExecutionContext):
    """Executes one operation. `readers` is kept with the document for executions that select the same fields of it."""

    def __init__(self, *args: Any, readers: Readers, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._info = Glance(self.context_value)
        self._readers = readers

    def execute_fields(
        self, parent_type: Any, source_value: Any, path: Any, grouped_field_set: Any, position_context: Any
    ) -> Any:
        """The fields of one object, in the order in which they were asked for."""
        results: dict[str, Any] = {}
        others: dict[str, Any] = {}
        for response_name, details in grouped_field_set.items():
            value = results[response_name] = self._read(parent_type, details, source_value)
            if value is _LONG_WAY:
                others[response_name] = details
        if not others:
            return results
        rest: Any = super().execute_fields(parent_type, source_value, path, others, position_context)
        if self.is_awaitable(rest):
            return _completed(results, rest)
        results.update(rest)
        return results

    def _read(self, kind: GraphQLObjectType, details: Any, source: object) -> object:
        reader = self._reader(kind, details)
        if reader is None:
            return _LONG_WAY
        try:
            return reader(source, self._info)
        except Exception:
            return _LONG_WAY  # where it is raised again, if it is an error

    def _reader(self, kind: GraphQLObjectType, details: Any) -> Reader | None:
        """What reads a field without running code that may have to be awaited; None when it is not plain."""
        key = (kind, *[id(one.node) for one in details])
        if key not in self._readers:
            field = self._plain(kind, details)
            self._readers[key] = None if field is None else field_reader(field)
        return self._readers[key]

    def _plain(self, kind: GraphQLObjectType, details: Any) -> Plain | None:
        shape, node = shape_of(kind), details[0].node
        name = node.name.value
        if name == "__typename":
            return kind.name
        if (branch := shape.branches.get(name)) is not None:
            fields = self._all_plain(branch.kind, details)
            return None if fields is None else Below(branch, fields)
        return shape.leaves.get(name) or (None if node.arguments else shape.quick.get(name))

    def _all_plain(self, kind: GraphQLObjectType, details: Any) -> dict[str, Plain] | None:
        """All that is asked for below a field; None when one of it has to go the long way."""
        selected, deferred, _ = self.collect_subfields(kind, details)
        fields: dict[str, Plain] = {}
        for response_name, below in selected.items():
            field = None if deferred else self._plain(kind, below)
            if field is None:
                return None
            fields[response_name] = field
        return fields


async def _completed(results: dict[str, Any], rest: Any) -> dict[str, Any]:
    results.update(await rest)
    return results
