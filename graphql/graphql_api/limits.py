"""What a document may ask for: depth, aliases, and how many objects its answer could hold, by page sizes.

Depth and aliases are properties of the document; the size follows from `first` and `last`, which may be variables. It
is compiled once per document into a small tree of multiplications and evaluated for each request.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_interface_type,
    is_object_type,
)

from backend.core.paging import MAX_PAGE
from graphql_api.node import MAX_NODES
from graphql_api.paging import DEFAULT_PAGE

# Parts of a connection: the connection field itself has counted its items already.
_FREE = frozenset({"edges", "node", "pageInfo"})

Variables: TypeAlias = Mapping[str, Any]
Size: TypeAlias = Callable[[Variables], int]


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that a document may ask for."""

    depth: int = 12
    aliases: int = 30
    tokens: int = 2_000
    cost: int = 5_000
    errors: int = 20
    repeats: int = 20


@dataclass(frozen=True, slots=True)
class Part:
    """A field, fragment or operation: how often it occurs under its parent, what it weighs, what lies below it."""

    size: Size
    weight: int
    children: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CostPlan:
    """Parts, each after the ones below it, so that shared fragments are counted once and added as often as used."""

    parts: tuple[Part, ...]

    def cost(self, variables: Variables) -> int:
        """The number of objects that the answer could hold; `variables` are coerced, defaults are in."""
        costs: list[int] = []
        for part in self.parts:
            below = part.weight
            for child in part.children:
                below += costs[child]
            costs.append(part.size(variables) * below)
        return costs[-1]


def refusal(limit: str, allowed: int, found: int) -> GraphQLError:
    """The error that names the limit, its number and what the document has."""
    return GraphQLError(
        f"The document exceeds the limit of {allowed} for {limit}: it has {found}.",
        extensions={"code": "LIMIT_EXCEEDED", "limit": limit, "allowed": allowed, "found": found},
    )


def static_refusals(document: DocumentNode, limits: Limits) -> Iterator[GraphQLError]:
    """The limits that a valid document breaks whatever its variables are."""
    aliases = sum(_aliases(definition) for definition in document.definitions)
    if aliases > limits.aliases:
        yield refusal("aliases", limits.aliases, aliases)
    fragments = fragments_of(document)
    known: dict[str, int] = {}
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            depth = _depth(definition.selection_set, fragments, known)
            if depth > limits.depth:
                yield refusal("depth", limits.depth, depth)


def repeat_refusals(document: DocumentNode, limits: Limits) -> Iterator[GraphQLError]:
    """The same field over and over in one selection: validation compares them pair by pair, so this comes before it."""
    pending: list[Any] = list(document.definitions)
    while pending:
        below = getattr(pending.pop(), "selection_set", None)
        if below is None:
            continue
        pending += below.selections
        names = Counter((node.alias or node.name).value for node in below.selections if isinstance(node, FieldNode))
        most = max(names.values(), default=0)
        if most > limits.repeats:
            yield refusal("repetitions of a field", limits.repeats, most)
            return


def fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """The document's fragments by name."""
    return {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}


def _aliases(node: Any) -> int:
    """Aliases in a definition or selection."""
    own = 1 if isinstance(node, FieldNode) and node.alias else 0
    below = getattr(node, "selection_set", None)
    return own + (sum(_aliases(selection) for selection in below.selections) if below else 0)


def _depth(
    selection_set: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode], known: dict[str, int]
) -> int:
    """Levels of fields. Introspection is not counted: it has a permission and a depth rule of its own."""
    deepest = 0
    for selection in selection_set.selections:
        if isinstance(selection, FragmentSpreadNode):
            name = selection.name.value
            if name not in known:
                known[name] = _depth(fragments[name].selection_set, fragments, known)
            deepest = max(deepest, known[name])
        elif isinstance(selection, FieldNode):
            if not selection.name.value.startswith("__"):
                below = selection.selection_set
                deepest = max(deepest, 1 + (_depth(below, fragments, known) if below else 0))
        elif isinstance(selection, InlineFragmentNode):
            deepest = max(deepest, _depth(selection.selection_set, fragments, known))
    return deepest


def plan_cost(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> CostPlan:
    """Compile one operation of a valid document."""
    planner = _Planner(schema, fragments_of(document))
    children = planner.parts_below(operation.selection_set, schema.get_root_type(operation.operation))
    planner.add(_once, 0, children)
    return CostPlan(tuple(planner.parts))


class _Planner:
    """Walks the selections depth first; each fragment is compiled once and then referred to."""

    def __init__(self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self.parts: list[Part] = []
        self._schema = schema
        self._fragments = fragments
        self._compiled: dict[str, int] = {}

    def add(self, size: Size, weight: int, children: list[int]) -> int:
        """Append a part, return its place."""
        self.parts.append(Part(size, weight, tuple(children)))
        return len(self.parts) - 1

    def parts_below(self, selection_set: SelectionSetNode, parent: Any) -> list[int]:
        """The places of what is selected from `parent`; the same fragment counts once in one selection."""
        places: list[int] = []
        for selection in selection_set.selections:
            if isinstance(selection, FragmentSpreadNode):
                place = self._fragment(selection.name.value)
                if place not in places:
                    places.append(place)
            elif isinstance(selection, FieldNode):
                places += self._field(selection, parent)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                inner = self._schema.get_type(condition.name.value) if condition else parent
                places += self.parts_below(selection.selection_set, inner)
        return places

    def _fragment(self, name: str) -> int:
        if name not in self._compiled:
            node = self._fragments[name]
            kind = self._schema.get_type(node.type_condition.name.value)
            self._compiled[name] = self.add(_once, 0, self.parts_below(node.selection_set, kind))
        return self._compiled[name]

    def _field(self, node: FieldNode, parent: Any) -> list[int]:
        known = is_object_type(parent) or is_interface_type(parent)
        definition = parent.fields.get(node.name.value) if known else None
        if definition is None or node.selection_set is None:
            return []  # a leaf, or introspection
        children = self.parts_below(node.selection_set, get_named_type(definition.type))
        return children if node.name.value in _FREE else [self.add(_size(node, definition), 1, children)]


def _once(_variables: Variables) -> int:
    return 1


def _size(node: FieldNode, definition: GraphQLField) -> Size:
    values = {argument.name.value: argument.value for argument in node.arguments or ()}
    if "first" in definition.args:
        first, last = values.get("first"), values.get("last")
        return lambda variables: _page(_value(last, variables), _value(first, variables))
    if "ids" in definition.args:
        ids = values.get("ids")
        return lambda variables: max(1, min(MAX_NODES, _length(ids, variables)))
    return _once


def _page(last: object, first: object) -> int:
    chosen = last if isinstance(last, int) else first if isinstance(first, int) else DEFAULT_PAGE
    return max(1, min(MAX_PAGE, chosen))  # what is out of bounds is refused by the field itself


def _value(node: ValueNode | None, variables: Variables) -> object:
    if isinstance(node, VariableNode):
        return variables.get(node.name.value)
    return int(node.value) if isinstance(node, IntValueNode) else None


def _length(node: ValueNode | None, variables: Variables) -> int:
    if isinstance(node, VariableNode):
        value = variables.get(node.name.value)
        return len(value) if isinstance(value, list) else 1
    return len(node.values) if isinstance(node, ListValueNode) else 1
