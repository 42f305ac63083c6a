"""The messages of graphql-transport-ws, the protocol of subscriptions, and the bytes that carry them."""

from typing import Annotated, Any, TypeAlias

import msgspec

PROTOCOL = "graphql-transport-ws"
_MAX_ID_CHARS = 64

OperationId: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=_MAX_ID_CHARS)]
Payload: TypeAlias = dict[str, Any]


class Init(msgspec.Struct, frozen=True, tag_field="type", tag="connection_init"):
    """The first message: who wants to speak."""

    payload: Payload | None = None


class Ping(msgspec.Struct, frozen=True, tag_field="type", tag="ping"):
    """Are you there?"""

    payload: Payload | None = None


class Pong(msgspec.Struct, frozen=True, tag_field="type", tag="pong"):
    """I am; also unasked."""

    payload: Payload | None = None


class Subscribe(msgspec.Struct, frozen=True, tag_field="type", tag="subscribe"):
    """Run an operation: the payload has the parameters of a request over HTTP."""

    id: OperationId
    payload: Payload


class Complete(msgspec.Struct, frozen=True, tag_field="type", tag="complete"):
    """An operation has ended, or is to end."""

    id: OperationId


ClientMessage: TypeAlias = Init | Ping | Pong | Subscribe | Complete


class Malformed(Exception):
    """Bytes that are no message of the protocol."""


_DECODER: msgspec.json.Decoder[ClientMessage] = msgspec.json.Decoder(ClientMessage)


def read(text: str) -> ClientMessage:
    """A client's message. Raises Malformed."""
    try:
        return _DECODER.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise Malformed from None


def init_header(payload: Payload | None) -> str | None:
    """The Authorization header in a client's first message, since browsers cannot set one. Raises Malformed."""
    given = next((value for name, value in (payload or {}).items() if name.lower() == "authorization"), None)
    if given is not None and not isinstance(given, str):
        raise Malformed
    return given
