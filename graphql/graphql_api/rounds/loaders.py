"""Batched reads of rounds: one statement an operation."""

from collections.abc import Sequence

from strawberry.dataloader import DataLoader

from backend.core.ids import Id
from backend.rounds import running
from graphql_api.context import Context
from graphql_api.rounds.round_types import Round, class_round


def rounds(context: Context) -> DataLoader[Id, Round | None]:
    """Rounds that the viewer may see, by id, as they stand at this moment."""

    async def load(ids: Sequence[Id]) -> Sequence[Round | None]:
        async with context.db.reading() as conn:
            now = await conn.now()
            found = {row.id: class_round(row, now) for row in await running.find_rounds(conn, context.viewer, ids)}
        return [found.get(one) for one in ids]

    return context.loader(rounds, lambda: DataLoader(load))
