"""The sender has parts of a picture made unrecognisable, before it is handed in. Nothing brings them back."""

from collections.abc import Sequence

from backend.core import audit, repeats
from backend.core.database import Database
from backend.core.errors import Conflict, NotFound, ValidationFailed
from backend.core.ids import Id
from backend.core.jobs import enqueue
from backend.core.viewer import Viewer
from media import store
from media.images.regions import Region, check_regions
from media.kinds import Medium
from media.processing.jobs import PROCESS
from media.processing.remake_store import begin_blur
from media.rules import may_blur
from media.views import AssetView, is_own


async def blur_asset(
    db: Database, viewer: Viewer, asset_id: Id, regions: Sequence[Region], *, client_key: str | None = None
) -> AssetView:
    """Mark parts to be blurred; with the commit nobody reads the files as they were, and new ones are made.

    Raises NotFound, NotAllowed, Conflict (asset_fixed, asset_not_ready, sealed_after_reset), ValidationFailed
    (blur_only_pictures, blur_regions_count, blur_region_outside).
    """
    async with db.transaction() as tx:
        owner_id = viewer.require_active()
        asset = (await store.lock_assets(tx, [asset_id])).get(asset_id)
        if asset is None or not is_own(asset, owner_id):
            raise NotFound(path=("asset_id",), kind="Asset")
        if await repeats.first_result(tx, viewer, "assetBlur", client_key, asset_id) is not None:
            return asset
        if asset.medium is not Medium.IMAGE:
            raise ValidationFailed("blur_only_pictures", path=("asset_id",))
        if asset.is_fixed:
            raise Conflict("asset_fixed", state=asset.status)
        if not may_blur(asset.status):
            raise Conflict("asset_not_ready", state=asset.status)
        check_regions(regions, already=len(asset.blurred))
        await begin_blur(tx, asset_id, regions)
        await enqueue(tx, PROCESS, {"asset_id": str(asset_id)})
        await audit.record(tx, owner_id, "author:asset:blurred", ("asset", asset_id))
        return (await store.list_assets(tx, [asset_id]))[0]
