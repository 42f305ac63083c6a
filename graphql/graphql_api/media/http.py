"""The addresses of bytes: where an upload is PUT, and where files are read by a signed or a public address."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from litestar import HttpMethod, Response, put, route
from litestar.exceptions import InternalServerException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from backend.core.clock import process_now
from backend.core.database import Database
from backend.core.errors import Closed, Conflict, DomainError, NotFound, RateLimited, ValidationFailed
from backend.core.locale import negotiate
from graphql_api.media.file_answers import AnyRequest, answer_file
from graphql_api.messages import message
from graphql_api.problems import camel_case
from media.blobs.protocol import StoreUnavailable
from media.config import Media
from media.serving.files import find_public, find_signed
from media.uploads.receiving import receive_bytes

_STATUS: tuple[tuple[type[DomainError], int], ...] = (
    (StoreUnavailable, 503),
    (NotFound, 404),
    (Conflict, 409),
    (Closed, 410),
    (ValidationFailed, 422),
    (RateLimited, 429),
)
_READ = [HttpMethod.GET, HttpMethod.HEAD]


def make_media_routes(db: Database, media: Media) -> list[HTTPRouteHandler]:
    """`PUT /uploads/{token}`, `GET /media/s/{stamp}/{file}` (signed), `GET /media/p/{key}/{file}` (public)."""

    @put("/uploads/{token:str}", request_max_body_size=None, include_in_schema=False)
    async def upload(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
        """Receive the bytes of an upload: 201, or a problem as JSON."""
        try:
            await receive_bytes(db, media, token, _pieces(request), announced=_announced(request))
        except DomainError as error:
            return _problem(request, error)
        except TimeoutError:
            return _problem(request, Closed("upload_too_slow"), status=408)
        return Response(b"", status_code=201, headers={"cache-control": "no-store"})

    @route("/media/s/{stamp:str}/{name:str}", http_method=_READ, include_in_schema=False)
    async def signed(request: AnyRequest, stamp: FromPath[str], name: FromPath[str]) -> Response[Any]:
        """A file for somebody to whom the address was given."""
        find = partial(find_signed, db, media, stamp=stamp, name=name, now=process_now())
        return await answer_file(media, request, find, cache="private")

    @route("/media/p/{key:str}/{name:str}", http_method=_READ, include_in_schema=False)
    async def public(request: AnyRequest, key: FromPath[str], name: FromPath[str]) -> Response[Any]:
        """A file for everybody."""
        return await answer_file(media, request, partial(find_public, db, key=key, name=name), cache="public")

    return [upload, signed, public]


def _announced(request: AnyRequest) -> int | None:
    length = request.headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdecimal() else None


async def _pieces(request: AnyRequest) -> AsyncIterator[bytes]:
    try:
        async for piece in request.stream():
            yield piece
    except InternalServerException as gone:  # the phone hung up: an everyday thing, nothing was stored
        raise ValidationFailed("upload_interrupted", path=("file",)) from gone


def _problem(request: AnyRequest, error: DomainError, *, status: int | None = None) -> Response[Any]:
    """The same words as a problem of the API. The rest of the body is not read, so the connection ends."""
    status = status or next((code for kind, code in _STATUS if isinstance(error, kind)), 400)
    text = message(negotiate(request.headers.get("accept-language")), error.code, error.params)
    headers = {"cache-control": "no-store", "connection": "close"}
    if isinstance(error, RateLimited):
        headers["retry-after"] = str(error.retry_after_seconds)
    content = {"code": error.code, "message": text, "path": [camel_case(part) for part in error.path]}
    return Response(content, status_code=status, headers=headers)
