"""SQL of who stands behind which statement."""

from backend.core.database import Transaction
from backend.core.ids import Id, random_id


async def add_support(tx: Transaction, statement_id: Id, account_id: Id) -> bool:
    """Stand behind a statement; whether this is new."""
    inserted = await tx.fetch_value(
        "insert into support (id, statement_id, account_id, at) values ($1, $2, $3, $4)"
        " on conflict (statement_id, account_id) do nothing returning id",
        random_id(), statement_id, account_id, await tx.now(),
    )  # fmt: skip
    return inserted is not None


async def remove_support(tx: Transaction, statement_id: Id, account_id: Id) -> bool:
    """Take a support back; whether there was one."""
    return (
        await tx.execute("delete from support where statement_id = $1 and account_id = $2", statement_id, account_id)
        == 1
    )
