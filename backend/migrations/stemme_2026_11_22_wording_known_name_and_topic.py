"""Wordings made before they had a name and topic of their own: those of their statement."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.migrations import from_sql

ID = "2026-11-22T05:48:30:000000"
VERSION = "1.38.0"
DESCRIPTION = "name and topic of the wordings that were made before"

SQL = """
update revision r set shown_as = s.shown_as, topic_id = s.topic_id from statement s where s.id = r.statement_id;
"""


async def forwards() -> MigrationManager:
    """Tell the name and topic of what is there."""
    return from_sql(ID, DESCRIPTION, SQL)
