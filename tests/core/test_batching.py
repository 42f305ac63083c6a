"""Group commit: everybody gets their own answer, and many who come at once are written together."""

import asyncio
from collections.abc import Sequence

import pytest

from backend.core.batching import Batches


class Ledger:
    """Writes down batches; `gate` lets one through. An odd item 13 makes its batch fail."""

    def __init__(self) -> None:
        self.written: list[list[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def write(self, items: Sequence[int]) -> list[int]:
        await self.gate.wait()
        if 13 in items:
            raise ValueError("thirteen")
        self.written.append(list(items))
        return [item * 2 for item in items]


async def test_who_comes_while_one_is_written_goes_together() -> None:
    ledger = Ledger()
    batches: Batches[int, int] = Batches(ledger.write, most=3)
    ledger.gate.clear()
    answers = [asyncio.ensure_future(batches.add(number)) for number in range(8)]
    await asyncio.sleep(0)
    ledger.gate.set()
    assert await asyncio.gather(*answers) == [number * 2 for number in range(8)]
    assert [number for batch in ledger.written for number in batch] == list(range(8))
    assert max(map(len, ledger.written)) == 3
    assert await batches.add(50) == 100


async def test_batch_that_fails_harms_no_other() -> None:
    ledger = Ledger()
    batches: Batches[int, int] = Batches(ledger.write, most=2)
    answers = await asyncio.gather(*(batches.add(number) for number in (1, 2, 13, 3, 4)), return_exceptions=True)
    assert [answers[0], answers[1], answers[4]] == [2, 4, 8]
    assert [str(one) for one in answers[2:4]] == ["thirteen", "thirteen"]
    assert await batches.add(5) == 10


async def test_who_goes_away_is_written_all_the_same() -> None:
    ledger = Ledger()
    batches: Batches[int, int] = Batches(ledger.write, most=10)
    ledger.gate.clear()
    gone, there = asyncio.ensure_future(batches.add(1)), asyncio.ensure_future(batches.add(2))
    await asyncio.sleep(0)
    gone.cancel()
    ledger.gate.set()
    assert await there == 4
    assert ledger.written == [[1, 2]]
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_shut_down_leaves_nobody_waiting() -> None:
    ledger = Ledger()
    batches: Batches[int, int] = Batches(ledger.write, most=1)
    ledger.gate.clear()
    answers = [asyncio.ensure_future(batches.add(number)) for number in range(2)]
    for _ in range(3):
        await asyncio.sleep(0)
    for task in asyncio.all_tasks() - {asyncio.current_task(), *answers}:
        task.cancel()
    found = await asyncio.gather(*answers, return_exceptions=True)
    assert isinstance(found[0], ConnectionError)
    assert isinstance(found[1], ConnectionError)
