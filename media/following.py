"""Looks at uploads once a second for all who follow one: one statement a process, however many they are."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from backend.core.database import Database
from backend.core.ids import Id
from media.movies import progress_store as store
from media.rules import OPEN, WAITING, AssetStatus

log = logging.getLogger(__name__)

SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an upload stands; `status` is None when it is gone."""

    status: AssetStatus | None
    percent: int | None = None

    @property
    def is_last(self) -> bool:
        """Whether nothing more is to be waited for."""
        return self.status is None or self.status not in OPEN | WAITING


class UploadWatch:
    """Tells followers of uploads when there is something new. One a process, made by the composition root.

    `seconds`: the time between two looks.
    """

    def __init__(self, *, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._followers: dict[Id, int] = {}
        self._seen: dict[Id, Standing] = {}
        self._looked = asyncio.Condition()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def follow(self, db: Database, asset_id: Id) -> AsyncGenerator[Standing, None]:
        """What there is to see, at once and then whenever it changed, until it is final.

        It says nothing about who may see it. No connection to the database is held while nothing happens.
        """
        self._followers[asset_id] = self._followers.get(asset_id, 0) + 1
        self._wake.set()
        if self._task is None:
            self._task = asyncio.create_task(self._look_often(db))
        told: Standing | None = None
        try:
            while told is None or not told.is_last:
                told = await self._newer(asset_id, told)
                yield told
        finally:
            await self._leave(asset_id)

    async def _newer(self, asset_id: Id, than: Standing | None) -> Standing:
        """What was seen last, as soon as that is something else."""
        async with self._looked:
            await self._looked.wait_for(lambda: self._seen.get(asset_id, than) != than)
            return self._seen[asset_id]

    async def close(self) -> None:
        """Look at nothing any more."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait({task})

    async def _leave(self, asset_id: Id) -> None:
        self._followers[asset_id] -= 1
        if self._followers[asset_id] == 0:
            del self._followers[asset_id]
            self._seen.pop(asset_id, None)
        if not self._followers:
            await self.close()

    async def _look_often(self, db: Database) -> None:
        while True:
            self._wake.clear()  # before the look: whoever begins to follow during it is looked for at once
            try:
                await self._look(db, list(self._followers))
            except Exception as error:  # the database may be away for a moment; followers wait
                log.warning("uploads_not_seen", extra={"error": type(error).__name__})
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._seconds)

    async def _look(self, db: Database, ids: list[Id]) -> None:
        async with db.reading() as conn:
            found = {one.id: one for one in await store.list_standings(conn, ids)}
        async with self._looked:
            for asset_id in set(ids) & self._followers.keys():
                one = found.get(asset_id)
                self._seen[asset_id] = Standing(None) if one is None else Standing(one.status, one.percent)
            self._looked.notify_all()
