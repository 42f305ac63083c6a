"""How each guardian key travelled."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Text
from piccolo.columns.indexes import IndexMethod
from piccolo.constraints import Check

ID = "2026-11-22T05:26:22:843370"
VERSION = "1.38.0"
DESCRIPTION = "guardian_key_channel"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="stemme", description=DESCRIPTION)

    manager.add_column(
        table_class_name="GuardianKey",
        tablename="guardian_key",
        column_name="channel",
        db_column_name="channel",
        column_class_name="Text",
        column_class=Text,
        params={
            "default": "MAIL",
            "null": False,
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
        table_class_name="GuardianKey",
        tablename="guardian_key",
        constraint_name="guardian_key_channel_known",
        constraint_class=Check,
        params={"condition": "channel in ('SCHOOL', 'MAIL')"},
        schema=None,
    )

    return manager
