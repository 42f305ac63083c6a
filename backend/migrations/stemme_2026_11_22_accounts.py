"""What accounts need beyond tables: one running answer for each question, and the ages from which people decide."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.migrations import from_sql

ID = "2026-11-22T01:20:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "one running consent a question and giver, ages by country and purpose"

SQL = """
create unique index consent_running on consent (account_id, purpose, audience, granted_by) nulls not distinct
  where withdrawn_at is null;
create index session_newest on session (account_id, created_at, id) where revoked_at is null;
create index sign_in_failure_recent on sign_in_failure (key, at);
insert into age_rule (id, country, purpose, valid_from, age)
select gen_random_uuid(), country, purpose, timestamptz '2020-01-01 00:00:00+00', age
  from (values ('NO', 'PUBLISH', 13), ('SE', 'PUBLISH', 13), ('FI', 'PUBLISH', 13), ('IS', 'PUBLISH', 13),
               ('DK', 'PUBLISH', 15),
               ('NO', 'IDENTIFIABLE_MEDIA', 15), ('SE', 'IDENTIFIABLE_MEDIA', 15), ('FI', 'IDENTIFIABLE_MEDIA', 15),
               ('IS', 'IDENTIFIABLE_MEDIA', 15), ('DK', 'IDENTIFIABLE_MEDIA', 15),
               ('NO', 'PUBLIC_NAMING', 18), ('SE', 'PUBLIC_NAMING', 18), ('FI', 'PUBLIC_NAMING', 18),
               ('IS', 'PUBLIC_NAMING', 18), ('DK', 'PUBLIC_NAMING', 18)) as ages (country, purpose, age);
"""


async def forwards() -> MigrationManager:
    """Add indexes and ages."""
    return from_sql(ID, DESCRIPTION, SQL)
