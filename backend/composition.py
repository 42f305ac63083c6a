"""Puts the domains together: the one place that knows all of them and the settings."""

from typing import Any

import asyncpg

import media.work
import moderation.retention_store
from backend.accounts import own_data, personal_data
from backend.accounts import work as accounts_work
from backend.accounts.config import AccountSettings
from backend.accounts.personal_data import PersonalDomain
from backend.campaigns import personal as campaigns_personal
from backend.campaigns.config import CampaignSettings
from backend.campaigns.contested import contested_pictures
from backend.campaigns.running import find_scope
from backend.campaigns.sharing import work as sharing_work
from backend.campaigns.store.shared_files import kept_blobs
from backend.campaigns.subject import KIND as STATEMENT
from backend.campaigns.subject import StatementSubject
from backend.core import jobs, ratelimit, repeats
from backend.core.database import Database
from backend.core.jobs import Registry, Tick
from backend.notices import inbox
from backend.notices.mail import JOB as MAIL
from backend.notices.mail import Postbox, handle_send
from backend.places import personal as places_personal
from backend.places import work as places_work
from backend.places.config import PlaceSettings
from backend.rounds import editor_notices
from backend.rounds import personal as rounds_personal
from backend.rounds import work as rounds_work
from backend.rounds.dealing import Dealing
from backend.rounds.standings import SECONDS_KEPT, LiveStandings
from backend.rounds.store.rounds import is_topic_used
from backend.rounds.watching import RoundWatch
from backend.settings import Settings
from backend.topics import personal as topics_personal
from backend.topics import work as topics_work
from backend.topics.config import TopicSettings
from backend.topics.proposing import KIND as TOPIC
from backend.topics.subject import TopicSubject
from graphql_api.messages import message
from graphql_api.services import Services
from media.config import Media
from media.following import SECONDS, UploadWatch
from moderation.config import ModerationSettings
from moderation.subjects import Desk


def make_services(settings: Settings, *, live_seconds: float = SECONDS_KEPT) -> Services:
    """The domains' services for these settings. No I/O. `live_seconds`: how often a running round is read anew."""
    register_personal_domains()
    live = LiveStandings(seconds=live_seconds)
    desk = Desk(
        ModerationSettings(
            secret=settings.secret, claim_minutes=settings.claim_minutes, appeal_months=settings.appeal_months
        ),
        {STATEMENT: StatementSubject(), TOPIC: TopicSubject()},
    )
    return Services(
        accounts=AccountSettings.of(settings),
        places=PlaceSettings.of(settings, scope_of_campaign=find_scope),
        campaigns=CampaignSettings.of(settings),
        topics=TopicSettings(used_in_rounds=is_topic_used),
        media=Media.of(settings),
        desk=desk,
        live=live,
        watch=RoundWatch(live, seconds=live_seconds),
        uploads=UploadWatch(seconds=min(live_seconds, SECONDS)),
        dealing=Dealing(),
    )


def register_personal_domains() -> None:
    """Tell the accounts where personal data lives, so that a copy holds all of it and erasure forgets all of it."""
    notices = PersonalDomain("notices", inbox.export, inbox.erase)
    moderation_domain = PersonalDomain(
        "moderation", moderation.retention_store.export, moderation.retention_store.erase
    )
    for domain in (
        own_data.PERSONAL,
        notices,
        places_personal.PERSONAL,
        moderation_domain,
        campaigns_personal.PERSONAL,
        topics_personal.PERSONAL,
        rounds_personal.PERSONAL,
    ):
        personal_data.register(domain)


def make_registry(settings: Settings, db: Database, services: Services) -> Registry:
    """All that the worker does."""
    registry = Registry()
    postbox = Postbox(sender=settings.mail_from, smtp_url=settings.smtp_url or None, folder=settings.mail_folder)

    async def send_mail(payload: dict[str, Any]) -> None:
        await handle_send(db, postbox, message, payload)

    registry.job(MAIL, send_mail)
    registry.every("core.forget_old", "20 * * * *", _forgetting(db, services))
    accounts_work.register(registry, db, services.accounts)
    places_work.register(registry, db, services.places)
    media.work.register(registry, db, services.media, keepers={"shared/": kept_blobs}, contested=contested_pictures)
    sharing_work.register(registry, db, services.media)
    topics_work.register(registry, db)
    rounds_work.register(registry, db)
    editor_notices.register(registry, db)
    return registry


def _forgetting(db: Database, services: Services) -> Tick:
    async def forget_old() -> None:
        async with db.transaction() as tx:
            await repeats.forget_old(tx)
            await ratelimit.forget_full(tx)
            await jobs.forget_old(tx)
        async with db.transaction() as tx:
            await moderation.retention_store.forget_old(tx, services.desk)

    return forget_old


def is_overload(error: BaseException) -> bool:
    """Whether this is the database's way of saying "try again": busy, ending, or just gone."""
    return isinstance(
        error,
        asyncpg.DeadlockDetectedError
        | asyncpg.LockNotAvailableError
        | asyncpg.SerializationError
        | asyncpg.OperatorInterventionError
        | asyncpg.InsufficientResourcesError
        | asyncpg.IdleInTransactionSessionTimeoutError
        | asyncpg.PostgresConnectionError
        | asyncpg.InterfaceError
        | ConnectionError,
    )
