"""What a resolver gets besides its arguments: one object for each operation, never shared between two."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar, cast

import strawberry

from backend.core.database import Database
from backend.core.viewer import Viewer
from backend.settings import Settings
from graphql_api.services import Services

L = TypeVar("L")


@dataclass(slots=True)
class Context:
    """The viewer, the database, the settings, the set-up services and the language of one operation.

    `is_overload` knows the database driver's ways of saying "try again": lock waits, deadlocks, cancelled statements.
    `cookies_to_set` are Set-Cookie values that go out with the answer.
    """

    viewer: Viewer
    db: Database
    settings: Settings
    services: Services
    locale: str
    request_id: str
    is_overload: Callable[[BaseException], bool]
    cookies_to_set: list[str] = field(default_factory=list)
    loaders: dict[Hashable, Any] = field(default_factory=dict)

    def loader(self, key: Hashable, make: Callable[[], L]) -> L:
        """The operation's own DataLoader (or cache) under `key`, made at the first use."""
        if key not in self.loaders:
            self.loaders[key] = make()
        return cast("L", self.loaders[key])


Info: TypeAlias = strawberry.Info[Context, None]
