"""Puts the domains' parts together into one schema."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import strawberry
from graphql import (
    GraphQLArgument,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
)
from strawberry.schema.config import StrawberryConfig

from graphql_api.node import NodeLoader, node_queries
from graphql_api.scalars import SCALARS


@dataclass(frozen=True, slots=True)
class Domain:
    """What one domain adds: types whose fields are queries, mutations or subscriptions, and node loaders by type.

    `types` names object types that only an interface leads to.
    """

    queries: tuple[type, ...] = ()
    mutations: tuple[type, ...] = ()
    subscriptions: tuple[type, ...] = ()
    nodes: Mapping[str, NodeLoader] = field(default_factory=dict)
    types: tuple[type, ...] = ()


class Schema(strawberry.Schema):
    """Strawberry's schema, which also shows the graphql-core schema that it made."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        for kind in self.core.type_map.values():
            _drop_null_defaults(kind)

    @property
    def core(self) -> GraphQLSchema:
        """What parse, validation and execution work on."""
        return self._schema


def make_schema(domains: Iterable[Domain]) -> Schema:
    """One schema of all domains. Raises ValueError when two of them declare the same field or node type."""
    domains = tuple(domains)
    loaders: dict[str, NodeLoader] = {}
    for domain in domains:
        if twice := loaders.keys() & domain.nodes.keys():
            raise ValueError(f"two domains load {', '.join(sorted(twice))}")
        loaders |= domain.nodes
    queries = (node_queries(loaders), *(part for domain in domains for part in domain.queries))
    mutations = tuple(part for domain in domains for part in domain.mutations)
    subscriptions = tuple(part for domain in domains for part in domain.subscriptions)
    return Schema(
        query=_root("Query", queries, "What can be read. Lists and fields hold only what the viewer may see."),
        mutation=_root("Mutation", mutations, "What can be done. Each answers with its result or with a problem.")
        if mutations
        else None,
        subscription=_root(
            "Subscription",
            subscriptions,
            "What is told as it happens: over WebSocket at the same address, by the protocol graphql-transport-ws.",
        )
        if subscriptions
        else None,
        types=[kind for domain in domains for kind in domain.types],
        config=StrawberryConfig(scalar_map=SCALARS),
    )


def _root(name: str, parts: tuple[type, ...], description: str) -> type:
    seen: set[str] = set()
    for part in parts:
        names = {field.name for field in part.__strawberry_definition__.fields}  # type: ignore[attr-defined]
        if twice := seen & names:
            raise ValueError(f"two domains declare {', '.join(sorted(twice))}")
        seen |= names
    return strawberry.type(type(name, parts, {}), description=description)


def _drop_null_defaults(kind: GraphQLNamedType) -> None:
    """An optional argument or input field is simply absent: `= null` everywhere would tell a reader nothing."""
    inputs: list[GraphQLArgument | GraphQLInputField] = []
    if isinstance(kind, GraphQLInputObjectType):
        inputs += kind.fields.values()
    elif isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        inputs += (argument for definition in kind.fields.values() for argument in definition.args.values())
    for each in inputs:
        if each.default_value is None:
            each.default_value = Undefined
