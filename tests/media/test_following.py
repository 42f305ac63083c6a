"""Followers of uploads hear at once, however seldom the house looks by itself."""

import asyncio
from collections.abc import Collection

import pytest

from backend.core.database import Connection, Database
from backend.core.ids import Id
from media.following import UploadWatch
from media.movies import progress_store
from media.movies.progress_store import StandingRow
from tests.media.conftest import MakeAsset


async def test_who_begins_to_follow_during_a_look_is_told_at_once(
    db: Database, make_asset: MakeAsset, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = await make_asset(), await make_asset()
    looks, other_follows = asyncio.Event(), asyncio.Event()
    list_standings = progress_store.list_standings

    async def slowly(conn: Connection, ids: Collection[Id]) -> list[StandingRow]:
        looks.set()
        await other_follows.wait()
        return await list_standings(conn, ids)

    monkeypatch.setattr(progress_store, "list_standings", slowly)
    watch = UploadWatch(seconds=3_600)
    first = asyncio.create_task(anext(watch.follow(db, one.id)))
    await looks.wait()
    second = asyncio.create_task(anext(watch.follow(db, other.id)))
    await asyncio.sleep(0)
    other_follows.set()
    async with asyncio.timeout(10):
        assert (await first).is_last
        assert (await second).is_last
    await watch.close()
