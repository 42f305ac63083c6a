"""The class competition at the size of a country: the lot, dealing, standings. Runs in a process of its own."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import asyncpg
import psutil  # type: ignore[import-untyped]

from backend.core.clock import time_shifted
from backend.core.database import Database
from backend.core.ids import Id
from backend.core.viewer import Grant, Role, ScopeKind, Viewer
from backend.rounds import drawing, standings
from backend.rounds.dealing import Dealing
from backend.rounds.standings import live_standings
from backend.rounds.store.participation import Wanted, find_participation
from backend.rounds.store.rounds import get_round

CLASSES, ENTRIES, MARKS, VOTERS = 2_000, 60_000, 300_000, 10_000
ONE_BY_ONE = 500  # voters dealt to in a transaction each, and classes read by a query each
_ROWS = (Path(__file__).parent / "rounds.sql").read_text("utf-8")
_HANDS = """
insert into hand (id, round_id, voter_id, numbers, marked, dealt_at, marked_at)
select gen_random_uuid(), q.id, gen_random_uuid(), d.numbers, d.numbers[1:3], now(), now()
  from round q, generate_series(1, $1::int) n,
       lateral (select array(
         select ((n * 6 + k)::bigint * 7919 % $2::int)::int from generate_series(0, 5) k) as numbers) d
"""
_SCORES = """
update jury_duty set state = 'SCORED', score = 1 + (hashtext(id::text) & 3), decided_at = now(),
       revision_id = gen_random_uuid()
"""


@dataclass(frozen=True, slots=True)
class RoundFigures:
    """Seconds of each measure, and megabytes that the process grew by."""

    lot: float
    dealing: float
    dealing_one_by_one: float  # of as many voters, from ONE_BY_ONE of them
    dealt: tuple[int, int]  # least and most cards of a class
    live: float
    live_one_by_one: float  # of as many classes, from ONE_BY_ONE of them
    result: float
    ranked: int
    megabytes: float


def measure_rounds(database_url: str) -> RoundFigures:
    """Fill an empty, migrated database with a round that is being judged, and measure it to its result."""
    return asyncio.run(_measure(database_url))


async def _measure(database_url: str) -> RoundFigures:
    await _fill(database_url)
    db = await Database.open(database_url, size=10)
    try:
        async with db.reading() as conn:
            round_id = await conn.fetch_value("select id from round")
            rows = await conn.fetch("select account_id from seat order by account_id limit $1", VOTERS + ONE_BY_ONE)
        voters = [Viewer(row["account_id"]) for row in rows]
        process = psutil.Process()
        before = process.memory_info().rss
        lot = await _seconds(lambda: drawing.draw_if_due(db, round_id))
        one_by_one = await _deal(db, Dealing(most=1), voters[:ONE_BY_ONE], round_id)
        dealing = await _deal(db, Dealing(), voters[ONE_BY_ONE:], round_id)
        async with db.transaction() as tx:
            dealt = await tx.fetch_value("select dealt from voice_deck")
            await tx.execute("delete from hand")
            await tx.execute(_HANDS, MARKS // 3, ENTRIES)
            await tx.execute(_SCORES)
        live, live_one_by_one = await _live(db, round_id)
        result, ranked = await _result(db, round_id)
        grown = (process.memory_info().rss - before) / 2**20
    finally:
        await db.close()
    return RoundFigures(
        lot, dealing, one_by_one * VOTERS / ONE_BY_ONE, (min(dealt), max(dealt)), live, live_one_by_one, result,
        ranked, grown,
    )  # fmt: skip


async def _fill(database_url: str) -> None:
    conn = await asyncpg.connect(database_url)
    try:
        async with conn.transaction():
            await conn.execute(_ROWS)
        await conn.execute("vacuum analyze")
    finally:
        await conn.close()


async def _deal(db: Database, dealing: Dealing, voters: list[Viewer], round_id: Id) -> float:
    async def all_at_once() -> None:
        await asyncio.gather(*(dealing.deal(db, one, round_id) for one in voters))

    return await _seconds(all_at_once)


async def _live(db: Database, round_id: Id) -> tuple[float, float]:
    """The counts that everybody sees while the round runs: for all classes at once, and with a query a class."""
    async with db.snapshot() as conn:
        row = await get_round(conn, round_id)
        assert row is not None
        now = await conn.now()
        times = [await _seconds(lambda: live_standings(conn, row, now)) for _ in range(3)]
        classes = [one["id"] for one in await conn.fetch("select id from school_class limit $1", ONE_BY_ONE)]

        async def each() -> None:
            for class_id in classes:
                await find_participation(conn, [Wanted(row.id, class_id, row.freezes_at)])

        return statistics.median(times), await _seconds(each) * CLASSES / ONE_BY_ONE


async def _result(db: Database, round_id: Id) -> tuple[float, int]:
    """The provisional result: 2,000 classes, their entries, scores and marks."""
    async with db.reading() as conn:
        editor = await conn.fetch_value("select account_id from role_grant limit 1")
    viewer = replace(Viewer(editor), grants=(Grant(Role.SECRETARIAT, ScopeKind.NETWORK, None),))
    with time_shifted(timedelta(days=2)):
        times = [await _seconds(lambda: standings.provisional_result(db, viewer, round_id)) for _ in range(3)]
        found = await standings.provisional_result(db, viewer, round_id)
    assert len(found.lines) == CLASSES
    return statistics.median(times), sum(line.rank is not None for line in found.lines)


async def _seconds(work: Callable[[], Awaitable[object]]) -> float:
    started = time.perf_counter()
    await work()
    return time.perf_counter() - started
