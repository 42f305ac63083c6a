"""The folder `graphql/` must not shadow graphql-core, whose import name it bears."""

from pathlib import Path

import graphql

FOLDER = Path(__file__).parents[2] / "graphql"


def test_graphql_folder_holds_no_python_file() -> None:
    assert FOLDER.is_dir()
    assert list(FOLDER.glob("*.py")) == []


def test_graphql_is_graphql_core() -> None:
    assert graphql.__file__ is not None
    assert "site-packages" in graphql.__file__
