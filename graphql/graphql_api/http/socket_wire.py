"""One WebSocket: messages in and out, with bounds on their size and on how long a client may take to read."""

import asyncio
from collections.abc import Mapping
from typing import Any

from litestar.types.asgi_types import Receive, Send

from graphql_api.http.reply import encode
from graphql_api.http.socket_messages import ClientMessage, Malformed, read


class Gone(Exception):
    """The client has hung up, or does not read."""


class HangUp(Exception):
    """We hang up, with a code of the protocol and its reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Wire:
    """What a conversation is held over. `send_seconds`: how long a message may wait for the client to read."""

    def __init__(self, receive: Receive, send: Send, *, max_bytes: int, send_seconds: float) -> None:
        self._receive = receive
        self._send = send
        self._max_bytes = max_bytes
        self._send_seconds = send_seconds
        self._turn = asyncio.Lock()

    async def accept(self, protocol: str | None) -> None:
        """Take the call."""
        await self._put({"type": "websocket.accept", "subprotocol": protocol, "headers": []})

    async def close(self, code: int, reason: str) -> None:
        """Hang up, if the client has not."""
        try:
            await self._put({"type": "websocket.close", "code": code, "reason": reason})
        except Gone:
            return

    async def read(self) -> ClientMessage:
        """The next message. Raises Gone, or HangUp for what is none."""
        event: Any = await self._receive()
        if event["type"] != "websocket.receive":
            raise Gone
        text = event.get("text")
        if text is None:
            raise HangUp(4400, "Messages must be text")
        if len(text) > self._max_bytes or len(text.encode("utf-8", "replace")) > self._max_bytes:
            raise HangUp(1009, "Message too big")
        try:
            return read(text)
        except Malformed:
            raise HangUp(4400, "Invalid message") from None

    async def write(self, message: Mapping[str, Any]) -> None:
        """Send a message, and wait until the client's side takes it. Raises Gone."""
        await self._put({"type": "websocket.send", "text": encode(message).decode(), "bytes": None})

    async def _put(self, event: Any) -> None:
        try:
            async with asyncio.timeout(self._send_seconds), self._turn:
                await self._send(event)
        except (TimeoutError, OSError, RuntimeError):  # each server has its own word for a client that is away
            raise Gone from None
