"""How a file is answered: whole, in part, by a short-lived address at the store, or as if it had never been there."""

import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from litestar import HttpMethod, Request, Response
from litestar.background_tasks import BackgroundTask
from litestar.response import Stream

from backend.core.ids import Id
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
# None: it may be read no longer.
StillShown = Callable[[], Awaitable[object | None]]

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
        return absent()
    tag = f'"{file.sha256}"'
    kept = f"{cache}, max-age={_FRESH_SECONDS}, must-revalidate"
    headers = {**_HEADERS, "etag": tag, "accept-ranges": "bytes", "cache-control": kept}
    if _has_it(request.headers.get("if-none-match", ""), tag):
        return Response(b"", status_code=304, headers=headers)
    headers["content-type"] = CONTENT_TYPES[file.format]
    if request.method == HttpMethod.HEAD:
        return Response(b"", headers={**headers, "content-length": str(file.size)})
    try:
        async with patience(media.store_patience):
            elsewhere = await store_address(media, file)
    except StoreUnavailable as away:
        return _later(away)
    if elsewhere is not None:
        return Response(b"", status_code=302, headers={**_HEADERS, **_NOT_KEPT, "location": elsewhere})
    try:
        span = asked_span(
            request.headers.get("range"), size=file.size, tag=tag, if_range=request.headers.get("if-range")
        )
    except OutsideFile:
        size = {"accept-ranges": "bytes", "content-range": f"bytes */{file.size}"}
        return Response(b"", status_code=416, headers={**_HEADERS, **_NOT_KEPT, **size})
    return await _bytes(media, file, span, find, headers)


def absent() -> AnyResponse:
    """The same for what is hidden, over or forged and for what never was."""
    return Response(b"", status_code=404, headers={**_HEADERS, **_NOT_KEPT})


def _later(away: StoreUnavailable) -> AnyResponse:
    headers = {**_HEADERS, **_NOT_KEPT, "retry-after": str(away.retry_after_seconds)}
    return Response(b"", status_code=503, headers=headers)


async def _bytes(media: Media, file: ServedFile, part: Span | None, find: Find, headers: dict[str, str]) -> AnyResponse:
    span = part or Span(0, file.size, file.size)
    headers["content-length"] = str(span.length)
    if part is not None:
        headers["content-range"] = part.content_range
    status = 200 if part is None else 206
    pieces = stream_file(media, file, span)
    return await answer_pieces(media, pieces, find, file_id=file.asset_id, headers=headers, status=status)


async def answer_pieces(
    media: Media,
    pieces: AsyncGenerator[bytes],
    still_shown: StillShown,
    *,
    file_id: Id,
    headers: dict[str, str],
    status: int = 200,
) -> AnyResponse:
    """These bytes, for as long as they may be read; 404 when the store has none, 503 when it cannot be asked.

    `file_id` is what the log calls a file whose bytes have gone.
    """
    try:
        async with patience(media.store_patience):
            first = await anext(pieces, b"")
    except BlobMissing:
        log.error("blob_missing", extra={"file_id": str(file_id)})
        return absent()
    except StoreUnavailable as away:
        return _later(away)
    return Stream(
        _while_shown(first, pieces, still_shown),
        status_code=status,
        headers=headers,
        background=BackgroundTask(pieces.aclose),  # also when the reader hangs up: no file stays open for nobody
    )


async def _while_shown(first: bytes, rest: AsyncGenerator[bytes], still_shown: StillShown) -> AsyncGenerator[bytes]:
    """The pieces; breaks off in the middle when the file is hidden while somebody reads it."""
    looked_at = time.monotonic()
    try:
        yield first
        async for piece in rest:
            if time.monotonic() - looked_at > _LOOK_AGAIN_SECONDS:
                if await still_shown() is None:
                    raise ConnectionAbortedError
                looked_at = time.monotonic()
            yield piece
    finally:
        await rest.aclose()


def _has_it(if_none_match: str, tag: str) -> bool:
    """Whether the caller holds this very file (RFC 9110, weak comparison)."""
    held = [part.strip().removeprefix("W/") for part in if_none_match.split(",")]
    return tag in held or held == ["*"]
