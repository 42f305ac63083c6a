"""Within a class no two pseudonyms look alike."""

from collections.abc import Sequence

from backend.accounts.profile import NameGuard
from backend.accounts.pseudonyms import skeleton
from backend.core.database import Transaction
from backend.core.errors import Conflict
from backend.core.ids import Id
from backend.core.viewer import Viewer
from backend.places import seat_store, store


async def require_free_in_class(tx: Transaction, class_id: Id, pseudonym: str, *, but: Id | None = None) -> None:
    """Raises Conflict `pseudonym_taken`. The caller holds the class's lock, so that it stays free until the commit."""
    if await seat_store.taken_skeletons(tx, [class_id], [skeleton(pseudonym)], but=but):
        raise Conflict("pseudonym_taken", state="TAKEN", path=("pseudonym",))


async def require_free_together(tx: Transaction, class_id: Id, pseudonyms: Sequence[str]) -> None:
    """The same for several at once, which may not look like each other either."""
    skeletons = [skeleton(pseudonym) for pseudonym in pseudonyms]
    if len(set(skeletons)) < len(skeletons) or await seat_store.taken_skeletons(tx, [class_id], skeletons):
        raise Conflict("pseudonym_taken", state="TAKEN", path=("pseudonyms",))


def name_guard(viewer: Viewer) -> NameGuard:
    """For `profile.change_pseudonym`: no classmate of the viewer may have a name that looks the same."""

    async def guard(tx: Transaction, pseudonym: str) -> None:
        for class_id in sorted(seat.class_id for seat in viewer.seats):
            await store.lock_class(tx, class_id)
            await require_free_in_class(tx, class_id, pseudonym, but=viewer.account_id)

    return guard
