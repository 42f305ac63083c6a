"""graphql-core's executor with a short way for plain attributes, which are nearly all fields of a long list.

A leaf that is an attribute of the right type is copied into the answer; objects that are attributes, and of which only
attributes are asked for, are walked without asking what else they could be. Everything else (a resolver, a wrong type,
a missing value) goes the long way, so that results and errors are the same; a test compares the two.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

from graphql import (
    GraphQLBoolean,
    GraphQLField,
    GraphQLID,
    GraphQLObjectType,
    GraphQLString,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from graphql.pyutils import Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

Write: TypeAlias = Callable[[Any], Any]

_AS_IT_IS: dict[object, type] = {GraphQLString: str, GraphQLID: str, GraphQLBoolean: bool}
_LONG_WAY = object()


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf field without a resolver: where its value is, and how it is written unless it is of type `as_it_is`."""

    name: str
    as_it_is: type | None
    write: Write
    nullable: bool

    def read(self, source: object) -> object:
        """The value as it stands in the answer, or _LONG_WAY."""
        value = getattr(source, self.name, _LONG_WAY)
        if type(value) is self.as_it_is:
            return value
        if value is None:
            return None if self.nullable else _LONG_WAY
        if value is _LONG_WAY or isinstance(value, Exception):
            return _LONG_WAY
        try:
            written = self.write(value)
        except Exception:
            return _LONG_WAY
        return _LONG_WAY if written is None else written


@dataclass(frozen=True, slots=True)
class Branch:
    """A field without a resolver that holds an object of one type, or a list of such."""

    name: str
    kind: GraphQLObjectType
    classes: tuple[type, ...]
    is_list: bool
    nullable: bool
    declared: Any

    def holds(self, value: object) -> bool:
        """Whether the value is what the field declares."""
        if self.is_list:
            return type(value) is list and all(isinstance(item, self.classes) for item in value)
        return isinstance(value, self.classes)


@dataclass(frozen=True, slots=True)
class Shape:
    """The plain fields of an object type, by name."""

    leaves: dict[str, Leaf]
    branches: dict[str, Branch]


_shapes: WeakKeyDictionary[GraphQLObjectType, Shape] = WeakKeyDictionary()


def shape_of(kind: GraphQLObjectType) -> Shape:
    """Worked out once for each type of a schema."""
    shape = _shapes.get(kind)
    if shape is None:
        shape = _shapes[kind] = Shape({}, {})
        for name, definition in kind.fields.items():
            field = definition.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
            if isinstance(field, StrawberryField) and field.is_basic_field:
                _add(shape, name, field.python_name, definition)
    return shape


def _add(shape: Shape, name: str, attribute: str, definition: GraphQLField) -> None:
    nullable, inner = _unwrapped(definition.type)
    if is_leaf_type(inner):
        shape.leaves[name] = Leaf(attribute, _AS_IT_IS.get(inner), inner.coerce_output_value, nullable)
        return
    is_list = is_list_type(inner)
    if is_list:
        item_nullable, inner = _unwrapped(inner.of_type)
        if item_nullable:
            return
    if is_object_type(inner):
        declared = inner.extensions[GraphQLCoreConverter.DEFINITION_BACKREF]
        generic = declared.concrete_of
        classes = (declared.origin, generic.origin) if generic else (declared.origin,)
        shape.branches[name] = Branch(attribute, inner, classes, is_list, nullable, definition.type)


def _unwrapped(kind: Any) -> tuple[bool, Any]:
    return (False, kind.of_type) if is_non_null_type(kind) else (True, kind)


class Executor(StrawberryGraphQLCoreExecutionContext):
    """Executes one operation."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._plain: dict[tuple[GraphQLObjectType, int], bool] = {}

    def execute_fields(
        self, parent_type: Any, source_value: Any, path: Any, grouped_field_set: Any, position_context: Any
    ) -> Any:
        """The fields of one object, in the order in which they were asked for."""
        shape = shape_of(parent_type)
        leaves, branches = shape.leaves, shape.branches
        results: dict[str, Any] = {}
        others: dict[str, Any] = {}
        for response_name, details in grouped_field_set.items():
            name = details[0].node.name.value
            value: object = _LONG_WAY
            if (leaf := leaves.get(name)) is not None:
                value = leaf.read(source_value)
            elif (branch := branches.get(name)) is not None:
                here = Path(path, response_name, parent_type.name)
                value = self._walk(branch, source_value, details, here, position_context)
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

    def _walk(self, branch: Branch, source: object, details: Any, path: Path, position_context: Any) -> object:
        value: Any = getattr(source, branch.name, _LONG_WAY)
        if value is None and branch.nullable:
            return None
        if not self._only_attributes(branch.kind, details) or not branch.holds(value):
            return _LONG_WAY
        selected = self.collect_subfields(branch.kind, details)[0]
        try:
            if branch.is_list:
                return [
                    self.execute_fields(branch.kind, item, path.add_key(index), selected, position_context)
                    for index, item in enumerate(value)
                ]
            return self.execute_fields(branch.kind, value, path, selected, position_context)
        except Exception as error:
            self.handle_field_error(error, branch.declared, details, path)
            return None

    def _only_attributes(self, kind: GraphQLObjectType, details: Any) -> bool:
        """Whether nothing below runs code, so that nothing below has to be awaited."""
        key = (kind, id(details))  # collect_subfields keeps the list alive, so that its id stays its own
        known = self._plain.get(key)
        if known is None:
            selected, deferred, _ = self.collect_subfields(kind, details)
            known = self._plain[key] = not deferred and all(
                self._is_attribute(kind, each) for each in selected.values()
            )
        return known

    def _is_attribute(self, kind: GraphQLObjectType, details: Any) -> bool:
        shape, name = shape_of(kind), details[0].node.name.value
        branch = shape.branches.get(name)
        if branch is not None:
            return self._only_attributes(branch.kind, details)
        return name in shape.leaves or name == "__typename"


async def _completed(results: dict[str, Any], rest: Any) -> dict[str, Any]:
    results.update(await rest)
    return results
