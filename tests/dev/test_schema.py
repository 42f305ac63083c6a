"""Breaking an app of the last release is refused unless it is listed; adding is always free."""

from pathlib import Path

import pytest

from backend.asgi import schema_sdl
from backend.cli.schema import LISTED, find_breaks, keep_release

OLD = "type Query { city(id: ID!): String  town: String }  enum Side { LEFT RIGHT }"
REMOVED = "Field Query.town was removed."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    keep_release(OLD, tmp_path)
    return tmp_path


def test_published_schema_can_be_compared_with_itself(tmp_path: Path) -> None:
    assert find_breaks(schema_sdl(), tmp_path) == []
    keep_release(schema_sdl(), tmp_path)
    assert find_breaks(schema_sdl(), tmp_path) == []


def test_addition_breaks_nothing(folder: Path) -> None:
    more = "type Query { city(id: ID!, name: String): String  town: String @deprecated  new: Int }"
    assert find_breaks(more + " enum Side { LEFT RIGHT MIDDLE }", folder) == []


@pytest.mark.parametrize(
    "broken",
    [
        OLD.replace("town: String", ""),
        OLD.replace("town: String", "town: Int"),
        OLD.replace("(id: ID!)", "(id: ID!, name: String!)"),
        OLD.replace("(id: ID!)", ""),
        OLD.replace("RIGHT", ""),
    ],
)
def test_unlisted_break_is_refused(folder: Path, broken: str) -> None:
    assert "breaks apps" in find_breaks(broken, folder)[0]


def test_listed_break_is_accepted_and_a_stale_list_is_not(folder: Path) -> None:
    broken = OLD.replace("town: String", "")
    assert f"  {REMOVED}" in find_breaks(broken, folder)
    (folder / LISTED).write_text(f"# nobody used it\n\n{REMOVED}\n", encoding="utf-8")
    assert find_breaks(broken, folder) == []
    assert find_breaks(OLD, folder) == ["These listed changes are not made:", f"  {REMOVED}"]
    keep_release(broken, folder)
    assert find_breaks(broken, folder) == []
