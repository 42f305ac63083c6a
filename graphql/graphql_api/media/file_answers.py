"""How a file is answered: whole, in part, by a short-lived address at the store, or as if it had never been there."""

import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from litestar import HttpMethod, Request, Response
from litestar.background_tasks import BackgroundTask
from litestar.response import Stream

from media.blobs.protocol import BlobMissing, StoreUnavailable, patience
from media.config import Media
from media.formats import CONTENT_TYPES
from media.serving.files import store_address, stream_file
from media.serving.ranges import OutsideFile, Span, asked_span
from media.views import ServedFile

log = logging.getLogger(__name__)

AnyRequest = Request[Any, Any, Any]
AnyResponse = Response[Any]
Find = Callable[[], Awaitable[ServedFile | None]]

# A minute at most between hiding a file and the last cache that still has it.
_FRESH_SECONDS = 60
# A slow or stubborn reader of a long file is asked about as often whether it may still be read.
_LOOK_AGAIN_SECONDS = 20
_NOT_KEPT = {"cache-control": "no-store"}
# No cookie opens a file and none is looked at, so any page may show one whose address it knows, captions included.
_HEADERS = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
    "content-disposition": "inline",
    "cross-origin-resource-policy": "cross-origin",
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "accept-ranges, content-length, content-range, etag",
    "referrer-policy": "no-referrer",
}


async def answer_file(media: Media, request: AnyRequest, find: Find, *, cache: str) -> AnyResponse:
    """The file that `find` finds now, as this request asks for it; `cache` is private or public."""
    file = await find()
    if file is None:
        return _absent()
    tag = f'"{file.sha256}"'
    kept = f"{cache}, max-age={_FRESH_SECONDS}, must-revalidate"
    headers = {**_HEADERS, "etag": tag, "accept-ranges": "bytes", "cache-control": kept}
    if _has_it(request.headers.get("if-none-match", ""), tag):
        return Response(b"", status_code=304, headers=headers)
    headers["content-type"] = CONTENT_TYPES[file.format]
    if request.method == HttpMethod.HEAD:
        return Response(b"", headers={**headers, "content-length": str(file.size)})
    if elsewhere := await store_address(media, file):
        return Response(b"", status_code=302, headers={**_HEADERS, **_NOT_KEPT, "location": elsewhere})
    try:
        span = asked_span(
            request.headers.get("range"), size=file.size, tag=tag, if_range=request.headers.get("if-range")
        )
    except OutsideFile:
        size = {"accept-ranges": "bytes", "content-range": f"bytes */{file.size}"}
        return Response(b"", status_code=416, headers={**_HEADERS, **_NOT_KEPT, **size})
    return await _bytes(media, file, span, find, headers)


def _absent() -> AnyResponse:
    """The same for what is hidden, over or forged and for what never was."""
    return Response(b"", status_code=404, headers={**_HEADERS, **_NOT_KEPT})


async def _bytes(media: Media, file: ServedFile, part: Span | None, find: Find, headers: dict[str, str]) -> AnyResponse:
    span = part or Span(0, file.size, file.size)
    pieces = stream_file(media, file, span)
    try:
        async with patience(media.store_patience):
            first = await anext(pieces, b"")
    except BlobMissing:
        log.error("blob_missing", extra={"asset_id": str(file.asset_id)})
        return _absent()
    except StoreUnavailable as away:
        headers = {**_HEADERS, **_NOT_KEPT, "retry-after": str(away.retry_after_seconds)}
        return Response(b"", status_code=503, headers=headers)
    headers["content-length"] = str(span.length)
    if part is not None:
        headers["content-range"] = part.content_range
    body = _while_shown(first, pieces, find)
    return Stream(
        body,
        status_code=200 if part is None else 206,
        headers=headers,
        background=BackgroundTask(pieces.aclose),  # also when the reader hangs up: no file stays open for nobody
    )


async def _while_shown(first: bytes, rest: AsyncGenerator[bytes], find: Find) -> AsyncGenerator[bytes]:
    """The pieces; breaks off in the middle when the file is hidden while somebody reads it."""
    looked_at = time.monotonic()
    try:
        yield first
        async for piece in rest:
            if time.monotonic() - looked_at > _LOOK_AGAIN_SECONDS:
                if await find() is None:
                    raise ConnectionAbortedError
                looked_at = time.monotonic()
            yield piece
    finally:
        await rest.aclose()


def _has_it(if_none_match: str, tag: str) -> bool:
    """Whether the caller holds this very file (RFC 9110, weak comparison)."""
    held = [part.strip().removeprefix("W/") for part in if_none_match.split(",")]
    return tag in held or held == ["*"]
