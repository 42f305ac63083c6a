"""graphql-core's executor with a short way for plain attributes, which are nearly all fields of a long list.

A leaf that is an attribute of the right type is copied into the answer. Whatever else it is (a resolver, a wrong type,
a missing value) goes the long way, so that results and errors are the same; a test compares the two.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

from graphql import (
    GraphQLBoolean,
    GraphQLID,
    GraphQLObjectType,
    GraphQLString,
    is_leaf_type,
    is_non_null_type,
)
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

Write: TypeAlias = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Attribute:
    """A leaf field without a resolver: where its value is, and how it is written unless it is of type `as_it_is`."""

    name: str
    as_it_is: type | None
    write: Write
    nullable: bool


_AS_IT_IS: dict[object, type] = {GraphQLString: str, GraphQLID: str, GraphQLBoolean: bool}
_attributes: WeakKeyDictionary[GraphQLObjectType, dict[str, Attribute]] = WeakKeyDictionary()
_LONG_WAY = object()


def attributes_of(kind: GraphQLObjectType) -> dict[str, Attribute]:
    """The plain leaf fields of an object type by field name."""
    known = _attributes.get(kind)
    if known is None:
        known = {}
        for name, definition in kind.fields.items():
            field = definition.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
            nullable = not is_non_null_type(definition.type)
            leaf = definition.type if nullable else definition.type.of_type
            if isinstance(field, StrawberryField) and field.is_basic_field and is_leaf_type(leaf):
                known[name] = Attribute(field.python_name, _AS_IT_IS.get(leaf), leaf.coerce_output_value, nullable)
        _attributes[kind] = known
    return known


class Executor(StrawberryGraphQLCoreExecutionContext):
    """Executes one operation."""

    def execute_fields(
        self, parent_type: Any, source_value: Any, path: Any, grouped_field_set: Any, position_context: Any
    ) -> Any:
        """The fields of one object, leaves first, in the order in which they were asked for."""
        attributes = attributes_of(parent_type)
        results: dict[str, Any] = {}
        others: dict[str, Any] = {}
        for response_name, details in grouped_field_set.items():
            attribute = attributes.get(details[0].node.name.value)
            value = _LONG_WAY if attribute is None else _leaf(attribute, source_value)
            results[response_name] = value
            if value is _LONG_WAY:
                others[response_name] = details
        if not others:
            return results
        rest: Any = super().execute_fields(parent_type, source_value, path, others, position_context)
        if self.is_awaitable(rest):
            return _completed(results, rest)
        results.update(rest)
        return results


async def _completed(results: dict[str, Any], rest: Any) -> dict[str, Any]:
    results.update(await rest)
    return results


def _leaf(attribute: Attribute, source: object) -> object:
    value = getattr(source, attribute.name, _LONG_WAY)
    if type(value) is attribute.as_it_is:
        return value
    if value is None:
        return None if attribute.nullable else _LONG_WAY
    if value is _LONG_WAY or isinstance(value, Exception):
        return _LONG_WAY
    try:
        written = attribute.write(value)
    except Exception:
        return _LONG_WAY
    return _LONG_WAY if written is None else written
