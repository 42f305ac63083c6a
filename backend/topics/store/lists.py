"""SQL of the lists of proposals. Who may see what is decided here, in one place (`_OPEN`), for lists and look-ups."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.core.database import Connection
from backend.core.ids import Id
from backend.core.paging import PageRequest, keyset_sql
from backend.topics.rules import Answer, ProposalState, effective_state


@dataclass(frozen=True, slots=True)
class Listed:
    """A proposal as it is read, with what belongs to it read in the same statement."""

    id: Id
    campaign_id: Id
    city_id: Id | None  # the campaign's
    name: str
    why: str
    language: str
    stored: ProposalState
    proposed_at: datetime
    shown_at: datetime | None
    answer: Answer | None
    reason: dict[str, str] | None
    answered_at: datetime | None
    topic_id: Id | None
    topic_name: dict[str, str] | None
    support_count: int
    has_supported: bool
    is_own: bool

    @property
    def state(self) -> ProposalState:
        """What holds."""
        return effective_state(self.stored, self.answer)


# $1 the reader's account
_SELECT = """
select p.id, p.campaign_id, k.city_id, p.name, p.why, p.language, p.state as stored, p.proposed_at, p.shown_at,
       p.answer, p.reason, p.answered_at, p.topic_id,
       (select t.name from topic t where t.id = p.topic_id) as topic_name,
       (select count(*) from topic_support s where s.proposal_id = p.id) as support_count,
       exists (select from topic_support s where s.proposal_id = p.id and s.account_id = $1) as has_supported,
       coalesce(p.proposer_id = $1, false) as is_own
  from topic_proposal p join campaign k on k.id = p.campaign_id
"""
_OPEN = "p.state = 'SHOWN' and p.proposer_left_at is null"
_STATE = "case when p.state = 'SHOWN' and p.answer is not null then p.answer else p.state end"


async def list_proposals(
    conn: Connection,
    account_id: Id | None,
    campaign_id: Id,
    request: PageRequest,
    *,
    sees_others: bool,
    states: Sequence[ProposalState] | None = None,
) -> list[Listed]:
    """A campaign's proposals, the newest first: the reader's own in every state, and with `sees_others` what is shown
    or answered. One row more than asked, for `page_of`."""
    keyset, order, bounds = keyset_sql(request, at="p.proposed_at", row_id="p.id", first_param=5)
    return await conn.fetch_as(
        Listed,
        f"{_SELECT} where p.campaign_id = $2 and (p.proposer_id = $1 or ($3 and {_OPEN}))"
        f" and ($4::text[] is null or {_STATE} = any($4)) and {keyset} {order}",
        account_id, campaign_id, sees_others, None if states is None else list(states), *bounds,
    )  # fmt: skip


async def find_proposals(conn: Connection, account_id: Id | None, proposal_ids: Sequence[Id]) -> list[Listed]:
    """Those of the proposals that are the reader's own, or shown or answered."""
    return await conn.fetch_as(
        Listed,
        f"{_SELECT} where p.id = any($2::uuid[]) and (p.proposer_id = $1 or ({_OPEN}))",
        account_id, list(proposal_ids),
    )  # fmt: skip
