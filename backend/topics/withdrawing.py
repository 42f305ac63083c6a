"""A proposal is taken back: by its proposer at any time, or because the consent or the account is gone."""

import moderation.opening
from backend.core import audit
from backend.core.database import Database, Transaction
from backend.core.errors import not_found
from backend.core.ids import Id
from backend.core.viewer import Viewer
from backend.notices import inbox
from backend.topics import rules
from backend.topics.covering import is_covered
from backend.topics.proposing import KIND
from backend.topics.rules import ProposalState
from backend.topics.store import proposals as store
from backend.topics.store.proposals import Proposal


async def withdraw_topic(db: Database, viewer: Viewer, proposal_id: Id) -> None:
    """Take one's own proposal back, at once and without a reason; again is harmless.

    Of a chosen one the campaign's topic stays: its name is the editor's. Raises NotFound, also for another's.
    """
    async with db.transaction() as tx:
        account_id = viewer.require_account()
        viewer.require_unsealed()
        row = await store.lock_proposal(tx, proposal_id)
        if row is None or row.proposer_id != account_id:
            raise not_found("proposal", proposal_id)
        if await take_back(tx, row):
            await audit.record(tx, account_id, "author:topic:withdrawn", (KIND, proposal_id))


async def take_back(tx: Transaction, row: Proposal) -> bool:
    """Withdraw a locked proposal with its case; whether it was not withdrawn before."""
    if not rules.move(row.stored, ProposalState.WITHDRAWN):
        return False
    await store.set_state(tx, row.id, ProposalState.WITHDRAWN)
    await moderation.opening.close_for_withdrawal(tx, KIND, row.id)
    return True


async def take_down_uncovered(tx: Transaction, account_id: Id) -> int:
    """Withdraw the account's shown or waiting proposals when its consent no longer covers them; how many there were."""
    rows = await store.lock_of_proposer(tx, account_id)
    uncovered = [row for row in rows if row.stored in {ProposalState.WAITING, ProposalState.SHOWN}]
    if not uncovered or await is_covered(tx, account_id):
        return 0
    for row in uncovered:
        await take_back(tx, row)
        await inbox.tell(tx, account_id, "topic_lost_consent", subject=(KIND, row.id))
        await audit.record(tx, None, "system:topic:withdrawn", (KIND, row.id), reason="consent_withdrawn")
    return len(uncovered)
