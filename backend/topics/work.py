"""What the worker does for the proposals: reminds editors once of an answer that is overdue."""

from datetime import timedelta

from backend.campaigns.editors import editors_of
from backend.core.database import Database
from backend.core.jobs import Registry
from backend.notices import inbox
from backend.topics.proposing import KIND
from backend.topics.rules import ANSWER_DAYS
from backend.topics.store import proposals as store


def register(registry: Registry, db: Database) -> None:
    """Add the periodic work of proposals."""

    async def remind() -> None:
        await remind_overdue(db)

    registry.every("topics.remind_overdue", "*/10 * * * *", remind)


async def remind_overdue(db: Database) -> int:
    """Tell the editors of each proposal whose answer has become overdue, once; how many proposals."""
    async with db.reading() as conn:
        due = await store.find_unreminded(conn, await conn.now() - timedelta(days=ANSWER_DAYS))
    reminded = 0
    for proposal_id in due:
        async with db.transaction() as tx:
            campaign_id = await store.set_reminded(tx, proposal_id)
            if campaign_id is None:
                continue
            editors = await editors_of(tx, campaign_id)
            await inbox.tell_all(tx, editors, "topic_answer_overdue", subject=(KIND, proposal_id))
            reminded += 1
    return reminded
