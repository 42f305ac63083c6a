"""Pictures that were removed here: remembered by how they look, so that a moderator hears when one comes again.

A signal only: it decides nothing. No picture can be made of what is remembered, and nobody is named with it.
"""

import asyncio
from collections.abc import Collection
from datetime import datetime, timedelta

from backend.core.database import Connection, Database, Transaction
from backend.core.ids import Id
from media.images.looks import cuts_of
from media.recognising import recognising_store as store

KEPT = timedelta(days=2 * 365)


async def remember(tx: Transaction, ids: Collection[Id]) -> None:
    """These pictures were removed, or refused for what they are. Nothing is decoded for it.

    Each takes some hundredths of a second: the caller calls it before it locks what others may wait for.
    """
    for asset_id, known in (await store.list_fingerprints(tx, ids)).items():
        cuts = await asyncio.to_thread(cuts_of, known.square)
        await store.insert_removed(tx, asset_id, [*cuts, *known.looks])


async def forgive(tx: Transaction, ids: Collection[Id]) -> None:
    """They were shown again, or refused wrongly: what was remembered of them goes."""
    await store.forget_removed(tx, ids)


async def were_removed(conn: Connection, ids: Collection[Id]) -> bool:
    """Whether one of the pictures looks like one that was removed, or like a part of it."""
    return bool(ids) and bool(await store.find_alike(conn, ids))


async def forget_old(db: Database, *, now: datetime) -> int:
    """Forget what was removed more than two years ago; how many pictures."""
    async with db.transaction() as tx:
        return await store.forget_removed_before(tx, now - KEPT)
