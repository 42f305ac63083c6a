"""The addresses of cards and bundles: signed, for some minutes, and gone with the consent for the statement."""

import logging
from collections.abc import AsyncGenerator
from typing import Any

from litestar import Request, Response, get
from litestar.background_tasks import BackgroundTask
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Stream

from backend.campaigns.sharing.fetching import fetch_file, read_file
from backend.campaigns.store.shared_files import FileRow
from backend.core.database import Database
from media.blobs.protocol import BlobMissing, StoreUnavailable
from media.config import Media

log = logging.getLogger(__name__)

_HEADERS = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "cross-origin",
    "referrer-policy": "no-referrer",
}
_TYPES = {"png": "image/png", "zip": "application/zip"}


def make_sharing_routes(db: Database, media: Media) -> list[HTTPRouteHandler]:
    """`GET /shared/{stamp}/{file}`."""

    @get("/shared/{stamp:str}/{name:str}", include_in_schema=False)
    async def shared(request: Request[Any, Any, Any], stamp: FromPath[str], name: FromPath[str]) -> Response[Any]:
        """A card or a bundle for somebody to whom the address was given."""
        file = await fetch_file(db, media, stamp=stamp, name=name)
        if file is None:
            return _nothing()
        pieces = read_file(media, file)
        try:
            first = await anext(pieces)
        except BlobMissing:
            log.error("blob_missing", extra={"file_id": str(file.id)})
            return _nothing()
        except StoreUnavailable as away:
            later = {"cache-control": "no-store", "retry-after": str(away.retry_after_seconds)}
            return Response(b"", status_code=503, headers={**_HEADERS, **later})
        headers = {
            **_HEADERS,
            "cache-control": "private, no-store",
            "content-length": str(file.size),
            "content-disposition": f'attachment; filename="{_file_name(file)}"',
        }
        body = _all(first, pieces)
        # Also when the reader hangs up, no file stays open for nobody.
        closing = BackgroundTask(pieces.aclose)
        return Stream(body, media_type=_TYPES[file.format], headers=headers, background=closing)

    return [shared]


def _nothing() -> Response[bytes]:
    return Response(b"", status_code=404, headers={**_HEADERS, "cache-control": "no-store"})


def _file_name(file: FileRow) -> str:
    return f"stemme-{(file.shape or 'bundle').lower()}-{file.sha256[:8]}.{file.format}"


async def _all(first: bytes, rest: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    try:
        yield first
        async for piece in rest:
            yield piece
    finally:
        await rest.aclose()
