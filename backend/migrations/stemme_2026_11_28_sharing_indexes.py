"""What sharing needs beyond tables: one open takedown a statement, lists in order, and the takedowns of before."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.migrations import from_sql

ID = "2026-11-28T12:34:01:083437"
VERSION = "1.38.0"
DESCRIPTION = "one open takedown a statement, lists in order, and the takedowns of before"

SQL = """
create unique index takedown_open on takedown (statement_id) where confirmed_at is null and lapsed_at is null;
create index takedown_listed on takedown (campaign_id, opened_at, id);
create index share_card_listed on share_card (statement_id, created_at, id);
create index social_export_of_statement on social_export (statement_id);
create index social_export_listed on social_export (campaign_id, created_at, id);
create index shared_file_of_card on shared_file (card_id) where card_id is not null;
create index shared_file_of_export on shared_file (export_id) where export_id is not null;
insert into takedown (id, statement_id, campaign_id, reason, opened_at, due_at)
select gen_random_uuid(), id, campaign_id, 'WITHDRAWN', coalesce(withdrawn_at, takedown_due_at - interval '24 hours'),
       takedown_due_at
  from statement where takedown_due_at is not null;
"""


async def forwards() -> MigrationManager:
    """Add the indexes and move what was due."""
    return from_sql(ID, DESCRIPTION, SQL)
