"""What ends by itself: abandoned uploads, originals, hidden pictures after the time to appeal, erased accounts."""

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta

from backend.core.database import Connection, Database, Transaction
from backend.core.ids import Id
from backend.core.jobs import enqueue
from media.blobs.protocol import original_name, rendition_name
from media.blobs.refusals import Refusals
from media.captions.captioning import captions_of
from media.captions.captions_store import FORMAT, remove_all
from media.config import Media
from media.processing.remake_store import list_old
from media.recognising.removed import forget_old
from media.retention import retention_store as store
from media.retention.orphans import remove_left
from media.retention.rounds import do_each
from media.rules import AssetStatus
from media.serving.publication import follow
from media.store import list_assets
from media.uploads.addresses import DIRECT_LIFE
from media.uploads.parts import drop_parts
from media.views import AssetView

# Which of these pictures stand in something that an appeal may show again, or was decided about since then.
Contested = Callable[[Connection, Collection[Id], datetime], Awaitable[Collection[Id]]]

REMOVE = "media.remove"
_BATCH = 200
_TICKETS_KEPT = timedelta(days=30)
# So long may bytes be on their way to the bucket whose address ran out after they had set off.
_UNDER_WAY = timedelta(hours=1)


async def expire_uploads(db: Database, media: Media) -> int:
    """End uploads that were never finished in time; how many."""
    async with db.transaction() as tx:
        ids = await store.list_expired(tx, limit=_BATCH)
        ended = await store.purge_open(tx, ids, reason="upload_expired")
        await store.delete_old_tickets(tx, before=await tx.now() - _TICKETS_KEPT)
    await remove_files(db, media)
    return ended


async def remove_originals(db: Database, media: Media, *, now: datetime) -> None:
    """Remove uploaded bytes (place, device and all) that nobody can still need; what is served stays.

    They stay for 30 days after the decision, or until a refusal can no longer be appealed, whichever is later.
    """
    refusals, last = Refusals(), None
    while True:
        async with db.reading() as conn:
            ids = await store.list_old_originals(
                conn,
                decided_before=now - media.original_life,
                refused_before=now - media.appeal_window,
                after=last,
                limit=_BATCH,
            )
        if not ids:
            break
        gone = []
        for asset_id in ids:
            with refusals.passed_over(asset_id):
                await media.blobs.delete(original_name(asset_id))
                gone.append(asset_id)
        async with db.transaction() as tx:
            await store.mark_original_gone(tx, gone)
        last = ids[-1]
    refusals.tell()


async def remove_late_originals(db: Database, media: Media) -> int:
    """Remove uploaded bytes once more when no address works any more by which they were sent; of how many pictures.

    A sender who tries again may have brought back what was blurred, deleted or erased. Each is looked at for two hours,
    in every round: what was being sent when its address ran out arrives later. Bytes that pass through us need no such
    look: whoever receives them looks before and after, and the daily sweep finds what a killed process left.
    """
    if media.direct is None:
        return 0
    refusals, count, last = Refusals(), 0, None
    async with db.reading() as conn:
        now = await conn.now()
    while True:
        async with db.reading() as conn:
            ids = await store.list_just_gone(
                conn,
                since=now - DIRECT_LIFE - 2 * _UNDER_WAY,
                before=now - DIRECT_LIFE,
                under_way=_UNDER_WAY,
                after=last,
                limit=_BATCH,
            )
        if not ids:
            break
        for asset_id in ids:
            with refusals.passed_over(asset_id):
                await media.blobs.delete(original_name(asset_id))
        count, last = count + len(ids), ids[-1]
    refusals.tell()
    return count


async def purge_hidden(db: Database, media: Media, *, hidden_before: datetime, contested: Contested) -> int:
    """End pictures that have been hidden since before then, but those that an appeal may show again; how many."""
    count, last = 0, None
    while True:
        async with db.transaction() as tx:
            ids = await store.list_hidden(tx, hidden_before=hidden_before, after=last, limit=_BATCH)
            kept = set(await contested(tx, ids, hidden_before))
            ended = await store.purge_hidden(tx, [one for one in ids if one not in kept], hidden_before=hidden_before)
            await follow(tx, ended)
        count += len(ended)
        if len(ids) < _BATCH:
            break
        last = ids[-1]
    await remove_files(db, media)
    return count


async def remove_files(db: Database, media: Media) -> int:
    """Remove the files of pictures that have ended, also those that no row names; how many pictures.

    For the worker. A row is marked last, so a kill repeats it. Raises StoreUnavailable when all others are done.
    """
    refusals, count, last = Refusals(), 0, None
    while True:
        async with db.reading() as conn:
            gone = await store.list_gone(conn, after=last, limit=_BATCH)
        if not gone:
            break
        for asset in gone:
            with refusals.passed_over(asset.id):
                await _remove(db, media, asset)
                await remove_left(db, media, asset.id)
                await _forget(db, asset.id)
                count += 1
        last = gone[-1].id
    refusals.tell()
    return count


async def remove_known(db: Database, media: Media, asset_id: Id) -> None:
    """Remove the files that rows name of a picture that has ended, while somebody waits; the worker does the rest."""
    async with db.reading() as conn:
        found = await list_assets(conn, [asset_id])
    for asset in found:
        if asset.status is AssetStatus.PURGED:
            await _remove(db, media, asset)


async def _remove(db: Database, media: Media, asset: AssetView) -> None:
    async with db.reading() as conn:
        old = await list_old(conn, [asset.id])
    await drop_parts(db, media, [asset.id])
    await media.blobs.delete(original_name(asset.id))
    names = [rendition_name(asset.id, file.sha256, file.format) for file in asset.renditions]
    names += [rendition_name(asset.id, file.sha256, file.format) for file in old]
    names += [rendition_name(asset.id, caption.sha256, FORMAT) for caption in asset.captions]
    for name in names:
        await media.blobs.delete(name)


async def _forget(db: Database, asset_id: Id) -> None:
    async with db.transaction() as tx:
        await store.delete_renditions(tx, [asset_id])
        await remove_all(tx, [asset_id])
        await store.mark_original_gone(tx, [asset_id])


async def end_old(db: Database, media: Media, *, contested: Contested) -> None:
    """The daily round: originals after their time, hidden pictures after the time to appeal, half-written files,
    and what was remembered of pictures that were removed long ago. Each also when the store refuses another."""
    async with db.reading() as conn:
        now = await conn.now()
    await do_each(
        remove_originals(db, media, now=now),
        purge_hidden(db, media, hidden_before=now - media.appeal_window, contested=contested),
        forget_old(db, now=now),
        media.blobs.forget_unfinished(older_than_seconds=media.ticket_life.total_seconds()),
    )


async def erase(tx: Transaction, account_id: Id, *, keep: Collection[Id] = ()) -> None:
    """Erasure: the account's pictures are out of every view with the commit, their files right after.

    `keep` names pictures of statements that the author chose to leave behind; they lose their owner only.
    """
    if ended := await store.purge_of_owner(tx, account_id, keep=keep):
        await enqueue(tx, REMOVE, {}, key=REMOVE)
        await follow(tx, ended)


async def export(conn: Connection, account_id: Id) -> list[dict[str, object]]:
    """What is kept about the account's pictures and movies, for the person themselves."""
    assets = await store.list_of_owner(conn, account_id)
    captions = await captions_of(conn, [asset.id for asset in assets])
    return [
        {
            "id": str(asset.id),
            "status": asset.status.value,
            "alt_text": asset.alt_text,
            "people": asset.people and asset.people.value,
            "files": [f"{file.width}x{file.height} {file.format} {file.sha256}" for file in asset.renditions],
            "captions": {one.language: one.text for one in captions if one.asset_id == asset.id},
        }
        for asset in assets
    ]
