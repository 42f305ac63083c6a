"""Transactions: all or nothing, savepoints, after-commit, and connections that come back clean."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import asyncpg
import pytest

from backend.core import audit, jobs, ratelimit, repeats
from backend.core.clock import time_shifted
from backend.core.database import Database
from backend.core.errors import RateLimited, ValidationFailed
from backend.core.ids import new_id
from backend.core.ratelimit import Limit
from backend.core.viewer import Viewer

SECRET = b"x" * 32


async def _count(db: Database) -> int:
    async with db.reading() as conn:
        count: int = await conn.fetch_value("select count(*) from job_receipt")
        return count


async def test_transaction_that_raises_leaves_nothing(db: Database) -> None:
    ran: list[str] = []

    async def after() -> None:
        ran.append("after")

    with suppress(LookupError):
        async with db.transaction() as tx:
            assert await jobs.once(tx, "a")
            tx.after_commit(after)
            raise LookupError
    assert await _count(db) == 0
    assert ran == []


async def test_savepoint_that_fails_undoes_itself_alone(db: Database) -> None:
    ran: list[str] = []

    async def after() -> None:
        ran.append("after")

    async with db.transaction() as tx:
        await jobs.once(tx, "outer")
        with suppress(LookupError):
            async with tx.savepoint():
                await jobs.once(tx, "inner")
                tx.after_commit(after)
                raise LookupError
    assert await _count(db) == 1
    assert ran == []


async def test_after_commit_sees_what_was_written_and_its_failure_harms_nobody(db: Database) -> None:
    seen: list[int] = []

    async def fail() -> None:
        raise RuntimeError

    async def look() -> None:
        seen.append(await _count(db))

    async with db.transaction() as tx:
        await jobs.once(tx, "a")
        tx.after_commit(fail)
        tx.after_commit(look)
    assert seen == [1]


async def test_cancelled_transaction_gives_a_clean_connection_back(database_url: str) -> None:
    single = await Database.open(database_url, size=1)
    started = asyncio.Event()

    async def hang() -> None:
        async with single.transaction() as tx:
            await jobs.once(tx, "a")
            started.set()
            await tx.fetch_value("select pg_sleep(10)")

    task = asyncio.create_task(hang())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await _count(single) == 0
    async with single.reading() as conn:
        # Of this database: the view shows the whole server, where other tests run at the same time.
        here = "(select oid from pg_database where datname = current_database())"
        held = f"select count(*) from pg_locks where locktype = 'advisory' and database = {here}"
        assert await conn.fetch_value(held) == 0
    await single.close()


async def test_commit_that_fails_gives_its_connection_back(database_url: str) -> None:
    single = await Database.open(database_url, size=1)
    async with single.transaction() as tx:
        await tx.execute("create table late (n int unique deferrable initially deferred)")
    ran: list[str] = []

    async def after() -> None:
        ran.append("after")

    async def write() -> None:
        async with single.transaction() as tx:
            tx.after_commit(after)
            await tx.execute("insert into late values (1), (1)")  # noticed by the commit only

    for _ in range(3):
        with pytest.raises(asyncpg.UniqueViolationError):
            await write()
    async with single.reading() as conn:
        assert await conn.fetch_value("select count(*) from late") == 0
    assert ran == []
    await single.close()


async def test_now_is_one_moment_and_follows_the_test_clock(db: Database) -> None:
    async with db.transaction() as tx:
        now = await tx.now()
        await asyncio.sleep(0.01)
        assert await tx.now() == now
    with time_shifted(timedelta(days=3)):
        async with db.transaction() as tx:
            assert await tx.now() - now > timedelta(days=2, hours=23)


async def test_repeat_while_the_first_still_runs_waits_and_gives_the_first_result(db: Database) -> None:
    viewer = Viewer(account_id=new_id())
    entered, go_on = asyncio.Event(), asyncio.Event()
    first_id, second_id = new_id(), new_id()

    async def first() -> None:
        async with db.transaction() as tx:
            assert await repeats.first_result(tx, viewer, "make", "same-key-1", first_id) is None
            entered.set()
            await go_on.wait()

    async def second() -> object:
        await entered.wait()
        async with db.transaction() as tx:
            return await repeats.first_result(tx, viewer, "make", "same-key-1", second_id)

    tasks = [asyncio.create_task(first()), asyncio.create_task(second())]
    await entered.wait()
    await asyncio.sleep(0.05)
    go_on.set()
    await tasks[0]
    assert await tasks[1] == first_id
    async with db.transaction() as tx:
        other = Viewer(account_id=new_id())
        assert await repeats.first_result(tx, other, "make", "same-key-1", second_id) is None
        with pytest.raises(ValidationFailed, match="client_key_reused"):
            await repeats.first_result(tx, viewer, "break", "same-key-1", second_id)


async def test_limit_refuses_after_the_burst_and_refills(db: Database) -> None:
    limit = Limit("try", burst=3, per_seconds=60)
    results = await asyncio.gather(
        *(ratelimit.take(db, limit, "somebody", secret=SECRET) for _ in range(8)), return_exceptions=True
    )
    refused = [one for one in results if isinstance(one, RateLimited)]
    assert len(refused) == 5
    assert all(1 <= one.retry_after_seconds <= 20 for one in refused)
    await ratelimit.take(db, limit, "somebody else", secret=SECRET)
    with time_shifted(timedelta(seconds=21)):
        await ratelimit.take(db, limit, "somebody", secret=SECRET)


async def _seal_all(db: Database, count: int, *, limit: int = 1000) -> list[int]:
    """Seal until `count` entries are sealed: transactions of other tests on the same server may hold it up."""
    done: list[int] = []
    async with asyncio.timeout(20):
        while sum(done) < count:
            done += [links] if (links := await audit.seal(db, limit=limit)) else []
            await asyncio.sleep(0.01)
    return done


async def test_audit_chain_holds_and_names_the_first_broken_link(db: Database) -> None:
    account = new_id()
    for number in range(5):
        async with db.transaction() as tx:
            await audit.record(tx, account, "test:thing:made", ("thing", new_id()), number=number)
    assert max(await _seal_all(db, 5, limit=3)) <= 3
    assert await audit.seal(db) == 0
    assert await audit.verify(db) is None
    async with db.transaction() as tx:
        await audit.forget(tx, account)
    assert await audit.verify(db) is None
    async with db.transaction() as tx:
        await tx.execute("alter table audit_entry disable trigger all")
        await tx.execute(
            "update audit_entry set action = 'x' where id = (select entry_id from audit_link where number = 4)"
        )
    broken = await audit.verify(db)
    assert broken is not None
    assert (broken.number, broken.reason) == (4, "entry_changed")


@pytest.mark.parametrize("table", ["audit_entry", "audit_link"])
@pytest.mark.parametrize("statement", ["update {} set id = id", "delete from {}", "truncate {}"])
async def test_audit_refuses_change(db: Database, table: str, statement: str) -> None:
    async with db.transaction() as tx:
        await audit.record(tx, None, "test:thing:made", ("thing", new_id()))
    await _seal_all(db, 1)
    statement = statement.replace("id = id", "entry_id = entry_id") if table == "audit_link" else statement
    with pytest.raises(Exception, match="audit"):
        async with db.transaction() as tx:
            await tx.execute(statement.format(table))


async def test_sealer_waits_for_transactions_in_flight(db: Database) -> None:
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with db.transaction() as tx:
            await audit.record(tx, None, "test:thing:slow", ("thing", None))
            entered.set()
            await go_on.wait()

    task = asyncio.create_task(slow())
    await entered.wait()
    async with db.transaction() as tx:
        await audit.record(tx, None, "test:thing:fast", ("thing", None))
    assert await audit.seal(db) == 0  # the slow one began earlier and may still commit
    go_on.set()
    await task
    await _seal_all(db, 2)
    assert await audit.verify(db) is None
