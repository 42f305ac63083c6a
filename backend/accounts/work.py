"""What the worker does for accounts: erasing when the day has passed, and tidying."""

from typing import Any

from backend.accounts import erasure, own_data
from backend.accounts.config import AccountSettings
from backend.core.database import Database
from backend.core.jobs import Registry


def register(registry: Registry, db: Database, settings: AccountSettings) -> None:
    """Register the jobs of accounts."""

    async def erase(payload: dict[str, Any]) -> None:
        await erasure.handle_erase(db, settings, payload)

    async def tidy() -> None:
        await own_data.tidy(db, settings)

    registry.job(erasure.JOB, erase)
    registry.every("accounts.tidy", "35 * * * *", tidy)
