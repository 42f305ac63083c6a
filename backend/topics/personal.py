"""What the proposals hold about somebody: the copy they can have, leaving every view at once, and erasure."""

from dataclasses import dataclass

from backend.accounts.personal_data import PersonalDomain
from backend.core.database import Connection, Transaction
from backend.core.ids import Id
from backend.topics.store import personal as own
from backend.topics.store import proposals as store
from backend.topics.withdrawing import take_back, take_down_uncovered


@dataclass(frozen=True, slots=True)
class OwnTopics:
    """All that somebody proposed and stands behind, and what they answered as an editor."""

    proposals: list[own.OwnProposal]
    supports: list[own.OwnSupport]
    answers: list[own.OwnAnswer]


async def export(conn: Connection, account_id: Id) -> OwnTopics:
    """The copy."""
    return OwnTopics(
        await own.proposals_of(conn, account_id),
        await own.supports_of(conn, account_id),
        await own.answers_of(conn, account_id),
    )


async def leave(tx: Transaction, account_id: Id) -> None:
    """Erasure was asked for: gone from every view with the commit."""
    await store.lock_of_proposer(tx, account_id)
    await own.withhold(tx, account_id)


async def come_back(tx: Transaction, account_id: Id) -> None:
    """The proposer stays after all: everything is as it was."""
    await store.lock_of_proposer(tx, account_id)
    await own.show_again(tx, account_id)


async def erase(tx: Transaction, account_id: Id) -> None:
    """Forget the person and their words. Of a chosen proposal the campaign's topic stays, in the editor's words."""
    for row in await store.lock_of_proposer(tx, account_id):
        await take_back(tx, row)
    await own.forget(tx, account_id)


PERSONAL = PersonalDomain("topics", export, erase, leave=leave, come_back=come_back, consent_ended=take_down_uncovered)
