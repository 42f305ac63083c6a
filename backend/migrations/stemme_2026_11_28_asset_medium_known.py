from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Text

ID = "2026-11-28T12:18:46:262896"
VERSION = "1.38.0"
DESCRIPTION = "asset_medium_known"


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="stemme", description=DESCRIPTION
    )

    manager.alter_column(
        table_class_name="Asset",
        tablename="asset",
        column_name="medium",
        db_column_name="medium",
        params={"null": False},
        old_params={"null": True},
        column_class=Text,
        old_column_class=Text,
        schema=None,
    )

    return manager
