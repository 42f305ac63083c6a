"""The history of the schema. Files are applied by the order of their ID; `stemme migrate --new NAME` writes one.

What Piccolo cannot say (partial and expression indexes, triggers, extensions) is a file of its own with
`ID`, `VERSION`, `DESCRIPTION` and `async def forwards()` returning `from_sql(ID, DESCRIPTION, SQL)`.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder


def from_sql(migration_id: str, description: str, sql: str) -> MigrationManager:
    """A migration that runs the statements in `sql`, in the transaction of the whole upgrade."""
    manager = MigrationManager(migration_id=migration_id, app_name="stemme", description=description)

    async def run() -> None:
        engine = engine_finder()
        # Piccolo sends one prepared statement at a time; the connection itself takes a whole script.
        await engine.current_transaction.get().connection.execute(sql)

    manager.add_raw(run)
    return manager
