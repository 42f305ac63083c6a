"""SQL of the cards dealt to voters, and of those that they mark."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.core.database import Connection, Transaction
from backend.core.ids import Id, random_id
from backend.rounds.store.standings import SHOWN


@dataclass(frozen=True, slots=True)
class Hand:
    """What was dealt to a voter, by number within the round. `marked` None: not handed in."""

    numbers: list[int]
    marked: list[int] | None


@dataclass(frozen=True, slots=True)
class Card:
    """A statement of another class, with nothing that tells whose it is; its id is the entry's."""

    id: Id
    number: int
    revision_id: Id
    text: str
    language: str
    direction: str


async def get_hand(conn: Connection, round_id: Id, voter_id: Id) -> Hand | None:
    """A voter's hand."""
    return await conn.fetch_one_as(
        Hand, "select numbers, marked from hand where round_id = $1 and voter_id = $2", round_id, voter_id
    )


async def lock_hand(tx: Transaction, round_id: Id, voter_id: Id) -> Hand | None:
    """A voter's hand, locked until the end of the transaction."""
    return await tx.fetch_one_as(
        Hand, "select numbers, marked from hand where round_id = $1 and voter_id = $2 for update", round_id, voter_id
    )


async def list_cards(conn: Connection, round_id: Id, numbers: Sequence[int]) -> list[Card]:
    """The cards in this order, without those that nobody can read any more."""
    return await conn.fetch_as(
        Card,
        "select e.id, e.number, v.id as revision_id, v.text, v.language, v.direction"
        f" from entry e join statement s on s.id = e.statement_id and {SHOWN}"
        " join revision v on v.id = s.published_revision_id"
        " where e.round_id = $1 and e.number = any($2) order by array_position($2, e.number)",
        round_id, list(numbers),
    )  # fmt: skip


async def entry_ids(conn: Connection, round_id: Id, numbers: Sequence[int]) -> set[Id]:
    """The ids of these cards, also of those that nobody can read any more."""
    rows = await conn.fetch("select id from entry where round_id = $1 and number = any($2)", round_id, list(numbers))
    return {row["id"] for row in rows}


async def voters_with_hands(conn: Connection, round_id: Id, voter_ids: Sequence[Id]) -> set[Id]:
    """Those of the voters who have been dealt a hand."""
    rows = await conn.fetch(
        "select voter_id from hand where round_id = $1 and voter_id = any($2)", round_id, list(voter_ids)
    )
    return {row["voter_id"] for row in rows}


async def add_hands(tx: Transaction, round_id: Id, hands: Sequence[tuple[Id, Sequence[int]]]) -> None:
    """Insert hands, each of a voter."""
    now = await tx.now()
    await tx.execute_many(
        "insert into hand (id, round_id, voter_id, numbers, dealt_at) values ($1, $2, $3, $4, $5)",
        [(random_id(), round_id, voter_id, list(numbers), now) for voter_id, numbers in hands],
    )


async def set_marked(tx: Transaction, round_id: Id, voter_id: Id, marked: Sequence[int]) -> None:
    """Hand a hand in with these cards marked."""
    await tx.execute(
        "update hand set marked = $3, marked_at = $4 where round_id = $1 and voter_id = $2",
        round_id, voter_id, list(marked), await tx.now(),
    )  # fmt: skip
