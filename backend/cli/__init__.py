"""The `stemme` command: everything that is run, by one name."""

from backend.cli.group import main

__all__ = ["main"]
