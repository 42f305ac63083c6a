"""The author's choice whether a movie is heard: made with the upload, and open until the movie is handed in."""

from backend.core.database import Transaction
from backend.core.errors import Conflict, ValidationFailed
from media.kinds import Medium
from media.movies import progress_store as store
from media.movies.orders import Sound
from media.rules import OPEN
from media.views import AssetView


def sound_for(medium: Medium, wanted: Sound | None) -> Sound | None:
    """The choice for a new file: kept unless the author says otherwise. Raises ValidationFailed sound_without_movie."""
    if medium is Medium.MOVIE:
        return wanted or Sound.KEPT
    if wanted is not None:
        raise ValidationFailed("sound_without_movie", path=("sound",))
    return None


async def change_sound(tx: Transaction, asset: AssetView, wanted: Sound) -> bool:
    """Make a movie again, from the original, with or without its sound; whether it is to be made again.

    Until the new one stands nobody can read the old one. The caller holds the lock and has checked that the asset may
    be described. Raises ValidationFailed sound_without_movie, Conflict asset_fixed.
    """
    sound_for(asset.medium, wanted)
    if wanted is asset.sound:
        return False
    is_begun = asset.status not in OPEN
    if is_begun and not await store.has_original(tx, asset.id):
        raise Conflict("asset_fixed", state=asset.status)
    await store.set_sound(tx, asset.id, wanted, anew=is_begun)
    return is_begun
