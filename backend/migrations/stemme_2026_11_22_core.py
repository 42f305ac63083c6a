"""What the core needs beyond tables: an audit that nobody changes, rate limits without a log."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.migrations import from_sql

ID = "2026-11-22T01:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "audit that refuses change, unlogged rate limits"

SQL = """
create function audit_refuses_change() returns trigger language plpgsql as $$
begin
  raise exception 'the audit is only ever added to' using errcode = 'insufficient_privilege';
end $$;
create trigger audit_entry_stays before update or delete on audit_entry
  for each row execute function audit_refuses_change();
create trigger audit_entry_is_kept before truncate on audit_entry
  for each statement execute function audit_refuses_change();
create trigger audit_link_stays before update or delete on audit_link
  for each row execute function audit_refuses_change();
create trigger audit_link_is_kept before truncate on audit_link
  for each statement execute function audit_refuses_change();
alter table rate_bucket set unlogged;
create index notice_newest on notice (account_id, at, id);
"""


async def forwards() -> MigrationManager:
    """Add triggers and indexes."""
    return from_sql(ID, DESCRIPTION, SQL)
