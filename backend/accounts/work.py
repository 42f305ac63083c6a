"""What the worker does for accounts: erasing when the day has passed, ending what consents carried, and tidying."""

from typing import Any

from backend.accounts import consent, erasure, own_data
from backend.accounts.config import AccountSettings
from backend.core.database import Database
from backend.core.jobs import Registry


def register(registry: Registry, db: Database, settings: AccountSettings) -> None:
    """Register the jobs of accounts."""

    async def erase(payload: dict[str, Any]) -> None:
        await erasure.handle_erase(db, settings, payload)

    async def tidy() -> None:
        await own_data.tidy(db, settings)

    async def end_expired() -> None:
        await consent.end_expired(db)

    registry.job(erasure.JOB, erase)
    registry.every("accounts.end_expired_consents", "*/15 * * * *", end_expired)
    registry.every("accounts.tidy", "35 * * * *", tidy)
