"""The editor's answer: chosen, and it is one of the campaign's topics; or declined, with a reason for everybody."""

from collections.abc import Mapping
from dataclasses import dataclass

from backend.campaigns.rules import CampaignStatus, effective_status
from backend.campaigns.running import MAX_TOPIC_CHARS, add_topics, check_texts, scope_of
from backend.campaigns.store import campaigns as campaign_store
from backend.campaigns.store.campaigns import Campaign
from backend.core import audit, policy
from backend.core.database import Database, Transaction
from backend.core.errors import Closed, Conflict, ValidationFailed, not_found
from backend.core.ids import Id
from backend.core.policy import Action
from backend.core.viewer import Viewer
from backend.notices import inbox
from backend.topics.config import MAX_REASON_CHARS, TopicSettings
from backend.topics.proposing import KIND
from backend.topics.rules import OPEN_STATES, Answer, ProposalState
from backend.topics.sight import belongs_to
from backend.topics.store import proposals as store
from backend.topics.store import supports
from backend.topics.store.proposals import Proposal

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """CHOSEN with the topic's `name`, DECLINED with a `reason`: staff texts by locale. The other one is empty."""

    answer: Answer
    name: Texts
    reason: Texts


async def answer_topic(
    db: Database, viewer: Viewer, settings: TopicSettings, proposal_id: Id, new: NewAnswer, *, seen: ProposalState
) -> None:
    """Answer a proposal, or correct the answer; the same answer again is harmless.

    `seen` is the state that the editor looked at: of two editors at the same time the second does not undo what the
    first said. A chosen topic is changed or taken back only while no round and no statement uses it.
    Raises NotFound, NotAllowed, ValidationFailed (texts, too_many_topics), Closed (a closed campaign gets no topics),
    Conflict (another state, topic_in_use).
    """
    viewer.require_account()
    new = _cleaned(new)
    async with db.transaction() as tx:
        row, campaign = await _locked(tx, viewer, proposal_id)
        if await _is_same(tx, row, new):
            return
        if row.state not in OPEN_STATES or row.state is not seen:
            raise Conflict(state=row.state)
        topic_id = await _settle_topic(tx, settings, row, campaign, new)
        reason = new.reason if new.answer is Answer.DECLINED else None
        by = viewer.require_account()
        await store.set_answer(tx, row.id, new.answer, reason=reason, topic_id=topic_id, by=by)
        await _tell(tx, row, new.answer)
        await audit.record(tx, by, "editor:topic:answered", (KIND, row.id), answer=new.answer)


def _cleaned(new: NewAnswer) -> NewAnswer:
    if new.answer is Answer.CHOSEN:
        if new.reason:
            raise ValidationFailed("reason_only_for_restriction", path=("reason",))
        return NewAnswer(new.answer, check_texts(new.name, "name", MAX_TOPIC_CHARS), {})
    if new.name:
        raise ValidationFailed("name_only_when_chosen", path=("name",))
    return NewAnswer(new.answer, {}, check_texts(new.reason, "reason", MAX_REASON_CHARS, multiline=True))


async def _locked(tx: Transaction, viewer: Viewer, proposal_id: Id) -> tuple[Proposal, Campaign]:
    """The proposal and its campaign, locked in this order, for whoever runs the campaign. Raises NotFound, NotAllowed.

    What is in review is the moderators' alone.
    """
    row = await store.lock_proposal(tx, proposal_id)
    campaign = None if row is None else await campaign_store.lock_campaign(tx, row.campaign_id)
    if row is None or campaign is None:
        raise not_found("proposal", proposal_id)
    is_open = row.state in OPEN_STATES and row.proposer_left_at is None
    is_own = row.proposer_id == viewer.account_id
    if not is_own and not (is_open and await belongs_to(tx, viewer, campaign)):
        raise not_found("proposal", proposal_id)
    policy.require(viewer, Action.CAMPAIGN_RUN, scope_of(campaign))
    return row, campaign


async def _is_same(tx: Transaction, row: Proposal, new: NewAnswer) -> bool:
    if row.state is not ProposalState(new.answer):
        return False
    if new.answer is Answer.DECLINED:
        return row.reason == new.reason
    return row.topic_id is not None and await campaign_store.topic_name(tx, row.topic_id) == new.name


async def _settle_topic(
    tx: Transaction, settings: TopicSettings, row: Proposal, campaign: Campaign, new: NewAnswer
) -> Id | None:
    """Add, rename or remove the campaign's topic as the answer says; its id if there is one then."""
    if row.topic_id is not None:
        await _require_unused(tx, settings, row.topic_id)
    if new.answer is Answer.DECLINED:
        if row.topic_id is not None:
            await campaign_store.remove_topic(tx, row.topic_id)
        return None
    if effective_status(campaign.times, await tx.now()) is CampaignStatus.CLOSED:
        raise Closed("campaign_closed")
    if row.topic_id is not None:
        await campaign_store.rename_topic(tx, row.topic_id, new.name)
        return row.topic_id
    [topic_id] = await add_topics(tx, campaign.id, [new.name], field="name")
    return topic_id


async def _require_unused(tx: Transaction, settings: TopicSettings, topic_id: Id) -> None:
    """Locks the topic first: whoever is about to use it waits, and then sees what became of it."""
    await campaign_store.lock_topic(tx, topic_id)
    if await campaign_store.topic_is_used(tx, topic_id) or await settings.used_in_rounds(tx, topic_id):
        raise Conflict("topic_in_use", state=ProposalState.CHOSEN)


async def _tell(tx: Transaction, row: Proposal, answer: Answer) -> None:
    subject = (KIND, row.id)
    if row.proposer_id is not None:
        await inbox.tell(tx, row.proposer_id, f"topic_{answer.lower()}", subject=subject)
    await inbox.tell_all(
        tx, await supports.supporters_of(tx, row.id), f"supported_topic_{answer.lower()}", subject=subject
    )
