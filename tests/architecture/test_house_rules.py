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


# A pooled connection is given back without a reset, so nothing may be left on it: only what ends with a transaction.
STAYS = re.compile(
    r"pg_(try_)?advisory_lock(_shared)?\s*\(|set_config\(.*\bfalse\b"
    r"|^\s*(un)?listen\b|^\s*(prepare\s+\w+\s*(\(|as)|declare\s+\w+.*\bcursor|create\s+temp)|^\s*set\s+(?!local\b)\w+(\s+to\b|\s*=)",
    re.IGNORECASE,
)


def _texts(source: str) -> Iterator[tuple[str, int]]:
    """Every text of a module but its documentation, with its line."""
    tree = ast.parse(source)
    told = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    told |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values[1:]}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value, node.lineno


@pytest.mark.parametrize(
    ("sql", "stays"),
    [
        ("select pg_advisory_lock(1)", True),
        ("select pg_try_advisory_lock($1)", True),
        ("select pg_advisory_xact_lock(1)", False),
        ("LISTEN stemme", True),
        ("set jit = off", True),
        ("set jit to off", True),
        ("set local jit = off", False),
        ("select set_config('jit', 'off', false)", True),
        ("create temporary table x (a int)", True),
        ("update asset set status = 'X'", False),
    ],
)
def test_statement_that_stays_on_its_connection_is_recognised(sql: str, stays: bool) -> None:
    assert (STAYS.search(sql) is not None) is stays


def test_nothing_is_left_on_a_pooled_connection() -> None:
    found = [
        f"{name}:{line}" for name, source in SOURCES.items() for text, line in _texts(source) if STAYS.search(text)
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
    everything = [path for folder in (*FOLDERS, "bench", "tests") for path in (ROOT / folder).rglob("*.py")]
    elsewhere = [path for path in everything if path != Path(__file__)]  # this file has to name the words
    assert [path.relative_to(ROOT) for path in elsewhere if word in path.read_text("utf-8")] == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [name for name, source in SOURCES.items() if source and ast.get_docstring(ast.parse(source)) is None]
    assert silent == []
