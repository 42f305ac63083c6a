"""Shows an enum of the domain in the schema as it is, with a description for each value."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition

E = TypeVar("E", bound=Enum)


def describe_enum(kind: type[E], description: str, values: Mapping[E, str], *, name: str | None = None) -> None:
    """Make the enum usable in annotations of the schema, as `name` if its own is too general there.

    Raises ValueError when a value has no description.
    """
    if missing := [member.name for member in kind if member not in values]:
        raise ValueError(f"{kind.__name__} values without a description: {', '.join(missing)}")
    strawberry.enum(kind, description=description, name=name)
    definition: StrawberryEnumDefinition = kind.__strawberry_definition__  # type: ignore[attr-defined]
    for value, member in zip(definition.values, kind, strict=True):
        value.description = values[member]
