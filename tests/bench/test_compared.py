"""What the bench compares gives the same answers, and its rows are rows that the feed shows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from backend.asgi import create_app
from backend.settings import Settings
from bench.database import TOKENS, fill
from bench.measures import FEED
from bench.server import stock_app
from tests.api.client import started


@asynccontextmanager
async def client_of(app: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        started(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client,
    ):
        yield client


@pytest.mark.filterwarnings("ignore::litestar.exceptions.LitestarDeprecationWarning")  # the stock controller's own
async def test_stock_controller_and_our_own_give_the_same_feed(settings: Settings) -> None:
    await fill(settings, statements=70)
    async with client_of(create_app(settings)) as ours, client_of(stock_app(settings)) as stock:
        for token in ("", TOKENS[0]):
            headers = {"authorization": f"Bearer {token}"} if token else {}
            request = {"query": FEED, "variables": {"first": 50}}
            answers = [
                (await client.post("/graphql", json=request, headers=headers)).json() for client in (ours, stock)
            ]
            assert answers[0] == answers[1]
            edges = answers[0]["data"]["statements"]["edges"]
            assert len(edges) == 50
            assert any(edge["node"]["media"] for edge in edges)
            assert any(edge["node"]["translations"] for edge in edges)
