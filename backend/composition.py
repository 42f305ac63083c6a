"""Puts the domains together: the one place that knows all of them and the settings."""

from typing import Any

import asyncpg

import media.work
from backend.accounts.config import AccountSettings
from backend.campaigns.config import CampaignSettings
from backend.campaigns.subject import KIND as STATEMENT
from backend.campaigns.subject import StatementSubject
from backend.core import jobs, ratelimit, repeats
from backend.core.database import Database
from backend.core.jobs import Registry
from backend.notices.mail import JOB as MAIL
from backend.notices.mail import Postbox, handle_send
from backend.places.config import PlaceSettings
from backend.settings import Settings
from graphql_api.messages import message
from graphql_api.services import Services
from media.config import Media
from moderation.config import ModerationSettings
from moderation.subjects import Desk


def make_services(settings: Settings) -> Services:
    """The domains' services for these settings. No I/O."""
    desk = Desk(
        ModerationSettings(
            secret=settings.secret, claim_minutes=settings.claim_minutes, appeal_months=settings.appeal_months
        ),
        {STATEMENT: StatementSubject()},
    )
    return Services(
        accounts=AccountSettings.of(settings),
        places=PlaceSettings.of(settings),
        campaigns=CampaignSettings.of(settings),
        media=Media.of(settings),
        desk=desk,
    )


def make_registry(settings: Settings, db: Database, services: Services) -> Registry:
    """All that the worker does."""
    registry = Registry()
    postbox = Postbox(sender=settings.mail_from, smtp_url=settings.smtp_url or None, folder=settings.mail_folder)

    async def send_mail(payload: dict[str, Any]) -> None:
        await handle_send(db, postbox, message, payload)

    async def forget_old() -> None:
        async with db.transaction() as tx:
            await repeats.forget_old(tx)
            await ratelimit.forget_full(tx)
            await jobs.forget_old(tx)

    registry.job(MAIL, send_mail)
    registry.every("core.forget_old", "20 * * * *", forget_old)
    media.work.register(registry, db, services.media)
    return registry


def is_overload(error: BaseException) -> bool:
    """Whether this is the database's way of saying "try again": nothing was written."""
    return isinstance(
        error,
        asyncpg.DeadlockDetectedError
        | asyncpg.LockNotAvailableError
        | asyncpg.SerializationError
        | asyncpg.QueryCanceledError
        | asyncpg.TooManyConnectionsError
        | asyncpg.CannotConnectNowError
        | asyncpg.PostgresConnectionError
        | asyncpg.InterfaceError
        | ConnectionError,
    )
