"""Fixtures of the rounds."""

import asyncio

import pytest

from backend.core.database import Database
from tests.rounds.arena import Arena, make_arena


@pytest.fixture
def arena(db: Database, runner: asyncio.Runner) -> Arena:
    """A stage with a round that opens in an hour."""
    return runner.run(make_arena(db))
