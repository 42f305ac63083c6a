"""Looks at a round every few seconds for all who follow it: one look a round and process, however many they are."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from backend.core.database import Database
from backend.core.ids import Id
from backend.rounds.rules import RESULT_STATES, RoundState
from backend.rounds.standings import SECONDS_KEPT, LiveStanding, LiveStandings
from backend.rounds.store import rounds as store
from backend.rounds.store.rounds import Round

log = logging.getLogger(__name__)

_LAST_STATES = RESULT_STATES | {RoundState.VOID}


@dataclass(frozen=True, slots=True)
class Seen:
    """What everybody may see of a round at one moment; `row` and `state` are None when it is gone."""

    row: Round | None
    state: RoundState | None
    standings: tuple[LiveStanding, ...]

    @property
    def is_last(self) -> bool:
        """Whether nothing will change any more."""
        return self.state is None or self.state in _LAST_STATES


class _Look:
    """One round that is looked at, and how many follow it. Whoever is slow gets what was seen last, never a queue."""

    def __init__(self) -> None:
        self.followers = 0
        self.task: asyncio.Task[None] | None = None
        self._seen: Seen | None = None
        self._changed = asyncio.Event()

    def show(self, seen: Seen) -> None:
        """Wake everybody, if it is something new."""
        if seen == self._seen:
            return
        changed, self._seen, self._changed = self._changed, seen, asyncio.Event()
        changed.set()

    async def newer(self, than: Seen | None) -> Seen:
        """What was seen last, as soon as that is something else."""
        while self._seen is None or self._seen is than:
            await self._changed.wait()
        return self._seen


class RoundWatch:
    """Tells followers of rounds when there is something new. One a process, made by the composition root.

    `seconds`: the time between two looks at a round.
    """

    def __init__(self, live: LiveStandings, *, seconds: float = SECONDS_KEPT) -> None:
        self._live = live
        self._seconds = seconds
        self._looks: dict[Id, _Look] = {}

    async def follow(self, db: Database, round_id: Id) -> AsyncGenerator[Seen, None]:
        """What there is to see, at once and then whenever it changed, until it changes no more.

        It says nothing about who may see the round. No connection to the database is held while nothing happens.
        """
        look = self._looks.get(round_id) or self._begin(db, round_id)
        look.followers += 1
        seen: Seen | None = None
        try:
            while seen is None or not seen.is_last:
                seen = await look.newer(seen)
                yield seen
        finally:
            look.followers -= 1
            if look.followers == 0:
                await self._end(round_id, look)

    @property
    def watched(self) -> int:
        """How many rounds are looked at."""
        return len(self._looks)

    async def close(self) -> None:
        """Look at nothing any more."""
        for round_id, look in list(self._looks.items()):
            await self._end(round_id, look)

    def _begin(self, db: Database, round_id: Id) -> _Look:
        look = self._looks[round_id] = _Look()
        look.task = asyncio.create_task(self._look_often(db, round_id, look))
        return look

    async def _end(self, round_id: Id, look: _Look) -> None:
        if self._looks.get(round_id) is look:
            del self._looks[round_id]
        if look.task is not None:
            look.task.cancel()
            await asyncio.wait({look.task})

    async def _look_often(self, db: Database, round_id: Id, look: _Look) -> None:
        while True:
            try:
                seen = await self._see(db, round_id)
            except Exception as error:  # the database may be away for a moment; followers wait
                log.warning("round_not_seen", extra={"error": type(error).__name__})
            else:
                look.show(seen)
                if seen.is_last:
                    return
            await asyncio.sleep(self._seconds)

    async def _see(self, db: Database, round_id: Id) -> Seen:
        async with db.reading() as conn:
            row = await store.get_round(conn, round_id)
            now = await conn.now()
        if row is None:
            return Seen(None, None, ())
        return Seen(row, row.state(now), tuple(await self._live.of(db, row)))
