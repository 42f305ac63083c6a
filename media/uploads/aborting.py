"""Taking back: an upload that is under way, or a file that nobody has been shown."""

import contextlib

from backend.core import audit
from backend.core.database import Database
from backend.core.errors import Conflict, NotFound
from backend.core.ids import Id
from backend.core.viewer import Viewer
from media.blobs.protocol import StoreUnavailable, patience
from media.config import Media
from media.retention import retention_store
from media.retention.ending import remove_known
from media.rules import AssetStatus, may_delete
from media.store import lock_assets
from media.uploads import uploads_store as store

ABORTED = "upload_aborted"
DELETED = "deleted"


async def abort_upload(db: Database, media: Media, viewer: Viewer, upload_id: Id) -> None:
    """End the ticket and forget what has come of it; twice is harmless.

    Raises NotFound, NotAllowed, Conflict (upload_finished).
    """
    async with db.transaction() as tx:
        owner_id = viewer.require_active()
        upload = await store.lock_upload(tx, upload_id)
        if upload is None or upload.owner_id != owner_id:
            raise NotFound(path=("upload_id",), kind="Upload")
        if upload.is_open:
            await retention_store.purge_one(tx, upload.asset_id, reason=ABORTED)
            await audit.record(tx, owner_id, "author:upload:aborted", ("asset", upload.asset_id))
        elif upload.status is not AssetStatus.PURGED:
            raise Conflict("upload_finished", state=upload.status)
    await _remove(db, media, upload.asset_id)


async def delete_asset(db: Database, media: Media, viewer: Viewer, asset_id: Id) -> None:
    """End a picture or movie of one's own that was not handed in and is shown nowhere; twice is harmless.

    Drafts may still name it: it is in no view any more, and handing in says that it is gone.
    Raises NotFound, NotAllowed, Conflict (asset_in_review).
    """
    async with db.transaction() as tx:
        owner_id = viewer.require_active()
        asset = (await lock_assets(tx, [asset_id])).get(asset_id)
        if asset is None or asset.owner_id != owner_id:
            raise NotFound(path=("asset_id",), kind="Asset")
        if asset.status is not AssetStatus.PURGED:
            if not may_delete(asset.status, is_fixed=asset.is_fixed):
                raise Conflict("asset_in_review", state=asset.status)
            await retention_store.purge_one(tx, asset_id, reason=DELETED)
            await audit.record(tx, owner_id, "author:asset:deleted", ("asset", asset_id))
    await _remove(db, media, asset_id)


async def _remove(db: Database, media: Media, asset_id: Id) -> None:
    """The bytes go now, or with the next sweep when the store cannot be reached. The sweep also looks for others."""
    with contextlib.suppress(StoreUnavailable):
        async with patience(media.store_patience):
            await remove_known(db, media, asset_id)
