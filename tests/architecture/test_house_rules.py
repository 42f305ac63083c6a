"""What no import shows: where SQL, the clock and long files may be."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("backend", "moderation", "media", "graphql/graphql_api")
QUERIES = {"fetch", "fetch_one", "fetch_value", "fetch_as", "fetch_one_as", "execute", "execute_many", "insert"}
# The core and the notices are stores of their own tables; migrating and developing happens beside the application.
SQL_PLACES = re.compile(r"store|^backend/(core|notices|dev|migrations)/|^backend/migrate\.py$")
MAX_LINES = 300


def _sources() -> Iterator[tuple[str, str]]:
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith("backend/migrations/"):
                yield name, path.read_text("utf-8")


SOURCES = dict(_sources())


def _calls(source: str) -> Iterator[tuple[str, str, int]]:
    """Of each method call: what it is called on, its name, its line."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield ast.unparse(node.func.value), node.func.attr, node.lineno


def test_sql_stands_in_stores_only() -> None:
    found = [
        f"{name}:{line}"
        for name, source in SOURCES.items()
        if not SQL_PLACES.search(name)
        for on, method, line in _calls(source)
        if method in QUERIES and re.search(r"\b(tx|conn|connection|raw)$", on)
    ]
    assert found == []


def test_clock_is_read_in_one_module() -> None:
    found = [
        f"{name}:{line}"
        for name, source in SOURCES.items()
        if name != "backend/core/clock.py"
        for on, method, line in _calls(source)
        if (on.rpartition(".")[2], method)
        in {("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("time", "time")}
    ]
    assert found == []


def test_no_file_is_long_or_named_for_nothing() -> None:
    assert [name for name, source in SOURCES.items() if source.count("\n") > MAX_LINES] == []
    assert [name for name in SOURCES if re.search(r"(utils?|helpers?|managers?|misc|common)(\.py|/)", name)] == []


@pytest.mark.parametrize("word", ["TODO", "FIXME", "XXX", "NotImplementedError"])
def test_nothing_is_left_for_later(word: str) -> None:
    assert [name for name, source in SOURCES.items() if word in source] == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [name for name, source in SOURCES.items() if source and ast.get_docstring(ast.parse(source)) is None]
    assert silent == []
