"""From the text of a document to something that can run: parsed, validated, limited, and kept for the next time."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    OperationDefinitionNode,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from graphql_api.composition import Schema
from graphql_api.limits import CostPlan, Limits, plan_cost, refusal, repeat_refusals, static_refusals
from graphql_api.readers import Readers

_RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)
# A syntax tree takes some 500 bytes a character of dense text: what is kept is bounded by its text.
_KEPT_CHARACTERS = 64 * 1024
_LONGEST_KEPT = 8 * 1024
_MAX_VALIDATION_ERRORS = 10
_MOST_SWITCHED = 16


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a document: what kind it is and what it may cost."""

    node: OperationDefinitionNode
    cost: CostPlan


@dataclass(frozen=True, slots=True)
class Prepared:
    """A valid document within the static limits."""

    document: DocumentNode
    operations: dict[str | None, Operation]
    introspects: bool
    switched: dict[tuple[tuple[str, bool], ...], Readers] = field(default_factory=dict)

    def readers(self, variables: Mapping[str, Any]) -> Readers:
        """What executions have compiled for these variables: switches can `@skip` or `@include` a part of it."""
        switches = tuple((name, value) for name, value in variables.items() if isinstance(value, bool))
        if switches not in self.switched and len(self.switched) >= _MOST_SWITCHED:
            self.switched.clear()
        return self.switched.setdefault(switches, {})

    def operation(self, name: str | None) -> Operation:
        """The operation to run. Raises GraphQLError when the name is missing or unknown."""
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        if name is None:
            raise GraphQLError("The document has several operations: operationName must name one.")
        if name not in self.operations:
            raise GraphQLError("The document has no operation of that name.")
        return self.operations[name]


class Refused(Exception):
    """A document that will not run, with all the reasons."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__("document refused")
        self.errors = errors


class Documents:
    """Prepares documents against one schema and keeps the recent ones."""

    def __init__(self, schema: Schema, limits: Limits) -> None:
        self._schema = schema
        self._limits = limits
        self._kept: OrderedDict[str, Prepared] = OrderedDict()
        self._characters = 0

    def prepare(self, text: str) -> Prepared:
        """The document, ready to run. Raises Refused when it does not parse, is not valid or exceeds a limit."""
        kept = self._kept.get(text)
        if kept is not None:
            self._kept.move_to_end(text)
            return kept
        try:
            prepared = self._prepare(text)
        except RecursionError:
            raise Refused([GraphQLError("The document is nested too deeply to be read.")]) from None
        if len(text) <= _LONGEST_KEPT:
            self._keep(text, prepared)
        return prepared

    def _keep(self, text: str, prepared: Prepared) -> None:
        self._kept[text] = prepared
        self._characters += len(text)
        while self._characters > _KEPT_CHARACTERS:
            oldest, _ = self._kept.popitem(last=False)
            self._characters -= len(oldest)

    def _prepare(self, text: str) -> Prepared:
        document = self._parse(text)
        if errors := list(repeat_refusals(document, self._limits)):
            raise Refused(errors)
        if errors := validate(self._schema.core, document, _RULES, max_errors=_MAX_VALIDATION_ERRORS):
            raise Refused(errors)
        if errors := list(static_refusals(document, self._limits)):
            raise Refused(errors)
        operations = {
            node.name.value if node.name else None: Operation(node, plan_cost(self._schema.core, document, node))
            for node in document.definitions
            if isinstance(node, OperationDefinitionNode)
        }
        if not operations:
            raise Refused([GraphQLError("The document has no operation.")])
        return Prepared(document, operations, _introspects(document))

    def _parse(self, text: str) -> DocumentNode:
        try:
            return parse(text, max_tokens=self._limits.tokens)
        except GraphQLError as error:
            if "tokens" in error.message and "aborted" in error.message:
                raise Refused([refusal("tokens", self._limits.tokens, self._limits.tokens + 1)]) from None
            raise Refused([error]) from None


def _introspects(document: DocumentNode) -> bool:
    """Whether the document asks for the schema. `__typename` is no introspection."""
    pending: list[Any] = list(document.definitions)
    while pending:
        node = pending.pop()
        if isinstance(node, FieldNode) and node.name.value in {"__schema", "__type"}:
            return True
        below = getattr(node, "selection_set", None)
        if below is not None:
            pending += below.selections
    return False
