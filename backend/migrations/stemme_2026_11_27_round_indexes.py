"""What the rounds need beyond tables: an index for each list, and what was handed in within a week."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.migrations import from_sql

ID = "2026-11-27T09:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "indexes of the rounds"

SQL = """
create index revision_submitted on revision (submitted_at) where submitted_at is not null;
create index round_newest on round (campaign_id, opens_at, id);
create index round_due on round (judging_starts_at) where drawn_at is null and voided_at is null;
create index class_union_live on class_union (campaign_id) where ended_at is null;
create index entry_of_statement on entry (statement_id);
create index standing_place on standing (round_id, place);
create unique index award_once_statement on award (round_id, statement_id) where rescinded_at is null;
"""


async def forwards() -> MigrationManager:
    """Add indexes."""
    return from_sql(ID, DESCRIPTION, SQL)
