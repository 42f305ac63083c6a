from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Text
from piccolo.columns.indexes import IndexMethod
from piccolo.constraints import Check

ID = "2026-11-28T12:18:41:690547"
VERSION = "1.38.0"
DESCRIPTION = "asset_medium"


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="stemme", description=DESCRIPTION
    )

    manager.add_column(
        table_class_name="Asset",
        tablename="asset",
        column_name="medium",
        db_column_name="medium",
        column_class_name="Text",
        column_class=Text,
        params={
            "default": None,
            "null": True,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_constraint(
        table_class_name="Asset",
        tablename="asset",
        constraint_name="asset_medium_known",
        constraint_class=Check,
        params={"condition": "medium in ('IMAGE', 'MOVIE')"},
        schema=None,
    )

    return manager
