"""From an HTTP request to a GraphQL request: method, body, types of the parameters."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from litestar.types import Receive

_PARAMETERS = ("query", "operationName", "variables", "extensions", "documentId")


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """What the client asks for. `query` or `document_id` is there."""

    query: str | None
    document_id: str | None = None
    operation_name: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)


class HttpRefusal(Exception):
    """A request that is no GraphQL request: the HTTP status, why, and headers that go with it."""

    def __init__(self, status: int, message: str, *, code: str = "BAD_REQUEST", **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.headers = headers


class ClientGone(Exception):
    """The client hung up before its request was complete."""


def from_query_string(raw: bytes) -> GraphQLRequest:
    """A GET request. Raises HttpRefusal."""
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError:
        raise HttpRefusal(400, "The query string is not URL-encoded UTF-8.") from None
    given: dict[str, Any] = dict(pairs)
    if len(given) < len(pairs):
        raise HttpRefusal(400, "A parameter is given twice.")
    for name in ("variables", "extensions"):
        if text := given.get(name):
            given[name] = _json(text.encode(), f"The parameter {name}")
    return from_parameters({name: value for name, value in given.items() if value != ""})


async def from_body(receive: Receive, headers: Mapping[str, str], *, max_bytes: int) -> GraphQLRequest:
    """A POST request. Raises HttpRefusal, or ClientGone."""
    _check_content_type(headers)
    body = await _read(receive, headers.get("content-length", ""), max_bytes)
    given = _json(body, "The body")
    if isinstance(given, list):
        raise HttpRefusal(400, "Batches are not supported: send one operation in a request.", code="BATCH_REFUSED")
    if not isinstance(given, dict):
        raise HttpRefusal(400, "The body must be a JSON object.")
    return from_parameters(given)


def _check_content_type(headers: Mapping[str, str]) -> None:
    name, *parameters = (part.strip() for part in headers.get("content-type", "").lower().split(";"))
    if name != "application/json":
        raise HttpRefusal(415, "The Content-Type must be application/json.", code="UNSUPPORTED_MEDIA_TYPE")
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key == "charset" and value.strip('"') not in {"utf-8", "utf8"}:
            raise HttpRefusal(415, "The body must be UTF-8.", code="UNSUPPORTED_MEDIA_TYPE")
    if headers.get("content-encoding", "identity") != "identity":
        raise HttpRefusal(415, "The body must not be compressed.", code="UNSUPPORTED_MEDIA_TYPE")


async def _read(receive: Receive, content_length: str, max_bytes: int) -> bytes:
    too_large = HttpRefusal(
        413,
        f"The request exceeds the limit of {max_bytes} bytes for its body.",
        code="LIMIT_EXCEEDED",
        connection="close",
    )
    if content_length.isdecimal() and int(content_length) > max_bytes:
        raise too_large
    chunks: list[bytes] = []
    size = 0
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise ClientGone
        if event["type"] == "http.request":
            chunks.append(event["body"])
            size += len(event["body"])
            if size > max_bytes:
                raise too_large
            if not event["more_body"]:
                return b"".join(chunks)


def _json(raw: bytes, what: str) -> Any:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise HttpRefusal(400, f"{what} is not valid JSON in UTF-8.") from None
    except RecursionError:
        raise HttpRefusal(400, f"{what} is nested too deeply.") from None


def from_parameters(given: Mapping[str, Any]) -> GraphQLRequest:
    """A request by its parameters. Raises HttpRefusal."""
    values = {name: given.get(name) for name in _PARAMETERS}
    for name in ("query", "operationName", "documentId"):
        if values[name] is not None and not isinstance(values[name], str):
            raise HttpRefusal(400, f"The parameter {name} must be a string.")
    for name in ("variables", "extensions"):
        if values[name] is not None and not isinstance(values[name], dict):
            raise HttpRefusal(400, f"The parameter {name} must be an object.")
    document_id = values["documentId"] or _persisted_id(values["extensions"] or {})
    if not values["query"] and not document_id:
        raise HttpRefusal(400, "The parameter query is missing.")
    return GraphQLRequest(
        query=values["query"] or None,
        document_id=document_id,
        operation_name=values["operationName"] or None,
        variables=values["variables"] or {},
    )


def _persisted_id(extensions: Mapping[str, Any]) -> str | None:
    """The other spelling of documentId that clients use."""
    persisted = extensions.get("persistedQuery")
    if persisted is None:
        return None
    sha256 = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
    if not isinstance(sha256, str):
        raise HttpRefusal(400, "The extension persistedQuery must have a sha256Hash.")
    return sha256
