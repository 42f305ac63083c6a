"""Group commit: what comes in while a batch is written waits, and is written together as the next one."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Batches(Generic[Item, Answer]):
    """Writes items in batches, one batch at a time, so that many at once cost few transactions.

    `write` gets at most `most` items and gives an answer for each, in order; what it raises, all of the batch get.
    """

    def __init__(self, write: Callable[[Sequence[Item]], Awaitable[Sequence[Answer]]], *, most: int) -> None:
        self._write = write
        self._most = most
        self._waiting: deque[tuple[Item, asyncio.Future[Answer]]] = deque()
        self._writer: asyncio.Task[None] | None = None

    async def add(self, item: Item) -> Answer:
        """The answer for this item, once its batch is written. Whoever goes away meanwhile is written all the same."""
        answer = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write_all())
        found: Answer = await answer
        return found

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                await self._write_one([self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))])
        finally:
            self._writer = None
            _tell_all(self._waiting, ConnectionError("the server is shutting down"))  # none is left otherwise
            self._waiting.clear()

    async def _write_one(self, batch: Sequence[tuple[Item, asyncio.Future[Answer]]]) -> None:
        try:
            answers = await self._write([item for item, _ in batch])
        except asyncio.CancelledError:
            _tell_all(batch, ConnectionError("the server is shutting down"))
            raise
        except Exception as error:
            _tell_all(batch, error)
        else:
            for (_, answer), given in zip(batch, answers, strict=True):
                if not answer.done():
                    answer.set_result(given)


def _tell_all(waiting: Iterable[tuple[Item, asyncio.Future[Answer]]], error: Exception) -> None:
    for _, answer in waiting:
        if not answer.done():
            answer.set_exception(error)
