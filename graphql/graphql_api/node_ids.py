"""Global ids: opaque to clients, `Type:uuid` inside, so that an id of one kind is never taken for another."""

import base64
import binascii
from uuid import UUID

import strawberry

from backend.core.errors import NotFound
from backend.core.ids import Id


def global_id(type_name: str, object_id: Id) -> strawberry.ID:
    """The id that clients see."""
    return strawberry.ID(base64.urlsafe_b64encode(f"{type_name}:{object_id.hex}".encode()).decode().rstrip("="))


def split_id(text: str) -> tuple[str, Id] | None:
    """The type name and row id inside a global id, None when it is not one of ours."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
        type_name, _, row = raw.partition(":")
        object_id = UUID(hex=row)
    except (binascii.Error, ValueError):
        return None
    # Only the one spelling that we give out: two texts must never mean one id.
    return (type_name, object_id) if global_id(type_name, object_id) == text else None


def parse_id(text: str, expected: str, *, path: tuple[str, ...] = ("id",)) -> Id:
    """The row id in a global id of type `expected`. Raises NotFound for another type and for garbage."""
    parts = split_id(text)
    if parts is None or parts[0] != expected:
        raise NotFound(path=path, kind=expected)
    return parts[1]


def parse_ids(texts: list[strawberry.ID], expected: str, *, path: tuple[str, ...]) -> list[Id]:
    """The row ids of a list of global ids, in order. Raises NotFound at the first that is not of type `expected`."""
    return [parse_id(text, expected, path=path) for text in texts]
