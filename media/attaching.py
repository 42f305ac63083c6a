"""Pictures in the transaction of those who refer to them: handing in, showing, hiding."""

from collections.abc import Collection

from backend.core.database import Transaction
from backend.core.errors import Conflict, NotFound, ValidationFailed
from backend.core.ids import Id
from backend.core.text import primary_language
from media import store
from media.kinds import Medium
from media.rules import USABLE, AssetStatus, may_describe
from media.serving.publication import follow
from media.views import AssetView, is_own

_READY = frozenset({AssetStatus.CLEAN, AssetStatus.RELEASED})
_PATH = ("assets",)


async def require_clean(
    tx: Transaction, owner_id: Id, ids: Collection[Id], *, captions_in: str | None = None
) -> dict[Id, AssetView]:
    """Hand media in: they are the owner's, checked and described; from here on their words stay.

    `captions_in`: the language in which movies need captions; None where they need none.
    Raises NotFound, Conflict (asset_not_ready, asset_gone), ValidationFailed (alt_text_missing, people_missing,
    captions_missing), all with the path `assets`.
    """
    found = await store.lock_assets(tx, ids)
    for asset_id in ids:
        _check_ready(found.get(asset_id), owner_id)
    if not all(has_captions(asset, captions_in) for asset in found.values()):
        raise ValidationFailed("captions_missing", path=_PATH)
    await store.set_fixed(tx, ids, True)
    return found


def _check_ready(asset: AssetView | None, owner_id: Id) -> None:
    if asset is not None and asset.owner_id == owner_id and asset.status is AssetStatus.PURGED:
        raise Conflict("asset_gone", state=asset.status, path=_PATH)
    if asset is None or not is_own(asset, owner_id):
        raise NotFound(path=_PATH, kind="Asset")
    if asset.status not in _READY:
        raise Conflict("asset_not_ready", state=asset.status, path=_PATH)
    if asset.alt_text is None:
        raise ValidationFailed("alt_text_missing", path=_PATH)
    if asset.people is None:
        raise ValidationFailed("people_missing", path=_PATH)


def is_ready(asset: AssetView) -> bool:
    """Whether handing the picture in would pass: checked, described, and said who is in it."""
    return asset.status in _READY and asset.alt_text is not None and asset.people is not None


def has_captions(asset: AssetView, captions_in: str | None) -> bool:
    """Whether it is no movie, or one with captions in this language (None: in none needed)."""
    if captions_in is None or asset.medium is not Medium.MOVIE:
        return True
    wanted = primary_language(captions_in)
    return any(primary_language(caption.language) == wanted for caption in asset.captions)


def may_have_captions(asset: AssetView, captions_in: str | None) -> bool:
    """Whether it has the captions that it needs, or can still get them: what was handed in stays as it is."""
    return has_captions(asset, captions_in) or may_describe(asset.status, is_fixed=asset.is_fixed)


async def give_back(tx: Transaction, ids: Collection[Id]) -> None:
    """Changes were requested: the words of pictures that are not shown anywhere can change again."""
    await store.set_fixed(tx, ids, False)


async def refuse(tx: Transaction, ids: Collection[Id]) -> None:
    """What they belong to was refused or sent back: the originals stay for as long as that can be appealed."""
    await store.mark_refused(tx, ids)


async def release(tx: Transaction, ids: Collection[Id], *, is_public: bool) -> None:
    """Show pictures, also again after a revoke: to members by signed addresses, or to everybody when public.

    The public address stays the same after a revoke: it opens only what everybody may see again by a new decision.
    Raises Conflict (asset_not_ready) when one of them cannot be shown; nothing of the transaction may then be kept.
    """
    states = await store.lock_assets(tx, ids)
    shown = await store.set_shown(tx, ids, AssetStatus.RELEASED, from_=USABLE, is_public=is_public)
    if shown != len(set(ids)):
        stuck = next((asset.status for asset in states.values() if asset.status not in USABLE), AssetStatus.PURGED)
        raise Conflict("asset_not_ready", state=stuck, path=_PATH)
    await follow(tx, ids)


async def revoke(tx: Transaction, ids: Collection[Id]) -> None:
    """Hide pictures: with the commit no address of theirs works any more but those of author and reviewers.

    An address that was handed out by the store itself works for some seconds more, a copy at the CDN for a minute.
    """
    await store.lock_assets(tx, ids)
    if await store.set_shown(tx, ids, AssetStatus.REVOKED, from_=USABLE, is_public=False):
        await follow(tx, ids)
