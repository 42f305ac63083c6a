"""SQL of what one person does in a round: choices of an entry, and reflections. Random ids tell no order."""

from collections.abc import Sequence

from backend.core.database import Connection, Transaction
from backend.core.ids import Id, random_id
from backend.rounds.store.candidates import SAT
from backend.rounds.store.rounds import Round

_REACHED = f"""
select distinct t.class_id
  from seat t join school_class c on c.id = t.class_id join school h on h.id = c.school_id
  join campaign m on m.id = $1
 where t.account_id = $3 and {SAT} and (m.city_id is null or m.city_id = h.city_id)
 order by t.class_id
"""


async def classes_at_opening(conn: Connection, row: Round, account_id: Id) -> list[Id]:
    """Where somebody sat with a confirmed seat when the round opened, of the classes that its campaign reaches."""
    rows = await conn.fetch(_REACHED, row.campaign_id, row.opens_at, account_id)
    return [found["class_id"] for found in rows]


async def was_handed_in(conn: Connection, statement_id: Id) -> bool:
    """Whether any wording of a statement ever was."""
    found: bool = await conn.fetch_value(
        "select exists (select from revision where statement_id = $1 and submitted_at is not null)", statement_id
    )
    return found


async def choose(
    tx: Transaction, round_id: Id, account_id: Id, class_ids: Sequence[Id], statement_id: Id | None
) -> None:
    """Write what somebody wants entered for these classes in place of an earlier choice; None: nothing."""
    await tx.execute_many(
        "insert into entry_choice (id, round_id, account_id, class_id, statement_id, at)"
        " values ($1, $2, $3, $4, $5, $6) on conflict (round_id, account_id, class_id)"
        " do update set statement_id = excluded.statement_id, at = excluded.at",
        [(random_id(), round_id, account_id, one, statement_id, await tx.now()) for one in class_ids],
    )


async def take_back_opt_outs(tx: Transaction, round_id: Id, account_id: Id) -> None:
    """Somebody is in again with what they say."""
    await tx.execute(
        "delete from entry_choice where round_id = $1 and account_id = $2 and statement_id is null",
        round_id,
        account_id,
    )


async def add_reflections(tx: Transaction, round_id: Id, account_id: Id, class_ids: Sequence[Id]) -> None:
    """Note that somebody reflected; again is harmless."""
    await tx.execute_many(
        "insert into reflection (id, round_id, account_id, class_id, at) values ($1, $2, $3, $4, $5)"
        " on conflict (round_id, account_id, class_id) do nothing",
        [(random_id(), round_id, account_id, one, await tx.now()) for one in class_ids],
    )


async def remove_reflections(tx: Transaction, round_id: Id, account_id: Id) -> None:
    """Somebody did not reflect after all."""
    await tx.execute("delete from reflection where round_id = $1 and account_id = $2", round_id, account_id)
