"""Two questions of whoever runs the house: does the process live, and can it work?"""

import asyncio

from litestar import MediaType, Response, get
from litestar.handlers import HTTPRouteHandler

from backend.core.database import Database

PATIENCE_SECONDS = 2


def make_health_routes(db: Database) -> list[HTTPRouteHandler]:
    """`/healthz` answers while the process lives; `/readyz` only when the database does too."""

    @get("/healthz", media_type=MediaType.TEXT, include_in_schema=False, sync_to_thread=False)
    def healthz() -> str:
        """Always ok."""
        return "ok\n"

    @get("/readyz", media_type=MediaType.TEXT, include_in_schema=False)
    async def readyz() -> Response[str]:
        """Ok, or 503 while the database cannot be reached."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await db.ping()
        except Exception:  # whatever the driver says, the answer is the same
            return Response("database unreachable\n", status_code=503)
        return Response("ok\n")

    return [healthz, readyz]
