"""The one list of tables and the one migration history of all packages."""

from importlib import import_module
from pathlib import Path

from piccolo.conf.apps import AppConfig
from piccolo.table import Table

_ROOT = Path(__file__).resolve().parent.parent


def _table_modules() -> list[str]:
    """Every domain's `tables.py`: a new domain is found by itself."""
    paths = sorted(
        [*_ROOT.glob("backend/*/tables.py"), *_ROOT.glob("moderation/tables.py"), *_ROOT.glob("media/tables.py")]
    )
    return [".".join(path.relative_to(_ROOT).with_suffix("").parts) for path in paths]


def _tables_in(module_name: str) -> list[type[Table]]:
    """The tables that a module defines, not those it imports."""
    return [
        thing
        for thing in vars(import_module(module_name)).values()
        if isinstance(thing, type) and issubclass(thing, Table) and thing.__module__ == module_name
    ]


APP_CONFIG = AppConfig(
    app_name="stemme",
    migrations_folder_path=_ROOT / "backend" / "migrations",
    table_classes=[table for name in _table_modules() for table in _tables_in(name)],
)
