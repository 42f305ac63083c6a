"""The key that makes sending a mutation again safe: the same field and the same words in every input that has it."""

from typing import Any, TypeAlias

import strawberry

ClientKey: TypeAlias = str | None

_SIGNED_IN = (
    "Makes sending this again safe: 8 to 200 characters that the app makes up for this one action. "
    "The same key within 24 hours gives the first result and does nothing twice."
)


def client_key(*, for_anybody: bool = False) -> Any:
    """The field `client_mutation_key: ClientKey`; `for_anybody` where it is also taken without a session."""
    more = " Without a session at least 22 random characters." if for_anybody else ""
    return strawberry.field(default=None, description=_SIGNED_IN + more)
