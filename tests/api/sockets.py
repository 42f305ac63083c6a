"""Subscriptions as an app meets them: a real server on a port, and a real client that speaks graphql-transport-ws."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.api.client import OPERATIONS

PROTOCOL = "graphql-transport-ws"
PATIENCE_SECONDS = 30  # for what comes anyway; nothing here measures time


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """The application behind a real server of this process; the address of its sockets."""
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="on", timeout_graceful_shutdown=10)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        running = asyncio.create_task(server._serve([listener]))
        while not server.started:
            assert not running.done(), running
            await asyncio.sleep(0.01)
        yield f"ws://127.0.0.1:{listener.getsockname()[1]}/graphql"
        server.should_exit = True
        await running


class Line:
    """One client on a socket. `hear` answers pings, as every client does, unless it is told not to."""

    def __init__(self, raw: ClientConnection) -> None:
        self.raw = raw

    async def say(self, kind: str, /, **parts: Any) -> None:
        """Send a message."""
        await self.raw.send(json.dumps({"type": kind, **parts}))

    async def hear(self, *, pong: bool = True) -> Any:
        """The next message that is no ping."""
        while True:
            message = json.loads(await asyncio.wait_for(self.raw.recv(), PATIENCE_SECONDS))
            if message["type"] != "ping":
                return message
            if pong:
                await self.say("pong")

    async def closed(self) -> tuple[int, str]:
        """How the server hung up, whatever it said before."""
        await asyncio.wait_for(self.raw.wait_closed(), PATIENCE_SECONDS)
        return self.raw.close_code or 0, self.raw.close_reason or ""

    async def sign_in(self, token: str | None) -> None:
        """Say who we are, and be welcomed."""
        await self.say("connection_init", payload={"authorization": f"Bearer {token}"} if token else {})
        assert await self.hear() == {"type": "connection_ack"}

    async def subscribe(self, name: str, /, *, id: str = "1", **variables: Any) -> None:
        """Send a published document."""
        text = (OPERATIONS / f"{name}.graphql").read_text("utf-8")
        await self.say("subscribe", id=id, payload={"query": text, "variables": variables})

    async def next(self, *, id: str = "1") -> Any:
        """The one field of the next answer."""
        message = await self.hear()
        assert (message["type"], message.get("id")) == ("next", id), message
        assert "errors" not in message["payload"], message
        [field] = message["payload"]["data"].values()
        return field

    async def completed(self, *, id: str = "1") -> None:
        """The next message says that it is over."""
        assert await self.hear() == {"type": "complete", "id": id}

    async def refused(self, *, id: str = "1") -> list[str]:
        """The codes of the error with which the subscription ended."""
        message = await self.hear()
        assert (message["type"], message.get("id")) == ("error", id), message
        return [error.get("extensions", {}).get("code", "") for error in message["payload"]]


@asynccontextmanager
async def line(address: str, *, protocol: str = PROTOCOL, **headers: str) -> AsyncIterator[Line]:
    """A client that has called and said nothing yet."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    async with connect(address, subprotocols=[Subprotocol(protocol)], additional_headers=given, proxy=None) as raw:
        yield Line(raw)


@asynccontextmanager
async def signed_in(address: str, token: str) -> AsyncIterator[Line]:
    """A client that has been welcomed."""
    async with line(address) as one:
        await one.sign_in(token)
        yield one
