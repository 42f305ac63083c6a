"""SQL of what the lot leaves: contenders, their entries, and the deck that voters are dealt from."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.core.database import Connection, Transaction
from backend.core.ids import Id


@dataclass(frozen=True, slots=True)
class Contender:
    """A contender's row. The slots 0..entered-1 were filled at the lot; `lot` are those that it drew."""

    id: Id
    round_id: Id
    class_ids: list[Id]
    size: int
    authors: int
    entered: int
    slots: int
    lot: list[int]


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry's row; `number` within the round."""

    id: Id
    round_id: Id
    contender_id: Id
    number: int
    slot: int
    statement_id: Id
    is_drawn: bool


@dataclass(frozen=True, slots=True)
class Deck:
    """By contender: the number of its first card, how many it has in a row, and how many of them have been dealt."""

    round_id: Id
    contender_ids: list[Id]
    first_numbers: list[int]
    sizes: list[int]
    dealt: list[int]


_CONTENDER = ", ".join(Contender.__slots__)
_ENTRY = ", ".join(Entry.__slots__)
_DECK = ", ".join(Deck.__slots__)


async def add_contenders(tx: Transaction, rows: Sequence[Contender]) -> None:
    """Insert contenders."""
    places = ", ".join(f"${number}" for number in range(1, len(Contender.__slots__) + 1))
    await tx.execute_many(
        f"insert into contender ({_CONTENDER}) values ({places})",
        [[getattr(row, name) for name in Contender.__slots__] for row in rows],
    )


async def add_entries(tx: Transaction, rows: Sequence[Entry]) -> None:
    """Insert entries, many in one statement."""
    await tx.execute(
        f"insert into entry ({_ENTRY}) select * from"
        " unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::smallint[], $6::uuid[], $7::bool[])",
        *([getattr(row, name) for row in rows] for name in Entry.__slots__),
    )


async def add_deck(tx: Transaction, deck: Deck) -> None:
    """Insert the deck."""
    await tx.insert("voice_deck", deck)


async def list_contenders(conn: Connection, round_id: Id) -> list[Contender]:
    """The contenders of a round, in id order."""
    return await conn.fetch_as(
        Contender, f"select {_CONTENDER} from contender where round_id = $1 order by id", round_id
    )


async def find_contenders(conn: Connection, ids: Sequence[Id]) -> list[Contender]:
    """Those of the contenders that exist, in no order."""
    return await conn.fetch_as(Contender, f"select {_CONTENDER} from contender where id = any($1)", list(ids))


async def contenders_of_classes(conn: Connection, round_id: Id, class_ids: Sequence[Id]) -> list[Contender]:
    """The contenders of a round in which one of the classes is."""
    return await conn.fetch_as(
        Contender,
        f"select {_CONTENDER} from contender where round_id = $1 and class_ids && $2::uuid[] order by id",
        round_id, list(class_ids),
    )  # fmt: skip


async def find_entries(conn: Connection, ids: Sequence[Id]) -> list[Entry]:
    """Those of the entries that exist, in no order."""
    return await conn.fetch_as(Entry, f"select {_ENTRY} from entry where id = any($1)", list(ids))


async def get_deck(conn: Connection, round_id: Id) -> Deck | None:
    """The deck of a round; None before the lot."""
    return await conn.fetch_one_as(Deck, f"select {_DECK} from voice_deck where round_id = $1", round_id)


async def lock_deck(tx: Transaction, round_id: Id) -> Deck | None:
    """The deck, locked until the end of the transaction: whoever deals does it alone."""
    return await tx.fetch_one_as(Deck, f"select {_DECK} from voice_deck where round_id = $1 for update", round_id)


async def set_dealt(tx: Transaction, round_id: Id, dealt: Sequence[int]) -> None:
    """Write how many cards of each contender have been dealt."""
    await tx.execute("update voice_deck set dealt = $2 where round_id = $1", round_id, list(dealt))
