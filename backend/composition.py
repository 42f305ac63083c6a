"""Puts the domains together: the one place that knows all of them and the settings."""

import asyncpg

from backend.accounts.config import AccountSettings
from backend.campaigns.config import CampaignSettings
from backend.campaigns.subject import KIND as STATEMENT
from backend.campaigns.subject import StatementSubject
from backend.places.config import PlaceSettings
from backend.settings import Settings
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
