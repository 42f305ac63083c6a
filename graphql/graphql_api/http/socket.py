"""Subscriptions: the same address as the HTTP endpoint, over WebSocket."""

import asyncio
import logging

from litestar.types import Receive, Send, WebSocketScope

from graphql_api.http.admission import Admission
from graphql_api.http.caller import Caller, caller_of, headers_of
from graphql_api.http.conversation import Conversation
from graphql_api.http.csrf import is_forged
from graphql_api.http.socket_capacity import Capacity, SocketLimits
from graphql_api.http.socket_messages import PROTOCOL
from graphql_api.http.socket_wire import Gone, HangUp, Wire

log = logging.getLogger(__name__)


class SocketEndpoint:
    """GraphQL over WebSocket for one schema: subscriptions, for whoever is signed in."""

    def __init__(self, admission: Admission, *, limits: SocketLimits | None = None) -> None:
        self._admission = admission
        self._limits = limits or SocketLimits()
        self._capacity = Capacity(self._limits)
        self._updates = asyncio.Semaphore(self._limits.updates)

    async def __call__(self, scope: WebSocketScope, receive: Receive, send: Send) -> None:
        """Hold one conversation."""
        if (await receive())["type"] != "websocket.connect":
            return
        settings = self._admission.settings
        request_id = scope.get("state", {}).get("request_id", "")
        caller = caller_of(scope, headers_of(scope), trusted_proxies=settings.trusted_proxies, request_id=request_id)
        limits = self._limits
        wire = Wire(receive, send, max_bytes=limits.message_bytes, send_seconds=limits.send_seconds)
        if is_forged(caller, public_url=settings.public_url, allowed_origins=settings.allowed_origins):
            await wire.close(1008, "This site may not act with the visitor's cookie.")  # answered with 403
            return
        try:
            await self._converse(wire, caller, offered=scope["subprotocols"])
        except* HangUp as ends:
            first = ends.exceptions[0]
            assert isinstance(first, HangUp)  # noqa: S101 - groups are not nested here
            await wire.close(first.code, first.reason)
        except* Gone:
            pass
        except* Exception as errors:
            log.error("socket_failed", exc_info=errors, extra={"request_id": request_id})
            await wire.close(1011, "Internal error")

    async def _converse(self, wire: Wire, caller: Caller, *, offered: list[str]) -> None:
        if PROTOCOL not in offered:
            await wire.accept(None)
            raise HangUp(4406, "Subprotocol not acceptable")
        await wire.accept(PROTOCOL)
        with self._capacity.connection():
            await Conversation(
                wire,
                self._admission,
                caller,
                capacity=self._capacity,
                limits=self._limits,
                updates=self._updates,
            ).hold()
