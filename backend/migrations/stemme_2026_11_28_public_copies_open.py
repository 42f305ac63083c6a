"""The few copies that are being made or taken away are found each minute."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.migrations import from_sql

ID = "2026-11-28T12:20:30:000000"
VERSION = "1.38.0"
DESCRIPTION = "index of public copies that are not finished"

SQL = """
create index public_copy_open on public_copy (asset_id) where copied_at is null;
"""


async def forwards() -> MigrationManager:
    """Add the index."""
    return from_sql(ID, DESCRIPTION, SQL)
