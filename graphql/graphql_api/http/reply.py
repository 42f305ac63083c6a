"""From what the endpoint has to say to the bytes of an HTTP response."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from litestar.types import Send

from graphql_api.context import Context
from graphql_api.execution import Answer
from graphql_api.http.negotiation import RESPONSE_JSON
from graphql_api.http.request import HttpRefusal


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP response."""

    status: int
    content: bytes
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: tuple[str, ...] = ()


def refusal_reply(refusal: HttpRefusal, wanted: str) -> Reply:
    body = {"errors": [{"message": refusal.message, "extensions": {"code": refusal.code}}]}
    return Reply(refusal.status, encode(body), wanted, refusal.headers)


def answer_reply(answer: Answer, wanted: str, context: Context) -> Reply:
    """Older clients (application/json) get 200 whenever the request was a GraphQL request."""
    status = 200
    if not answer.executed and wanted == RESPONSE_JSON:
        status = 503 if answer.timed_out else 400
    return Reply(status, encode(answer.body), wanted, cookies=tuple(context.cookies_to_set))


def encode(body: Mapping[str, Any]) -> bytes:
    """The body as JSON."""
    try:
        return msgspec.json.encode(body)
    except UnicodeEncodeError:  # a lone surrogate that slipped in somewhere: escaped, it is still JSON
        return json.dumps(body, ensure_ascii=True).encode()


async def send_reply(send: Send, reply: Reply) -> None:
    content_type = reply.content_type if "charset" in reply.content_type else f"{reply.content_type}; charset=utf-8"
    headers = {
        "content-type": content_type,
        "content-length": str(len(reply.content)),
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "vary": "accept, accept-language, authorization, cookie, origin",
        **reply.headers,
    }
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    raw += [(b"set-cookie", cookie.encode("latin-1")) for cookie in reply.cookies]
    await send({"type": "http.response.start", "status": reply.status, "headers": raw})
    await send({"type": "http.response.body", "body": reply.content, "more_body": False})
