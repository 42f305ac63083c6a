"""Keys made before they told how they travelled: those of children of a class went by the school."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.migrations import from_sql

ID = "2026-11-22T05:26:30:000000"
VERSION = "1.38.0"
DESCRIPTION = "channel of the guardian keys that were made before"

SQL = """
update guardian_key k set channel = 'SCHOOL'
  from account a
 where a.id = k.account_id
   and (a.door = 'CLASS_CODE' or exists (select from seat s where s.account_id = a.id and s.joined_at <= k.made_at));
"""


async def forwards() -> MigrationManager:
    """Tell the channel of what is there."""
    return from_sql(ID, DESCRIPTION, SQL)
