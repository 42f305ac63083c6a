"""The published head of the audit chain: the same all day, part of the chain tomorrow, and a witness of a rewrite."""

import asyncio
from datetime import timedelta

import pytest
from click.testing import CliRunner

from backend.cli.group import main
from backend.core import audit
from backend.core.clock import time_shifted
from backend.core.database import Database
from tests.api.client import Api


async def act(db: Database, times: int) -> None:
    for _ in range(times):
        async with db.transaction() as tx:
            await audit.record(tx, None, "test:thing:made", ("thing", None))
    async with asyncio.timeout(20):
        while times:  # transactions of other tests on the same server may hold it up
            times -= await audit.seal(db)
            await asyncio.sleep(0.01)


async def published(api: Api) -> tuple[str, str, str]:
    response = await api.http.get("/audit-head")
    assert (response.status_code, response.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    day, number, digest = response.text.split()
    return day, number, digest


async def tomorrows(api: Api) -> tuple[str, str, str]:
    with time_shifted(timedelta(days=1)):
        return await published(api)


async def test_head_is_that_of_midnight(api: Api, db: Database) -> None:
    await act(db, 3)
    today = await published(api)
    assert today[1:] == ("0", audit.GENESIS.hex())
    tomorrow = await tomorrows(api)
    assert tomorrow[0] > today[0]
    async with db.reading() as conn:
        number, digest = await audit.head(conn)
    assert tomorrow[1:] == (str(number), digest.hex())
    await act(db, 2)
    assert (await tomorrows(api))[1] == "5"


def test_kept_line_shows_a_rewrite(
    api: Api, db: Database, database_url: str, runner: asyncio.Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    runner.run(act(db, 3))
    line = " ".join(runner.run(tomorrows(api)))
    runner.run(act(db, 2))

    def verify(given: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["verify-audit", "--published", given])
        return done.exit_code, done.output

    assert verify(line)[0] == 0
    assert verify(f"2026-01-01 0 {audit.GENESIS.hex()}")[0] == 0
    other = line[:-1] + ("0" if line[-1] != "0" else "1")
    code, said = verify(other)
    assert (code, "written anew" in said) == (1, True)
    assert verify("2026-01-01 99 " + "00" * 32)[0] == 1
    assert verify("nonsense")[0] == 2
