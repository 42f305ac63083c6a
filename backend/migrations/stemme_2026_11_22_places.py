"""What the places need beyond tables: who may be live beside whom, and the order of the roster."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.migrations import from_sql

ID = "2026-11-22T01:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "one live seat an account and class, one code a class, one running role a scope"

SQL = """
create unique index seat_live_account on seat (class_id, account_id) where status in ('PENDING','CONFIRMED');
create index seat_roster on seat (class_id, status, joined_at, id);
create unique index class_code_running on class_code (class_id) where revoked_at is null;
create unique index role_grant_running on role_grant (account_id, role, scope_kind, scope_id) nulls not distinct
  where revoked_at is null;
create index role_grant_scope_running on role_grant (scope_kind, scope_id, granted_at, id) where revoked_at is null;
create index city_newest on city (created_at, id);
create index school_newest on school (city_id, created_at, id);
create index school_class_newest on school_class (school_id, created_at, id);
create index school_class_retention on school_class (closed_at) where erased_at is null;
"""


async def forwards() -> MigrationManager:
    """Add the indexes."""
    return from_sql(ID, DESCRIPTION, SQL)
