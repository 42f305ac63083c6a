"""Fixtures of proposed topics: an open campaign in a town."""

import asyncio

import pytest

from backend.core.database import Database
from tests.campaigns.stage import Stage, make_stage


@pytest.fixture
def stage(db: Database, runner: asyncio.Runner) -> Stage:
    """A town whose campaign is open."""
    return runner.run(make_stage(db))
