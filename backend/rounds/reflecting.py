"""Say that one thought about the prompt for oneself: the week's task, done without a word to anybody.

Only the person themself ever learns that they did: no audit row, no job, no notice, and counts in steps only.
"""

from backend.core.database import Database
from backend.core.ids import Id
from backend.core.viewer import Viewer
from backend.rounds.entering import open_place
from backend.rounds.store import taking_part


async def mark_reflection(db: Database, viewer: Viewer, round_id: Id) -> None:
    """Note that the viewer reflected, for each class they sat in at the opening. Errors as `open_place`."""
    async with db.transaction() as tx:
        place = await open_place(tx, viewer, round_id)
        await taking_part.add_reflections(tx, round_id, place.account_id, place.class_ids)


async def unmark_reflection(db: Database, viewer: Viewer, round_id: Id) -> None:
    """Take that back. Errors as `open_place`."""
    async with db.transaction() as tx:
        place = await open_place(tx, viewer, round_id)
        await taking_part.remove_reflections(tx, round_id, place.account_id)
