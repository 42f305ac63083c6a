"""Fixtures of the places: a town."""

import asyncio

import pytest

from backend.core.database import Database
from tests.places.town import Town, make_town


@pytest.fixture
def town(db: Database, runner: asyncio.Runner) -> Town:
    """A city with a school, two classes and their staff."""
    return runner.run(make_town(db))
