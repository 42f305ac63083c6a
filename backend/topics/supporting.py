"""Stand behind a proposal, or no longer. Counts are the proposer's and the editors'; nothing is notified."""

from backend.campaigns import rules as campaign_rules
from backend.campaigns.store import campaigns as campaign_store
from backend.core.database import Database, Transaction
from backend.core.errors import Conflict, NotAllowed, not_found
from backend.core.ids import Id
from backend.core.viewer import Viewer
from backend.topics.proposing import seat_in
from backend.topics.rules import OPEN_STATES, ProposalState
from backend.topics.sight import belongs_to
from backend.topics.store import proposals as store
from backend.topics.store import supports
from backend.topics.store.proposals import Proposal


async def support_topic(db: Database, viewer: Viewer, proposal_id: Id) -> bool:
    """Support a proposal of somebody else; whether it is new (again is harmless, also after the answer).

    Raises NotFound, NotAllowed (own_proposal, seat_needed, seat_not_confirmed, campaign_of_another_city), Closed,
    Conflict with the state when it has been answered.
    """
    async with db.transaction() as tx:
        account_id = viewer.require_active()
        row = await _seen(tx, viewer, account_id, proposal_id)
        campaign = await campaign_store.get_campaign(tx, row.campaign_id)
        if campaign is None:
            raise not_found("proposal", proposal_id)
        if row.proposer_id == account_id:
            raise NotAllowed("own_proposal")
        if await supports.has_support(tx, proposal_id, account_id):
            return False
        seat_in(viewer, campaign)
        campaign_rules.check_open(campaign.times, await tx.now())
        if row.state is not ProposalState.SHOWN:
            raise Conflict(state=row.state)
        return await supports.add_support(tx, proposal_id, account_id)


async def unsupport_topic(db: Database, viewer: Viewer, proposal_id: Id) -> bool:
    """Take the support back, also of what is no longer visible; whether there was one. Raises NotFound."""
    async with db.transaction() as tx:
        account_id = viewer.require_active()
        if await supports.remove_support(tx, proposal_id, account_id):
            return True
        await _seen(tx, viewer, account_id, proposal_id)
        return False


async def _seen(tx: Transaction, viewer: Viewer, account_id: Id, proposal_id: Id) -> Proposal:
    """The proposal as the viewer sees it. Raises NotFound."""
    row = await store.get_proposal(tx, proposal_id)
    if row is None:
        raise not_found("proposal", proposal_id)
    if row.proposer_id == account_id:
        return row
    campaign = await campaign_store.get_campaign(tx, row.campaign_id)
    is_open = row.state in OPEN_STATES and row.proposer_left_at is None
    if campaign is None or not is_open or not await belongs_to(tx, viewer, campaign):
        raise not_found("proposal", proposal_id)
    return row
