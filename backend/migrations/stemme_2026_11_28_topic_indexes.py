"""What proposed topics need beyond their tables: an index for each list, and the checks that a topic is unused."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.migrations import from_sql

ID = "2026-11-28T10:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "indexes of proposed topics"

SQL = """
create index topic_proposal_newest on topic_proposal (campaign_id, proposed_at, id);
create index topic_proposal_own on topic_proposal (proposer_id, campaign_id) where proposer_id is not null;
create index topic_proposal_due on topic_proposal (shown_at)
    where state = 'SHOWN' and answer is null and reminded_at is null;
create index topic_proposal_answered_by on topic_proposal (answered_by) where answered_by is not null;
create index revision_topic on revision (topic_id) where topic_id is not null;
create index round_topic on round (topic_id) where topic_id is not null;
"""


async def forwards() -> MigrationManager:
    """Add indexes."""
    return from_sql(ID, DESCRIPTION, SQL)
