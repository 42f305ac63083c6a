"""Piccolo's configuration, for migrations only: importing it connects to DATABASE_URL, so no other module may."""

import os

from piccolo.conf.apps import AppRegistry
from piccolo.engine.postgres import PostgresEngine

DB = PostgresEngine(
    config={"dsn": os.environ["DATABASE_URL"], "server_settings": {"application_name": "stemme migrate"}}
)

APP_REGISTRY = AppRegistry(apps=["backend.piccolo_app"])
