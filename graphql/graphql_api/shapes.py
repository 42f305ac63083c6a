"""How the plain fields of a type are read: worked out once for each type of a schema, used by the executor."""

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

from graphql import (
    GraphQLBoolean,
    GraphQLField,
    GraphQLID,
    GraphQLInt,
    GraphQLObjectType,
    GraphQLString,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from graphql_api.fields import QUICK

Write: TypeAlias = Callable[[Any], Any]
# From an object to a field's value as it stands in the answer, or LONG_WAY.
Reader: TypeAlias = Callable[[Any], Any]
Plan: TypeAlias = tuple[tuple[str, Reader], ...]

_AS_IT_IS: dict[object, type] = {GraphQLString: str, GraphQLID: str, GraphQLBoolean: bool, GraphQLInt: int}
_INT_END = 2**31
LONG_WAY = object()


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf field without a resolver: where its value is, and how it is written unless it is of type `as_it_is`."""

    name: str
    as_it_is: type | None
    write: Write
    nullable: bool

    def reader(self) -> Reader:
        """What reads it: made once a field, because it runs for each of some thousand values of a long list."""
        get, kind, written = attrgetter(self.name), self.as_it_is, self.written

        def read(source: object) -> object:
            try:
                value = get(source)
            except AttributeError:
                return LONG_WAY
            return value if type(value) is kind else written(value)

        def read_int(source: object) -> object:
            value: Any = getattr(source, self.name, LONG_WAY)
            return value if type(value) is int and -_INT_END <= value < _INT_END else written(value)

        return read_int if kind is int else read

    def written(self, value: object) -> object:
        """The value as it stands in the answer, or LONG_WAY."""
        if value is None:
            return None if self.nullable else LONG_WAY
        if value is LONG_WAY or isinstance(value, Exception):
            return LONG_WAY
        try:
            written = self.write(value)
        except Exception:
            return LONG_WAY
        return LONG_WAY if written is None else written


@dataclass(frozen=True, slots=True)
class Glance:
    """All of `info` that a quick resolver looks at."""

    context: Any


@dataclass(frozen=True, slots=True)
class Quick:
    """A leaf field with a quick resolver (see `fields.resolver`), asked for without arguments."""

    resolve: Callable[..., Any]
    leaf: Leaf

    def read(self, info: Glance, source: object) -> object:
        """The value as it stands in the answer, or LONG_WAY."""
        try:
            return self.leaf.written(self.resolve(source, info=info))
        except Exception:
            return LONG_WAY


@dataclass(frozen=True, slots=True)
class Branch:
    """A field without a resolver that holds an object of one type, or a list of such."""

    name: str
    kind: GraphQLObjectType
    classes: tuple[type, ...]
    is_list: bool
    nullable: bool

    def read(self, plan: Plan | None, source: object) -> object:
        """The branch as it stands in the answer, or LONG_WAY."""
        value: Any = getattr(source, self.name, LONG_WAY)
        if value is None:
            return None if self.nullable else LONG_WAY
        if plan is None or not self.holds(value):
            return LONG_WAY
        if not self.is_list:
            return read_plan(plan, value)
        items = []
        for item in value:
            read = read_plan(plan, item)
            if read is LONG_WAY:
                return LONG_WAY
            items.append(read)
        return items

    def holds(self, value: object) -> bool:
        """Whether the value is what the field declares."""
        if self.is_list:
            return type(value) is list and all(isinstance(item, self.classes) for item in value)
        return isinstance(value, self.classes)


@dataclass(frozen=True, slots=True)
class Shape:
    """The plain fields of an object type, by name."""

    leaves: dict[str, Leaf]
    quick: dict[str, Quick]
    branches: dict[str, Branch]


def read_plan(plan: Plan, source: object) -> object:
    """An object's part of the answer, or LONG_WAY as soon as one of its fields has to go it."""
    fields: dict[str, Any] = {}
    for response_name, reader in plan:
        value = fields[response_name] = reader(source)
        if value is LONG_WAY:
            return LONG_WAY
    return fields


_shapes: WeakKeyDictionary[GraphQLObjectType, Shape] = WeakKeyDictionary()


def shape_of(kind: GraphQLObjectType) -> Shape:
    """Worked out once for each type of a schema."""
    shape = _shapes.get(kind)
    if shape is None:
        shape = _shapes[kind] = Shape({}, {}, {})
        for name, definition in kind.fields.items():
            field = definition.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
            if isinstance(field, StrawberryField):
                _add(shape, name, field, definition)
    return shape


def _add(shape: Shape, name: str, field: StrawberryField, definition: GraphQLField) -> None:
    nullable, inner = _unwrapped(definition.type)
    if is_leaf_type(inner):
        leaf = Leaf(field.python_name, _AS_IT_IS.get(inner), inner.coerce_output_value, nullable)
        if field.is_basic_field:
            shape.leaves[name] = leaf
        elif field.base_resolver is not None and field.metadata.get(QUICK):
            shape.quick[name] = Quick(field.base_resolver, leaf)
    elif field.is_basic_field:
        _add_branch(shape, name, field.python_name, definition)


def _add_branch(shape: Shape, name: str, attribute: str, definition: GraphQLField) -> None:
    nullable, inner = _unwrapped(definition.type)
    is_list = is_list_type(inner)
    if is_list:
        item_nullable, inner = _unwrapped(inner.of_type)
        if item_nullable:
            return
    if is_object_type(inner):
        declared = inner.extensions[GraphQLCoreConverter.DEFINITION_BACKREF]
        generic = declared.concrete_of
        classes = (declared.origin, generic.origin) if generic else (declared.origin,)
        shape.branches[name] = Branch(attribute, inner, classes, is_list, nullable)


def _unwrapped(kind: Any) -> tuple[bool, Any]:
    return (False, kind.of_type) if is_non_null_type(kind) else (True, kind)
