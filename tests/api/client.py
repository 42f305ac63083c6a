"""The API as an app meets it: HTTP requests to the whole application, with the documents that apps send."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from litestar.types import ASGIApp, Message

OPERATIONS = Path(__file__).resolve().parents[2] / "graphql" / "operations"


@asynccontextmanager
async def started(app: ASGIApp) -> AsyncIterator[None]:
    """Start and stop an application by the lifespan protocol, as a server does."""
    to_app: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    from_app: asyncio.Queue[Message] = asyncio.Queue()
    running: asyncio.Task[None] = asyncio.create_task(app({"type": "lifespan", "asgi": {}}, to_app.get, from_app.put))  # type: ignore[arg-type]
    for event in ("startup", "shutdown"):
        await to_app.put({"type": f"lifespan.{event}"})
        answer = await from_app.get()
        assert answer["type"] == f"lifespan.{event}.complete", answer
        if event == "startup":
            yield
    await running


@dataclass(slots=True)
class Api:
    """A client on one running application. `ran` collects the names of the documents that were sent."""

    http: httpx.AsyncClient
    ran: set[str] = field(default_factory=set)

    async def send(self, document: str, variables: dict[str, Any] | None = None, *, as_: str | None = None) -> Any:
        """The whole response map of a document; `as_` is a session token."""
        headers = {"authorization": f"Bearer {as_}"} if as_ else {}
        response = await self.http.post(
            "/graphql", json={"query": document, "variables": variables or {}}, headers=headers
        )
        return response.json()

    async def run(self, name: str, /, *, as_: str | None = None, **variables: Any) -> Any:
        """The data of a published document, or the one field in it; fails on any top-level error."""
        self.ran.add(name)
        answer = await self.send((OPERATIONS / f"{name}.graphql").read_text("utf-8"), variables, as_=as_)
        assert "errors" not in answer, answer["errors"]
        data = answer["data"]
        return next(iter(data.values())) if len(data) == 1 else data

    async def do(self, name: str, /, *, as_: str | None = None, **input_fields: Any) -> Any:
        """A mutation's success: fails on any problem."""
        result = await self.run(name, as_=as_, input=input_fields)
        assert "message" not in result, result
        return result

    async def refuse(self, name: str, /, *, as_: str | None = None, **input_fields: Any) -> tuple[str, str]:
        """A mutation's problem: (type, code); fails when it succeeds."""
        result = await self.run(name, as_=as_, input=input_fields)
        assert "message" in result, result
        return result["__typename"], result["code"]
