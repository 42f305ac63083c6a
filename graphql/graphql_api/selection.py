"""Which fields a document asks for below a resolver, so that a list fetches only what is read."""

from collections.abc import Iterable
from typing import Any

from graphql_api.context import Info


def selects(info: Info, *path: str) -> bool:
    """Whether the field at `path` (camelCase names below this resolver) is asked for; fragments are looked into."""
    found: list[Any] = list(info.selected_fields)
    for name in path:
        found = [one for field in found for one in _named(field.selections, name)]
    return bool(found)


def _named(selections: Iterable[Any], name: str) -> Iterable[Any]:
    for one in selections:
        if hasattr(one, "type_condition") or not hasattr(one, "arguments"):
            yield from _named(one.selections, name)
        elif one.name == name:
            yield one
