"""Fixtures of the campaigns: an open one in a town, with a store for pictures."""

import asyncio
from pathlib import Path

import pytest

from backend.core.database import Database
from media.blobs.folder import FolderStore
from media.config import Media
from tests.campaigns.stage import Stage, make_stage


@pytest.fixture
def stage(db: Database, runner: asyncio.Runner, tmp_path: Path) -> Stage:
    """A town whose campaign is open."""
    media = Media(blobs=FolderStore(tmp_path / "media"), secret=b"only-the-tests-know-this-secret-0123456789")
    return runner.run(make_stage(db, media))
