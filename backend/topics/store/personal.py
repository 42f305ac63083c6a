"""SQL of leaving and erasure: what the proposals keep of one account."""

from dataclasses import dataclass
from datetime import datetime

from backend.core.database import Connection, Transaction
from backend.core.ids import Id


@dataclass(frozen=True, slots=True)
class OwnProposal:
    """A proposal, as its author gets a copy of it."""

    proposal_id: Id
    campaign_id: Id
    name: str
    why: str
    language: str
    state: str
    proposed_at: datetime
    shown_at: datetime | None
    answer: str | None
    reason: dict[str, str] | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class OwnSupport:
    """A proposal that somebody stands behind."""

    proposal_id: Id
    at: datetime


@dataclass(frozen=True, slots=True)
class OwnAnswer:
    """An answer that somebody gave as an editor."""

    proposal_id: Id
    answer: str
    reason: dict[str, str] | None
    at: datetime


async def proposals_of(conn: Connection, account_id: Id) -> list[OwnProposal]:
    """All that the account proposed."""
    return await conn.fetch_as(
        OwnProposal,
        "select id as proposal_id, campaign_id, name, why, language, state, proposed_at, shown_at, answer, reason,"
        " answered_at from topic_proposal where proposer_id = $1 order by id",
        account_id,
    )


async def supports_of(conn: Connection, account_id: Id) -> list[OwnSupport]:
    """What the account stands behind."""
    return await conn.fetch_as(
        OwnSupport, "select proposal_id, at from topic_support where account_id = $1 order by at, proposal_id",
        account_id,
    )  # fmt: skip


async def answers_of(conn: Connection, account_id: Id) -> list[OwnAnswer]:
    """What the account answered as an editor."""
    return await conn.fetch_as(
        OwnAnswer,
        "select id as proposal_id, answer, reason, answered_at as at from topic_proposal where answered_by = $1"
        " order by answered_at, id",
        account_id,
    )


async def withhold(tx: Transaction, account_id: Id) -> None:
    """Take an account's proposals out of every view."""
    await tx.execute(
        "update topic_proposal set proposer_left_at = $2 where proposer_id = $1 and proposer_left_at is null",
        account_id, await tx.now(),
    )  # fmt: skip


async def show_again(tx: Transaction, account_id: Id) -> None:
    """The proposer stays: their proposals are as visible as before."""
    await tx.execute("update topic_proposal set proposer_left_at = null where proposer_id = $1", account_id)


async def forget(tx: Transaction, account_id: Id) -> None:
    """Cut the account's withdrawn proposals from it and empty them; remove its supports."""
    await tx.execute(
        "update topic_proposal set proposer_id = null, class_id = null, school_id = null, name = '', why = ''"
        " where proposer_id = $1",
        account_id,
    )
    await tx.execute("delete from topic_support where account_id = $1", account_id)
