"""What all parts of the demo share: the database, the services, the material, and when things happen."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from backend.core.clock import process_now, time_shifted
from backend.core.database import Database
from backend.core.viewer import Viewer
from backend.demo.reading import Material, read_material
from backend.places.viewing import load_viewer
from graphql_api.services import Services

# One for everybody who came by their own door: the demo is for trying things out.
PASSPHRASE = "min-stemme-er-min"  # noqa: S105 - refused in production
ADDRESS = "127.0.0.1"
_AT_ONCE = 4

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Stage:
    """Handed to everybody who plays a part. `chance` is the same in every run."""

    db: Database
    services: Services
    material: Material = field(default_factory=read_material)
    chance: random.Random = field(default_factory=lambda: random.Random("stemme"))  # noqa: S311 - no secret
    year: int = field(default_factory=lambda: process_now().year)

    async def viewer(self, token: str) -> Viewer:
        """Who a session belongs to, with roles and seats as they are at this moment."""
        seal = self.services.accounts.reset_seal
        return await load_viewer(
            self.db, token, address=ADDRESS, request_id="demo", accept_language=None, reset_seal=seal
        )


@contextmanager
def ago(*, days: float = 0, hours: float = 0) -> Iterator[None]:
    """Everything in it happens that long before now. Never one inside another."""
    with time_shifted(-timedelta(days=days, hours=hours)):
        yield


async def for_each(items: Iterable[T], do: Callable[[T], Awaitable[R]], *, at_once: int = _AT_ONCE) -> list[R]:
    """Do something for each item, a few at once; the results in the items' order."""
    free = asyncio.Semaphore(at_once)

    async def one(item: T) -> R:
        async with free:
            return await do(item)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(item)) for item in items]
    return [task.result() for task in tasks]
