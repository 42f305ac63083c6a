"""SQL of who stands behind which proposal."""

from backend.core.database import Connection, Transaction
from backend.core.ids import Id, random_id


async def add_support(tx: Transaction, proposal_id: Id, account_id: Id) -> bool:
    """Stand behind a proposal; whether this is new."""
    inserted = await tx.fetch_value(
        "insert into topic_support (id, proposal_id, account_id, at) values ($1, $2, $3, $4)"
        " on conflict (proposal_id, account_id) do nothing returning id",
        random_id(), proposal_id, account_id, await tx.now(),
    )  # fmt: skip
    return inserted is not None


async def has_support(conn: Connection, proposal_id: Id, account_id: Id) -> bool:
    """Whether the account stands behind it."""
    found: bool = await conn.fetch_value(
        "select exists (select from topic_support where proposal_id = $1 and account_id = $2)", proposal_id, account_id
    )
    return found


async def remove_support(tx: Transaction, proposal_id: Id, account_id: Id) -> bool:
    """Take a support back; whether there was one."""
    removed = await tx.execute(
        "delete from topic_support where proposal_id = $1 and account_id = $2", proposal_id, account_id
    )
    return removed == 1


async def supporters_of(conn: Connection, proposal_id: Id) -> list[Id]:
    """Who stands behind it and has an account in use."""
    rows = await conn.fetch(
        "select s.account_id from topic_support s join account a on a.id = s.account_id"
        " where s.proposal_id = $1 and a.status = 'ACTIVE' order by s.account_id",
        proposal_id,
    )
    return [row["account_id"] for row in rows]
