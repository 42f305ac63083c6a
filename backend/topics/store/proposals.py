"""SQL of single proposals: reading and locking the row, and each step of its life."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.core.database import Connection, Transaction
from backend.core.ids import Id
from backend.core.viewer import Scope
from backend.topics.rules import Answer, ProposalState, effective_state


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal's row; `stored` is its state without the answer."""

    id: Id
    campaign_id: Id
    proposer_id: Id | None
    class_id: Id | None
    school_id: Id | None
    city_id: Id | None
    name: str
    why: str
    language: str
    stored: ProposalState
    proposed_at: datetime
    shown_at: datetime | None = None
    answer: Answer | None = None
    reason: dict[str, str] | None = None
    topic_id: Id | None = None
    answered_at: datetime | None = None
    answered_by: Id | None = None
    proposer_left_at: datetime | None = None

    @property
    def state(self) -> ProposalState:
        """What holds."""
        return effective_state(self.stored, self.answer)

    @property
    def place(self) -> Scope:
        """Where it was made."""
        return Scope(self.city_id, self.school_id, self.class_id, self.campaign_id)


_PROPOSAL = ", ".join(Proposal.__slots__).replace("stored", "state as stored")


async def get_proposal(conn: Connection, proposal_id: Id) -> Proposal | None:
    """The row, whatever its state."""
    return await conn.fetch_one_as(Proposal, f"select {_PROPOSAL} from topic_proposal where id = $1", proposal_id)


async def lock_proposal(tx: Transaction, proposal_id: Id) -> Proposal | None:
    """The row, locked until the end of the transaction."""
    return await tx.fetch_one_as(
        Proposal, f"select {_PROPOSAL} from topic_proposal where id = $1 for update", proposal_id
    )


async def lock_of_proposer(tx: Transaction, account_id: Id) -> list[Proposal]:
    """All that an account proposed, locked in id order."""
    return await tx.fetch_as(
        Proposal,
        f"select {_PROPOSAL} from topic_proposal where proposer_id = $1 order by id for update",
        account_id,
    )


async def lock_proposing(tx: Transaction, account_id: Id) -> None:
    """One proposal of an account at a time is made: their count then holds."""
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended('topics.propose:' || $1::uuid::text, 0))", account_id
    )


async def count_waiting(conn: Connection, account_id: Id, campaign_id: Id) -> int:
    """How many of the account's proposals in the campaign wait for a moderator."""
    found: int = await conn.fetch_value(
        "select count(*) from topic_proposal where proposer_id = $1 and campaign_id = $2 and state = 'WAITING'",
        account_id, campaign_id,
    )  # fmt: skip
    return found


async def add_proposal(tx: Transaction, row: Proposal) -> None:
    """Insert a new proposal."""
    await tx.execute(
        "insert into topic_proposal (id, campaign_id, proposer_id, class_id, school_id, city_id, name, why, language,"
        " state, proposed_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        row.id, row.campaign_id, row.proposer_id, row.class_id, row.school_id, row.city_id, row.name, row.why,
        row.language, row.stored, row.proposed_at,
    )  # fmt: skip


async def set_state(tx: Transaction, proposal_id: Id, state: ProposalState) -> None:
    """Write the state that the rules allowed; when it was first shown is kept."""
    await tx.execute(
        "update topic_proposal set state = $2,"
        " shown_at = case when $2 = 'SHOWN' then coalesce(shown_at, $3) else shown_at end where id = $1",
        proposal_id, state, await tx.now(),
    )  # fmt: skip


async def set_answer(
    tx: Transaction, proposal_id: Id, answer: Answer, *, reason: Mapping[str, str] | None, topic_id: Id | None, by: Id
) -> None:
    """Write an editor's answer, also in place of an earlier one."""
    await tx.execute(
        "update topic_proposal set answer = $2, reason = $3, topic_id = $4, answered_at = $5, answered_by = $6"
        " where id = $1",
        proposal_id, answer, reason, topic_id, await tx.now(), by,
    )  # fmt: skip


async def find_unreminded(conn: Connection, shown_before: datetime, *, limit: int = 500) -> Sequence[Id]:
    """Proposals that have been shown for so long without an answer, and of which no editor was reminded yet."""
    rows = await conn.fetch(
        "select id from topic_proposal where state = 'SHOWN' and answer is null and reminded_at is null"
        " and proposer_left_at is null and shown_at <= $1 order by shown_at limit $2",
        shown_before, limit,
    )  # fmt: skip
    return [row["id"] for row in rows]


async def set_reminded(tx: Transaction, proposal_id: Id) -> Id | None:
    """Note that its editors are reminded, unless it was answered or they were already; the campaign then."""
    campaign_id: Id | None = await tx.fetch_value(
        "update topic_proposal set reminded_at = $2 where id = $1 and state = 'SHOWN' and answer is null"
        " and reminded_at is null and proposer_left_at is null returning campaign_id",
        proposal_id, await tx.now(),
    )  # fmt: skip
    return campaign_id
