"""A worker's attempts at a card or a bundle: three, of which a store that is away costs none."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from backend.campaigns.sharing.rules import Shared
from backend.campaigns.store import sharing as store
from backend.core.database import Database, Transaction
from backend.core.ids import Id
from backend.core.jobs import enqueue
from media.blobs.protocol import BlobMissing, StoreUnavailable
from media.processing.alone import DecoderDied

log = logging.getLogger(__name__)

JOBS = {Shared.CARD: "campaigns.draw_card", Shared.BUNDLE: "campaigns.bundle"}
_RETRY_AFTER = timedelta(seconds=15)
_STORE_RETRY_AFTER = timedelta(minutes=1)


async def ask_worker(tx: Transaction, what: Shared, row_id: Id, *, after: timedelta | None = None) -> None:
    """A worker makes it, at once or after a time."""
    await enqueue(tx, JOBS[what], {"id": str(row_id)}, after=after)


async def begin_attempt(db: Database, what: Shared, row_id: Id) -> bool:
    """Whether it waits and may be tried. The fourth time it has failed: a worker that is killed counts too."""
    async with db.transaction() as tx:
        return await store.begin_attempt(tx, what, row_id)


@asynccontextmanager
async def tried_again(db: Database, what: Shared, row_id: Id) -> AsyncIterator[None]:
    """What dies within is tried again later; what the store is to blame for costs no attempt."""
    try:
        yield
    except StoreUnavailable as away:
        log.warning("store_away", extra={"shared": what, "id": str(row_id), "reason": away.reason})
        async with db.transaction() as tx:
            await store.return_attempt(tx, what, row_id)
            await ask_worker(tx, what, row_id, after=_STORE_RETRY_AFTER)
    except (DecoderDied, BlobMissing) as died:
        log.warning("not_made", extra={"shared": what, "id": str(row_id), "reason": str(died)})
        async with db.transaction() as tx:
            await ask_worker(tx, what, row_id, after=_RETRY_AFTER)
