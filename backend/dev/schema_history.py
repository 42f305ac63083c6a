"""Whether the migrations say what the tables say, and what schema they make: the work of `stemme migrate --check`."""

import asyncio
import contextlib
import difflib
import io
import re
import tempfile
from itertools import islice
from pathlib import Path

from piccolo.apps.migrations.commands.new import AutoMigrationManager, NoChanges, _create_new_migration

from backend.dev.embedded import THROWAWAY, create_database, embedded_database
from backend.dev.programs import dump_schema
from backend.migrate import migrate
from backend.piccolo_app import APP_CONFIG

SCHEMA_FILE = Path(APP_CONFIG.resolved_migrations_folder_path) / "schema.sql"


def find_problems() -> list[str]:
    """What differs between tables, migrations and the committed schema; empty when all agree."""
    drift = [f"Tables and migrations differ: {change}" for change in _drift()]
    if drift:
        return [*drift, "Write a migration with `stemme migrate --new NAME`."]
    committed = SCHEMA_FILE.read_text(encoding="utf-8") if SCHEMA_FILE.exists() else ""
    changes = difflib.unified_diff(
        committed.splitlines(), schema_of_migrations().splitlines(), "committed", "made", n=1
    )
    lines = list(islice(changes, 60))
    if lines:
        return ["The migrations do not make the committed schema:", *lines, "Run `stemme migrate --write-schema`."]
    return []


def write_schema() -> Path:
    """Write the schema that the migrations make; its file."""
    SCHEMA_FILE.write_text(schema_of_migrations(), encoding="utf-8")
    return SCHEMA_FILE


def write_migration(name: str) -> Path | None:
    """Write a migration from the history to the tables, asking about renames; its file, None if nothing differs."""
    try:
        made = asyncio.run(_create_new_migration(APP_CONFIG, auto=True, description=name))
    except NoChanges:
        return None
    written = Path(made.migration_path)
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return written.rename(written.with_name(f"stemme_{made.migration_id[:10].replace('-', '_')}_{plain}.py"))


def schema_of_migrations() -> str:
    """The schema of a fresh database after all migrations, as a normalised dump."""
    with tempfile.TemporaryDirectory(prefix="stemme-schema-") as folder:
        Path(folder).chmod(0o711)  # the server may run as another user
        with embedded_database(Path(folder), options=THROWAWAY) as server:
            url = create_database(server, "stemme_schema")
            migrate(url)
            return _normalised(dump_schema(url))


def _drift() -> list[str]:
    with contextlib.redirect_stdout(io.StringIO()):
        found = asyncio.run(AutoMigrationManager(auto_input="n").get_alter_statements(APP_CONFIG))
    return [statement for each in found for statement in each.statements]


def _normalised(dump: str) -> str:
    """Without what changes from run to run: comments, settings of the session and the dump's random key."""
    lines = [
        line.rstrip()
        for line in dump.splitlines()
        if not line.startswith(("--", "SET ", "SELECT pg_catalog.set_config", "\\restrict", "\\unrestrict"))
    ]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"
