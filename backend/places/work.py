"""What the worker does for the places: one registration for the composition root."""

from typing import Any

from backend.accounts.consent import JOB_GIVEN
from backend.accounts.guardian_requests import JOB_ASKED
from backend.core.database import Database
from backend.core.jobs import Registry
from backend.places.closing import close_due_classes, erase_closed_classes
from backend.places.config import PlaceSettings
from backend.places.consent_notices import handle_consent_asked, handle_consent_given


def register(registry: Registry, db: Database, settings: PlaceSettings) -> None:
    """Add the jobs and the periodic work of places."""

    async def given(payload: dict[str, Any]) -> None:
        await handle_consent_given(db, payload)

    async def asked(payload: dict[str, Any]) -> None:
        await handle_consent_asked(db, payload)

    async def close() -> None:
        await close_due_classes(db, settings)

    async def erase() -> None:
        await erase_closed_classes(db, settings)

    registry.job(JOB_GIVEN, given)
    registry.job(JOB_ASKED, asked)
    registry.every("places.close_due_classes", "7 * * * *", close)
    registry.every("places.erase_closed_classes", "27 * * * *", erase)
