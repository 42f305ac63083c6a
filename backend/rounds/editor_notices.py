"""What the worker tells the editors of a campaign: a result waits for them, or a jury is too small."""

from collections.abc import Mapping
from itertools import islice

from backend.campaigns.editors import editors_of
from backend.core.database import Connection, Database
from backend.core.ids import Id
from backend.core.jobs import Registry
from backend.notices import inbox
from backend.rounds.rules import LEAST_SCORES
from backend.rounds.store import jury
from backend.rounds.store import overview as store
from backend.rounds.store import rounds as round_store
from backend.rounds.store.overview import Lacking


def register(registry: Registry, db: Database) -> None:
    """Add the periodic work."""

    async def to_confirm() -> None:
        await tell_to_confirm(db)

    async def jury_short() -> None:
        await tell_jury_short(db)

    registry.every("rounds.tell_to_confirm", "* * * * *", to_confirm)
    registry.every("rounds.tell_jury_short", "* * * * *", jury_short)


async def tell_to_confirm(db: Database) -> int:
    """Tell the editors once that the judging of a round has ended and its result waits; of how many rounds."""
    async with db.reading() as conn:
        due = await store.rounds_to_confirm(conn, await conn.now())
    told = 0
    for round_id in due:
        async with db.transaction() as tx:
            campaign_id = await store.claim_to_confirm(tx, round_id)
            if campaign_id is not None:
                editors = await editors_of(tx, campaign_id)
                await inbox.tell_all(tx, editors, "round_to_confirm", subject=("round", round_id))
                told += 1
    return told


async def tell_jury_short(db: Database) -> int:
    """Tell the editors once a round, from half of the judging on, that jurors are missing; of how many rounds."""
    async with db.reading() as conn:
        due = await store.half_judged(conn, await conn.now())
    told = 0
    for round_id in due:
        async with db.transaction() as tx:
            if not await _is_short(tx, round_id):
                continue
            campaign_id = await store.claim_jury_short(tx, round_id)
            if campaign_id is not None:
                editors = await editors_of(tx, campaign_id)
                await inbox.tell_all(tx, editors, "jury_short", subject=("round", round_id))
                told += 1
    return told


async def _is_short(conn: Connection, round_id: Id) -> bool:
    row = await round_store.get_round(conn, round_id)
    lacking = await store.lacking_entries(conn, round_id)
    if row is None or not lacking:
        return False
    own_classes = await jury.own_classes(conn, await jury.jurors_of(conn, row.campaign_id))
    return not all(can_be_judged(one, own_classes) for one in lacking)


def can_be_judged(one: Lacking, own_classes: Mapping[Id, set[Id]]) -> bool:
    """Whether enough jurors are left for an entry, however many of them have been asked.

    `own_classes` has every juror, with the classes they must not judge.
    """
    missing = LEAST_SCORES - one.scored
    left = (who for who, own in own_classes.items() if who not in one.done and own.isdisjoint(one.class_ids))
    return len(list(islice(left, missing))) >= missing
