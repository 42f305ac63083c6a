"""What moderation sees of a statement, and what its decisions do to one."""

from collections.abc import Mapping, Sequence

import media.attaching
from backend.campaigns import coverage, rules
from backend.campaigns.reading import reader_of
from backend.campaigns.rules import PUBLIC_AUDIENCES, Review, Visibility
from backend.campaigns.sharing.cards import renew_cards
from backend.campaigns.sharing.ending import end_sharing, lapse
from backend.campaigns.sharing.rules import TakedownReason
from backend.campaigns.store import feed, pictures, subjects
from backend.campaigns.store import statements as store
from backend.campaigns.store.statements import Revision, Statement
from backend.campaigns.withdrawing import take_back
from backend.core import signals
from backend.core.database import Connection, Transaction
from backend.core.ids import Id
from backend.core.text import search_config
from backend.core.viewer import Viewer
from media.recognising import removed
from moderation.rules import Reason
from moderation.subjects import SubjectView

KIND = "statement"
# Reasons that a picture itself can be: who is refused for these may send it again.
_OF_PICTURES = frozenset({Reason.LAW, Reason.PERSONAL_DATA, Reason.OTHERS_RIGHTS, Reason.HARASSMENT})


class StatementSubject:
    """Implements moderation's SubjectHandler for statements."""

    async def describe(self, conn: Connection, subject_ids: Sequence[Id]) -> Mapping[Id, SubjectView]:
        """The statements as they are, by id."""
        return {row.id: row for row in await subjects.describe(conn, subject_ids)}

    async def describe_revisions(self, conn: Connection, revision_ids: Sequence[Id]) -> Mapping[Id, SubjectView]:
        """Exactly these wordings, by revision id."""
        return {row.revision_id: row for row in await subjects.describe_revisions(conn, revision_ids)}

    async def visible_ids(self, conn: Connection, viewer: Viewer, subject_ids: Sequence[Id]) -> frozenset[Id]:
        """Which of them this viewer sees now."""
        reader = await reader_of(conn, viewer)
        return frozenset(row.id for row in await feed.find_shown(conn, reader, subject_ids))

    async def lock(self, tx: Transaction, subject_id: Id) -> SubjectView | None:
        """Lock the row and describe it."""
        if await store.lock_statement(tx, subject_id) is None:
            return None
        return (await self.describe(tx, [subject_id])).get(subject_id)

    async def in_review(self, tx: Transaction, subject_id: Id, revision_id: Id) -> None:
        """The revision waits (again) for a key."""
        await store.set_review(tx, revision_id, Review.IN_REVIEW)

    async def approve(self, tx: Transaction, subject_id: Id, revision_id: Id) -> None:
        """Publish the revision, unless the author withdrew the statement or the consent for it meanwhile."""
        statement = await store.lock_statement(tx, subject_id)
        if statement is None or statement.visibility is Visibility.WITHDRAWN:
            return
        revision = await store.get_revision(tx, revision_id)
        if not await self._is_covered(tx, statement, revision):
            await take_back(tx, statement, TakedownReason.CONSENT_ENDED)
            return
        rules.move_visibility(statement.visibility, Visibility.PUBLISHED)
        await store.set_review(tx, revision_id, Review.APPROVED)
        await store.publish(tx, subject_id, revision, config=search_config(revision.language))
        kept = await pictures.list_assets(tx, [revision_id, statement.latest_revision_id])
        everything = await pictures.assets_of_statement(tx, subject_id)
        await media.attaching.revoke(tx, [one for one in everything if one not in kept])
        await _show_pictures(tx, statement, revision)
        await renew_cards(tx, statement, revision)
        await signals.notify(tx, "feed")

    async def request_changes(self, tx: Transaction, subject_id: Id, revision_id: Id) -> None:
        """The author may change and submit again."""
        await store.set_review(tx, revision_id, Review.CHANGES_REQUESTED)
        assets = await pictures.list_assets(tx, [revision_id])
        await media.attaching.refuse(tx, assets)
        await media.attaching.give_back(tx, assets)

    async def reject(self, tx: Transaction, subject_id: Id, revision_id: Id, reason: Reason) -> None:
        """The revision is refused; what was published before stays."""
        await store.set_review(tx, revision_id, Review.REJECTED)
        assets = await pictures.list_assets(tx, [revision_id])
        if reason in _OF_PICTURES:
            await removed.remember(tx, assets)
        await media.attaching.refuse(tx, assets)

    async def hide(self, tx: Transaction, subject_id: Id, revision_id: Id) -> None:
        """Nobody but the author and staff sees it until it is restored."""
        await self._take_down(tx, subject_id, Visibility.HIDDEN)

    async def remove(self, tx: Transaction, subject_id: Id, revision_id: Id) -> None:
        """Taken away; only an appeal brings it back."""
        await self._take_down(tx, subject_id, Visibility.REMOVED)

    async def restore(self, tx: Transaction, subject_id: Id, revision_id: Id) -> None:
        """Back to published, from hidden or removed; nothing if the author withdrew it or the consent meanwhile."""
        statement = await store.lock_statement(tx, subject_id)
        if statement is None or statement.visibility not in {Visibility.HIDDEN, Visibility.REMOVED}:
            return
        if statement.published_revision_id is None:
            raise LookupError(f"statement {subject_id} was hidden before it was published")
        revision = await store.get_revision(tx, statement.published_revision_id)
        if not await self._is_covered(tx, statement, revision):
            await take_back(tx, statement, TakedownReason.CONSENT_ENDED)
            return
        await store.set_visibility(tx, subject_id, Visibility.PUBLISHED)
        await _show_pictures(tx, statement, revision)
        if statement.author_left_at is None:
            await lapse(tx, subject_id, statement.campaign_id)
        await signals.notify(tx, "feed")

    async def _is_covered(self, tx: Transaction, statement: Statement, revision: Revision) -> bool:
        """Whether the consents hold; a statement that was left behind without its author needs none."""
        if statement.author_id is None:
            return True
        assets = await pictures.list_assets(tx, [revision.id])
        at_school = statement.class_id is not None
        return await coverage.is_covered(tx, statement.author_id, revision.audience, assets, at_school=at_school)

    async def _take_down(self, tx: Transaction, subject_id: Id, to: Visibility) -> None:
        statement = await store.lock_statement(tx, subject_id)
        if statement is None or statement.visibility in {to, Visibility.WITHDRAWN}:
            return
        rules.move_visibility(statement.visibility, to)
        # Only what was shown: pictures of a wording that still waits or is being written stay usable.
        shown = [] if statement.published_revision_id is None else [statement.published_revision_id]
        assets = await pictures.list_assets(tx, shown)
        if to is Visibility.REMOVED:
            await removed.remember(tx, assets)
        await store.set_visibility(tx, subject_id, to)
        await end_sharing(tx, subject_id, statement.campaign_id, TakedownReason(to))
        await media.attaching.revoke(tx, assets)
        await signals.notify(tx, "feed")


async def _show_pictures(tx: Transaction, statement: Statement, revision: Revision) -> None:
    """Release a published wording's pictures, unless the author is leaving: nothing of theirs is shown then.

    Whatever was decided about them before, they are no removed ones any more.
    """
    assets = await pictures.list_assets(tx, [revision.id])
    await removed.forgive(tx, assets)
    if statement.author_left_at is None:
        await media.attaching.release(tx, assets, is_public=revision.audience in PUBLIC_AUDIENCES)
