"""Gives every request an id and writes one line about it, without anything that could name somebody."""

import logging
import re
import time
from typing import Any
from uuid import uuid4

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send, WebSocketScope

from graphql_api.http.caller import Networks, is_trusted, peer_of

log = logging.getLogger("stemme.access")

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_HEADER = b"x-request-id"
# What the line about a WebSocket says: the server answers so to one that is accepted, or not.
SWITCHED, REFUSED = 101, 403
# The first parts of our own paths. Whatever else somebody asks for may be a class code, an address or a name.
_ROUTES = frozenset({"graphql", "schema.graphql", "healthz", "readyz", "audit-head", "uploads", "media"})


class RequestLog:
    """ASGI middleware around the whole application. The id is in `scope["state"]["request_id"]` and X-Request-Id."""

    def __init__(self, app: ASGIApp, *, trusted_proxies: Networks = ()) -> None:
        self._app = app
        self._trusted_proxies = trusted_proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] in {ScopeType.HTTP, ScopeType.WEBSOCKET}:
            await self._logged(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _logged(self, scope: HTTPScope | WebSocketScope, receive: Receive, send: Send) -> None:
        request_id = self._id_of(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        status = REFUSED if scope["type"] == ScopeType.WEBSOCKET else 0
        started = time.perf_counter()
        told = False

        async def answer(event: Any) -> None:
            nonlocal status, told
            if event["type"] in {"http.response.start", "websocket.accept"}:
                status = event.get("status", SWITCHED)
                event["headers"] = [*event.get("headers", ()), (_HEADER, request_id.encode())]
            if event["type"] == "websocket.close" and not told:
                told = True
                tell()  # before the other side knows: a server that shuts down may not come back here
            await send(event)

        def tell() -> None:
            milliseconds = round((time.perf_counter() - started) * 1000, 1)
            method = scope.get("method", "WEBSOCKET")
            log.info("request", extra={"method": method, "route": _route(scope), "status": status, "ms": milliseconds})

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, answer)
            finally:
                if not told:
                    tell()

    def _id_of(self, scope: HTTPScope | WebSocketScope) -> str:
        """A proxy of ours may name the request; anybody else's name could be used to forge or confuse log lines."""
        if is_trusted(peer_of(scope), self._trusted_proxies):
            given = next((value for name, value in scope["headers"] if name.lower() == _HEADER), b"")
            if _SANE_ID.fullmatch(given.decode("latin-1")):
                return given.decode("latin-1")
        return uuid4().hex


def _route(scope: HTTPScope | WebSocketScope) -> str:
    """The first part of a path of ours: what follows may be a key to a picture."""
    first = scope["path"].lstrip("/").partition("/")[0]
    return f"/{first}" if first in _ROUTES else "unknown"
