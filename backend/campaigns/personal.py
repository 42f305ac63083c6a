"""What the campaigns hold about somebody: the copy they can have, leaving every view at once, and erasure."""

from dataclasses import dataclass

import media.attaching
import media.retention.ending
from backend.accounts.personal_data import PersonalDomain
from backend.campaigns import consent_gone
from backend.campaigns.rules import PUBLIC_AUDIENCES, ShownAs, Visibility
from backend.campaigns.sharing.cards import end_name
from backend.campaigns.sharing.ending import end_sharing, lapse
from backend.campaigns.sharing.rules import TakedownReason
from backend.campaigns.store import personal as own
from backend.campaigns.store import pictures, takedowns
from backend.campaigns.store import statements as store
from backend.campaigns.store.sharing import shared_statements
from backend.campaigns.store.statements import Statement
from backend.campaigns.withdrawing import take_back
from backend.core import signals
from backend.core.database import Connection, Transaction
from backend.core.ids import Id


@dataclass(frozen=True, slots=True)
class OwnCampaigns:
    """All that somebody wrote, stands behind, learned, sent in and shared."""

    statements: list[own.OwnWording]
    supports: list[own.OwnSupport]
    lessons: list[own.OwnLesson]
    quizzes: list[own.OwnAttempt]
    pictures: list[dict[str, object]]
    shares: list[takedowns.OwnShare]
    takedowns: list[takedowns.OwnTakedown]


async def export(conn: Connection, account_id: Id) -> OwnCampaigns:
    """The copy."""
    return OwnCampaigns(
        await own.wordings_of(conn, account_id),
        await own.supports_of(conn, account_id),
        await own.lessons_of(conn, account_id),
        await own.attempts_of(conn, account_id),
        await media.retention.ending.export(conn, account_id),
        await takedowns.shares_of(conn, account_id),
        await takedowns.takedowns_of(conn, account_id),
    )


async def leave(tx: Transaction, account_id: Id) -> None:
    """Erasure was asked for: gone from every view with the commit, but for what the author lets stand unnamed."""
    for statement in await _shared(tx, await _statements(tx, account_id)):
        await end_sharing(tx, statement.id, statement.campaign_id, TakedownReason.AUTHOR_LEFT)
    hidden = await own.withhold(tx, account_id, keep_published=await own.keeps_statements(tx, account_id))
    await media.attaching.revoke(tx, await pictures.list_assets(tx, hidden))
    await signals.notify(tx, "feed")


async def follow_new_name(tx: Transaction, account_id: Id) -> None:
    """The person has another pseudonym: cards and bundles with the old one go, and posts with it have to come down."""
    for statement in await _shared(tx, await _statements(tx, account_id)):
        if statement.shown_as is ShownAs.PSEUDONYM:
            await end_name(tx, statement)


async def come_back(tx: Transaction, account_id: Id) -> None:
    """The author stays after all: what was shown is shown again. Cards and bundles have to be asked for anew."""
    statements = await _statements(tx, account_id)
    for statement in await _shared(tx, statements):
        if statement.visibility is Visibility.PUBLISHED:
            await lapse(tx, statement.id, statement.campaign_id)
    for statement in statements:
        if statement.author_left_at is None or statement.visibility is not Visibility.PUBLISHED:
            continue
        shown = [] if statement.published_revision_id is None else [statement.published_revision_id]
        assets = await pictures.list_assets(tx, shown)
        await media.attaching.release(tx, assets, is_public=statement.audience in PUBLIC_AUDIENCES)
    await own.show_again(tx, account_id)
    await signals.notify(tx, "feed")


async def erase(tx: Transaction, account_id: Id) -> None:
    """Forget the person. Published statements stay without author and name if that was chosen; all else goes.

    Pictures go with it here, because only the statements know which of them stay.
    """
    keeps = await own.keeps_statements(tx, account_id)
    kept: list[Statement] = []
    gone: list[Statement] = []
    for statement in await _statements(tx, account_id):
        stays = keeps and statement.visibility is Visibility.PUBLISHED and statement.author_left_at is None
        (kept if stays else gone).append(statement)
    for statement in gone:
        await take_back(tx, statement, TakedownReason.AUTHOR_LEFT)
    for statement in await _shared(tx, kept):  # they stay here, but were posted under the author's name
        await end_sharing(tx, statement.id, statement.campaign_id, TakedownReason.AUTHOR_LEFT)
    shown = [one.published_revision_id for one in kept if one.published_revision_id is not None]
    await media.retention.ending.erase(tx, account_id, keep=await pictures.list_assets(tx, shown))
    await own.leave_behind(tx, [one.id for one in kept])
    await own.forget(tx, [one.id for one in gone])
    await own.forget_person(tx, account_id)
    await takedowns.forget_person(tx, account_id)
    await signals.notify(tx, "feed")


async def _shared(tx: Transaction, statements: list[Statement]) -> list[Statement]:
    """Those that ever had a card or a bundle."""
    shared = await shared_statements(tx, [one.id for one in statements])
    return [one for one in statements if one.id in shared]


async def _statements(tx: Transaction, account_id: Id) -> list[Statement]:
    ids = await own.lock_of_author(tx, account_id)
    return await store.find_statements(tx, ids)


PERSONAL = PersonalDomain(
    "campaigns",
    export,
    erase,
    leave=leave,
    come_back=come_back,
    consent_ended=consent_gone.take_down_uncovered,
    renamed=follow_new_name,
)
