"""The accounts on a fresh database."""

import pytest

from backend.core.database import Database
from backend.settings import Settings
from tests.accounts.people import House, house


@pytest.fixture
def home(db: Database, settings: Settings) -> House:
    """The domain with its settings."""
    return house(db, settings)
