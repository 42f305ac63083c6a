"""Which fields of a type are plain, so that they can be read without a resolver's ceremony: worked out once a type."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
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

_AS_IT_IS: dict[object, type] = {GraphQLString: str, GraphQLID: str, GraphQLBoolean: bool, GraphQLInt: int}


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf field without a resolver: where its value is, and how it is written unless it is of type `as_it_is`."""

    name: str
    as_it_is: type | None
    write: Callable[[Any], Any]
    nullable: bool

    def written(self, value: object) -> object:
        """The value as it stands in the answer. Raises whatever when it is not what the field declares."""
        if value is None and self.nullable:
            return None
        if isinstance(value, Exception):
            raise value
        written = self.write(value)
        if written is None:
            raise TypeError(self.name)
        return written


@dataclass(frozen=True, slots=True)
class Quick:
    """A leaf field with a quick resolver (see `fields.resolver`), asked for without arguments."""

    resolve: Callable[..., Any]
    leaf: Leaf


@dataclass(frozen=True, slots=True)
class Branch:
    """A field without a resolver that holds an object of one type, or a list of such."""

    name: str
    kind: GraphQLObjectType
    classes: tuple[type, ...]
    is_list: bool
    nullable: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """The plain fields of an object type, by name."""

    leaves: dict[str, Leaf]
    quick: dict[str, Quick]
    branches: dict[str, Branch]


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
        write = inner.coerce_output_value
        leaf = Leaf(field.python_name, str if write is str else _AS_IT_IS.get(inner), write, nullable)
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
