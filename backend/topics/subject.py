"""What moderation sees of a proposal, and what its decisions do to one."""

from collections.abc import Mapping, Sequence

from backend.campaigns.editors import editors_of
from backend.campaigns.running import may_see
from backend.campaigns.store import campaigns as campaign_store
from backend.core.database import Connection, Transaction
from backend.core.ids import Id
from backend.core.viewer import Viewer
from backend.notices import inbox
from backend.topics import rules
from backend.topics.covering import is_covered
from backend.topics.proposing import KIND
from backend.topics.rules import ProposalState
from backend.topics.sight import reach_of
from backend.topics.store import lists, subjects
from backend.topics.store import proposals as store
from backend.topics.withdrawing import take_back
from moderation.rules import Reason
from moderation.subjects import SubjectView


class TopicSubject:
    """Implements moderation's SubjectHandler for proposals. A proposal has one wording, which goes by its own id."""

    async def describe(self, conn: Connection, subject_ids: Sequence[Id]) -> Mapping[Id, SubjectView]:
        """The proposals as they are, by id."""
        return {row.id: row for row in await subjects.describe(conn, subject_ids)}

    async def describe_revisions(self, conn: Connection, revision_ids: Sequence[Id]) -> Mapping[Id, SubjectView]:
        """The same: by the wording's id, which is the proposal's."""
        return await self.describe(conn, revision_ids)

    async def visible_ids(self, conn: Connection, viewer: Viewer, subject_ids: Sequence[Id]) -> frozenset[Id]:
        """Which of them this viewer sees now as shown to everybody in the campaign."""
        rows = await lists.find_proposals(conn, None, subject_ids)
        campaigns = await campaign_store.find_campaigns(conn, list({row.campaign_id for row in rows}))
        seen = {one.id for one in campaigns if may_see(viewer, one)}
        reach = await reach_of(conn, viewer)
        return frozenset(
            row.id for row in rows if row.campaign_id in seen and reach.includes(row.campaign_id, row.city_id)
        )

    async def lock(self, tx: Transaction, subject_id: Id) -> SubjectView | None:
        """Lock the row and describe it."""
        if await store.lock_proposal(tx, subject_id) is None:
            return None
        return (await self.describe(tx, [subject_id])).get(subject_id)

    async def in_review(self, tx: Transaction, subject_id: Id, revision_id: Id) -> None:
        """It waits (again) for a key."""
        await _move(tx, subject_id, ProposalState.WAITING)

    async def approve(self, tx: Transaction, subject_id: Id, revision_id: Id) -> None:
        """Show it, unless it was withdrawn or its consent ended meanwhile."""
        await _show(tx, subject_id)

    async def request_changes(self, tx: Transaction, subject_id: Id, revision_id: Id) -> None:
        """Sent back: the proposer may propose it anew in other words."""
        await _move(tx, subject_id, ProposalState.RETURNED)

    async def reject(self, tx: Transaction, subject_id: Id, revision_id: Id, reason: Reason) -> None:
        """It is refused."""
        await _move(tx, subject_id, ProposalState.REJECTED)

    async def hide(self, tx: Transaction, subject_id: Id, revision_id: Id) -> None:
        """Nobody but the proposer and moderators sees it until it is restored. A topic made of it stays: it is the
        editor's."""
        await _move(tx, subject_id, ProposalState.HIDDEN)

    async def remove(self, tx: Transaction, subject_id: Id, revision_id: Id) -> None:
        """Taken away; only an appeal brings it back."""
        await _move(tx, subject_id, ProposalState.REMOVED)

    async def restore(self, tx: Transaction, subject_id: Id, revision_id: Id) -> None:
        """Back among the others, from hidden or removed, with its supports and its answer."""
        await _show(tx, subject_id)


async def _show(tx: Transaction, proposal_id: Id) -> None:
    row = await store.lock_proposal(tx, proposal_id)
    if row is None or not rules.move(row.stored, ProposalState.SHOWN):
        return
    if row.proposer_id is not None and not await is_covered(tx, row.proposer_id):
        await take_back(tx, row)
        return
    await store.set_state(tx, proposal_id, ProposalState.SHOWN)
    if row.shown_at is None:
        editors = await editors_of(tx, row.campaign_id)
        await inbox.tell_all(tx, editors, "topic_to_answer", subject=(KIND, proposal_id))


async def _move(tx: Transaction, proposal_id: Id, to: ProposalState) -> None:
    row = await store.lock_proposal(tx, proposal_id)
    if row is not None and rules.move(row.stored, to):
        await store.set_state(tx, proposal_id, to)
