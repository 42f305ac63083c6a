"""A takedown is a row of its own now: the time beside the statement goes."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

ID = "2026-11-28T12:34:26:870373"
VERSION = "1.38.0"
DESCRIPTION = "takedown_moved"


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="stemme", description=DESCRIPTION
    )

    manager.drop_column(
        table_class_name="Statement",
        tablename="statement",
        column_name="takedown_due_at",
        db_column_name="takedown_due_at",
        schema=None,
    )

    return manager
