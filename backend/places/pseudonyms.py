"""Within a class no two pseudonyms look alike."""

from collections.abc import Sequence

from backend.accounts.pseudonyms import skeleton
from backend.core.database import Connection, Transaction
from backend.core.errors import Conflict
from backend.core.ids import Id
from backend.places import seat_store


async def require_free_in_class(tx: Transaction, class_id: Id, pseudonym: str, *, but: Id | None = None) -> None:
    """Raises Conflict `pseudonym_taken`. The caller holds the class's lock, so that it stays free until the commit."""
    if await seat_store.taken_skeletons(tx, [class_id], [skeleton(pseudonym)], but=but):
        raise Conflict("pseudonym_taken", state="TAKEN", path=("pseudonym",))


async def free_in_class(conn: Connection, class_id: Id, pseudonyms: Sequence[str]) -> None:
    """Raises Conflict `pseudonym_taken` when one is taken in the class or two of the given look alike."""
    skeletons = [skeleton(pseudonym) for pseudonym in pseudonyms]
    if len(set(skeletons)) < len(skeletons) or await seat_store.taken_skeletons(conn, [class_id], skeletons):
        raise Conflict("pseudonym_taken", state="TAKEN", path=("pseudonyms",))
