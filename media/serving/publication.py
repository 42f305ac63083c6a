"""Copies of public files at the store, for a CDN: made after the release, gone within seconds of hiding.

The row of a copy is written before the copying and deleted after the copy has gone, so a process may be killed
anywhere: the round each minute finds what was left. Hiding never waits for the store.
"""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from backend.core.database import Database, Transaction
from backend.core.ids import Id
from backend.core.jobs import enqueue
from media.blobs.protocol import BlobMissing, PublicName, public_name, rendition_name
from media.blobs.refusals import Refusals
from media.config import Media
from media.formats import CONTENT_TYPES
from media.serving import publication_store as store
from media.serving.publication_store import CopiedFile

log = logging.getLogger(__name__)

PUBLISH = "media.publish"
_BATCH = 200
# Longer than the store may take over one copy: until then somebody may be copying what was just taken away.
_COPYING_TAKES_AT_MOST = timedelta(minutes=5)
_LOOK_BACK = timedelta(days=2)


async def follow(tx: Transaction, asset_ids: Collection[Id]) -> None:
    """What may be read by everybody has changed, with this transaction: the copies of these pictures follow at once.

    Call it wherever a picture is released, hidden, ended or made anew. Never merged with a job that runs already: that
    one may have looked before this commit.
    """
    if asset_ids:
        await enqueue(tx, PUBLISH, {"assets": " ".join(str(one) for one in asset_ids)})


async def publish(db: Database, media: Media, payload: dict[str, str]) -> None:
    """The job of `follow`. Any number may run; one that fails is run again."""
    if media.blobs.has_public_copies:
        refusals = Refusals()
        await _align_each(db, media, [UUID(one) for one in payload["assets"].split()], refusals)
        refusals.tell()


async def align_copies(db: Database, media: Media, asset_id: Id) -> None:
    """Copy what everybody may read of a picture and is not there yet, and take away what nobody may any more.

    The latter also when copies are no longer made, because their address was taken out of the settings.
    """
    async with db.transaction() as tx:
        missing = await store.begin_copies(tx, asset_id) if media.has_copies else []
    copied = [file.sha256 for file in missing if await _copy(media, file)]
    async with db.transaction() as tx:
        wrong = await store.end_copies(tx, asset_id, copied)
    if not wrong:
        return
    for file in wrong:
        await media.blobs.unpublish(_public(file))
    async with db.transaction() as tx:
        begun_before = await tx.now() - _COPYING_TAKES_AT_MOST
        if await store.forget_copies(tx, asset_id, [file.sha256 for file in wrong], begun_before=begun_before):
            await follow(tx, [asset_id])


async def _copy(media: Media, file: CopiedFile) -> bool:
    name = rendition_name(file.asset_id, file.sha256, file.format)
    try:
        await media.blobs.publish(name, _public(file), content_type=CONTENT_TYPES[file.format])
    except BlobMissing:  # ended or made anew since then, or lost: the daily look at all blobs tells
        log.warning("blob_missing", extra={"asset_id": str(file.asset_id)})
        return False
    return True


def _public(file: CopiedFile) -> PublicName:
    return public_name(file.key, file.sha256, file.format)


async def sweep_copies(db: Database, media: Media, *, everything: bool = False) -> int:
    """Bring copies into step that no job did; of pictures that changed in the last days, or of all. How many."""
    if not media.blobs.has_public_copies:
        return 0
    async with db.reading() as conn:
        since = None if everything else await conn.now() - _LOOK_BACK
    refusals, found, last = Refusals(), 0, None
    while ids := await _out_of_step(db, since, last, with_missing=media.has_copies):
        await _align_each(db, media, ids, refusals)
        found, last = found + len(ids), ids[-1]
    refusals.tell()
    return found


async def _align_each(db: Database, media: Media, asset_ids: Collection[Id], refusals: Refusals) -> None:
    for asset_id in asset_ids:
        with refusals.passed_over(asset_id):
            await align_copies(db, media, asset_id)


async def _out_of_step(db: Database, since: datetime | None, last: Id | None, *, with_missing: bool) -> list[Id]:
    async with db.reading() as conn:
        return await store.list_out_of_step(
            conn, changed_since=since, with_missing=with_missing, after=last, limit=_BATCH
        )
