"""Batched reads of campaigns, topics, statements and their pictures: one statement a kind and operation."""

from collections.abc import Sequence

from strawberry.dataloader import DataLoader

from backend.campaigns import running
from backend.campaigns.reading import find_statements
from backend.campaigns.store import campaigns as campaign_store
from backend.campaigns.store.campaigns import Campaign, Topic
from backend.campaigns.store.feed import Shown
from backend.core.ids import Id
from graphql_api.context import Context


def campaigns(context: Context) -> DataLoader[Id, Campaign | None]:
    """Campaigns that the viewer may see, by id."""

    async def load(ids: Sequence[Id]) -> Sequence[Campaign | None]:
        async with context.db.reading() as conn:
            found = {row.id: row for row in await running.find_campaigns(conn, context.viewer, ids)}
        return [found.get(one) for one in ids]

    return context.loader(campaigns, lambda: DataLoader(load))


def topics(context: Context) -> DataLoader[Id, list[Topic]]:
    """Topics by campaign."""

    async def load(ids: Sequence[Id]) -> Sequence[list[Topic]]:
        async with context.db.reading() as conn:
            found = await campaign_store.topics_of(conn, ids)
        return [found.get(one, []) for one in ids]

    return context.loader(topics, lambda: DataLoader(load))


def shown(context: Context) -> DataLoader[Id, Shown | None]:
    """Published statements that the viewer may see, by id."""

    async def load(ids: Sequence[Id]) -> Sequence[Shown | None]:
        found = {row.id: row for row in await find_statements(context.db, context.viewer, ids)}
        return [found.get(one) for one in ids]

    return context.loader(shown, lambda: DataLoader(load))
