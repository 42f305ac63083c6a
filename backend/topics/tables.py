"""Topics that students propose for a campaign, and who stands behind them."""

from piccolo.columns import JSONB, UUID, ForeignKey, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.constraints import Check, Unique
from piccolo.table import Table


class TopicProposal(Table, tablename="topic_proposal"):
    """A topic in a student's words, its place in review, and the editor's answer. It has one wording for ever.

    Personal: who proposed it, where they sat and what it says; nulled, or emptied, when the account is erased. Of a
    chosen one the campaign's topic stays, in the editor's words.
    """

    id = UUID(primary_key=True, default=None, null=False)
    campaign_id = UUID(default=None, null=False)
    proposer_id = UUID(default=None, null=True)  # personal: authorship; nulled at erasure
    class_id = UUID(default=None, null=True)  # personal with the proposer: for the moderators' place only, never shown
    school_id = UUID(default=None, null=True)
    city_id = UUID(default=None, null=True)
    name = Text(default=None, null=False)  # personal: own words; emptied at erasure, as `why`
    why = Text(default=None, null=False)
    language = Text(default=None, null=False)
    state = Text(default=None, null=False)
    proposed_at = Timestamptz(default=None, null=False)
    shown_at = Timestamptz(default=None, null=True)
    answer = Text(default=None, null=True)
    reason = JSONB(default=None, null=True)
    topic_id = UUID(default=None, null=True)
    answered_at = Timestamptz(default=None, null=True)
    answered_by = UUID(default=None, null=True)  # personal: the editor's account id; kept as a record of the decision
    reminded_at = Timestamptz(default=None, null=True)
    proposer_left_at = Timestamptz(default=None, null=True)  # the proposer asked for erasure: shown to nobody
    topic_proposal_state = Check(
        "state in ('WAITING', 'RETURNED', 'REJECTED', 'SHOWN', 'HIDDEN', 'REMOVED', 'WITHDRAWN')"
        " and (state not in ('SHOWN', 'HIDDEN', 'REMOVED') or shown_at is not null)",
        name="topic_proposal_state",
    )
    topic_proposal_answer = Check(
        "(answer is null) = (answered_at is null) and (answer is not null or topic_id is null)"
        " and (answer is distinct from 'CHOSEN' or topic_id is not null)"
        " and (answer is distinct from 'DECLINED' or (topic_id is null and reason is not null))",
        name="topic_proposal_answer",
    )


class TopicSupport(Table, tablename="topic_support"):
    """Somebody stands behind a proposal. Personal: who; never shown to others, removed at erasure."""

    id = UUID(primary_key=True, default=None, null=False)
    proposal = ForeignKey(
        TopicProposal, default=None, null=False, on_delete=OnDelete.restrict, db_column_name="proposal_id"
    )
    account_id = UUID(default=None, null=False, index=True)
    at = Timestamptz(default=None, null=False)
    topic_support_once = Unique([proposal, account_id], name="topic_support_once")
