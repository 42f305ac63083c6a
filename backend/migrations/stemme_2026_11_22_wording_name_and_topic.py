"""A name and a topic for each wording: what is published keeps its own until the new wording is."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import UUID, Text
from piccolo.columns.indexes import IndexMethod

ID = "2026-11-22T05:48:17:161218"
VERSION = "1.38.0"
DESCRIPTION = "wording_name_and_topic"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="stemme", description=DESCRIPTION)

    manager.add_column(
        table_class_name="Revision",
        tablename="revision",
        column_name="shown_as",
        db_column_name="shown_as",
        column_class_name="Text",
        column_class=Text,
        params={
            "default": "PSEUDONYM",
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

    manager.add_column(
        table_class_name="Revision",
        tablename="revision",
        column_name="topic_id",
        db_column_name="topic_id",
        column_class_name="UUID",
        column_class=UUID,
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

    return manager
