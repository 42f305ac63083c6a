"""What the campaigns need beyond tables: an index for each list of the feed, and search."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.migrations import from_sql

ID = "2026-11-22T01:40:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "indexes of the feed, full-text and fuzzy search"

_PUBLIC = "where visibility = 'PUBLISHED' and audience in ('CITY', 'SOCIAL')"

SQL = f"""
alter table statement add column search tsvector;
create index statement_search on statement using gin (search) where visibility = 'PUBLISHED';
create index statement_fuzzy on statement using gin (search_text gin_trgm_ops) where visibility = 'PUBLISHED';
create index statement_public on statement (published_at, id) {_PUBLIC};
create index statement_public_campaign on statement (campaign_id, published_at, id) {_PUBLIC};
create index statement_public_city on statement (city_id, published_at, id) {_PUBLIC};
create index statement_public_class on statement (class_id, published_at, id) {_PUBLIC};
create index statement_public_topic on statement (topic_id, published_at, id) {_PUBLIC};
create index statement_public_language on statement (published_language, published_at, id) {_PUBLIC};
create index statement_of_school on statement (school_id, published_at, id)
  where visibility = 'PUBLISHED' and audience = 'SCHOOL';
create index statement_of_class on statement (class_id, published_at, id)
  where visibility = 'PUBLISHED' and audience = 'CLASS';
create index statement_own on statement (author_id, created_at, id);
create index campaign_newest on campaign (created_at, id);
create index statement_takedown on statement (takedown_due_at) where takedown_due_at is not null;
"""


async def forwards() -> MigrationManager:
    """Add columns and indexes."""
    return from_sql(ID, DESCRIPTION, SQL)
