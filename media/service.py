"""Reading pictures, and describing one's own."""

from collections.abc import Collection
from dataclasses import dataclass

from backend.core import audit
from backend.core.database import Connection, Database
from backend.core.errors import Conflict, NotFound
from backend.core.ids import Id
from backend.core.jobs import enqueue
from backend.core.text import clean_text
from backend.core.viewer import Viewer
from media import store
from media.movies.orders import Sound
from media.movies.sounding import change_sound
from media.processing.jobs import job_of
from media.rules import People, may_describe
from media.views import AssetView, is_own

MAX_ALT_TEXT_CHARS = 500


@dataclass(frozen=True, slots=True)
class Words:
    """Alt text (at most 500 characters), the declaration about people, of a movie its sound; None leaves what is."""

    alt_text: str | None = None
    people: People | None = None
    sound: Sound | None = None


async def assets_for(conn: Connection, ids: Collection[Id]) -> dict[Id, AssetView]:
    """The pictures with these ids in one statement, whatever their state: who may see them, the caller decides.

    Addresses: `media.serving.addresses.addresses_of`.
    """
    return {asset.id: asset for asset in await store.list_assets(conn, ids)}


async def own_assets(db: Database, viewer: Viewer, ids: Collection[Id]) -> dict[Id, AssetView]:
    """Those of the pictures that are the viewer's own; nobody else meets a picture but through what shows it.

    Raises Unauthenticated, Conflict (sealed_after_reset).
    """
    owner_id = viewer.require_account()
    async with db.reading() as conn:
        viewer.require_unsealed()
        found = await assets_for(conn, ids)
    return {key: asset for key, asset in found.items() if is_own(asset, owner_id)}


async def describe_asset(db: Database, viewer: Viewer, asset_id: Id, words: Words) -> AssetView:
    """Set what blind people read and what is declared about people in the picture, until it is handed in.

    Another choice of sound makes the movie again. Raises NotFound, NotAllowed, Conflict (asset_fixed,
    sealed_after_reset), ValidationFailed of the text or the choice (sound_without_movie).
    """
    alt_text = words.alt_text
    if alt_text is not None:
        alt_text = clean_text(alt_text, path=("alt_text",), max_chars=MAX_ALT_TEXT_CHARS)
    async with db.transaction() as tx:
        owner_id = viewer.require_active()
        asset = (await store.lock_assets(tx, [asset_id])).get(asset_id)
        if asset is None or not is_own(asset, owner_id):
            raise NotFound(path=("asset_id",), kind="Asset")
        if not may_describe(asset.status, is_fixed=asset.is_fixed):
            raise Conflict("asset_fixed", state=asset.status)
        await store.set_words(tx, asset_id, alt_text, words.people)
        if words.sound is not None and await change_sound(tx, asset, words.sound):
            await enqueue(tx, job_of(asset.medium), {"asset_id": str(asset_id)})
        await audit.record(tx, owner_id, "author:asset:described", ("asset", asset_id))
        return (await assets_for(tx, [asset_id]))[asset_id]
