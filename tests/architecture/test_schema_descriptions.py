"""Everything in the published schema says what it is for, so that a mobile developer can work from it alone."""

from collections.abc import Iterator

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    is_introspection_type,
    is_specified_scalar_type,
)

from graphql_api.schema import schema


def undescribed(kind: GraphQLNamedType) -> Iterator[str]:
    if not kind.description:
        yield kind.name
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        for name, field in kind.fields.items():
            if not field.description:
                yield f"{kind.name}.{name}"
            yield from (
                f"{kind.name}.{name}({key})" for key, argument in field.args.items() if not argument.description
            )
    elif isinstance(kind, GraphQLInputObjectType):
        yield from (f"{kind.name}.{name}" for name, field in kind.fields.items() if not field.description)
    elif isinstance(kind, GraphQLEnumType):
        yield from (f"{kind.name}.{name}" for name, value in kind.values.items() if not value.description)


def own_types() -> list[GraphQLNamedType]:
    return [
        kind
        for kind in schema().core.type_map.values()
        if not is_introspection_type(kind)
        and not (isinstance(kind, GraphQLScalarType) and is_specified_scalar_type(kind))
    ]


def test_schema_has_a_description_everywhere() -> None:
    missing = [place for kind in own_types() for place in undescribed(kind)]
    assert missing == []


def test_schema_deprecations_have_reason_and_date() -> None:
    for kind in own_types():
        for field in getattr(kind, "fields", {}).values():
            reason = field.deprecation_reason
            assert reason is None or "20" in reason, f"{kind.name}: a deprecation names its date"
