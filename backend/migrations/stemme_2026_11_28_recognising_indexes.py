"""The four quarters by which looks that are alike are found."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.migrations import from_sql

ID = "2026-11-28T13:47:36.000001"
VERSION = "1.38.0"
DESCRIPTION = "the quarters by which looks that are alike are found"

SQL = """
create index removed_look_first on removed_look (((coarse >> 48) & 65535));
create index removed_look_second on removed_look (((coarse >> 32) & 65535));
create index removed_look_third on removed_look (((coarse >> 16) & 65535));
create index removed_look_fourth on removed_look ((coarse & 65535));
"""


async def forwards() -> MigrationManager:
    """Add the indexes."""
    return from_sql(ID, DESCRIPTION, SQL)
