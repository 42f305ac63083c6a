"""One client's conversation in graphql-transport-ws: who they are first, then their subscriptions, until one hangs up.

The protocol: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import Any

from graphql import GraphQLError, OperationType

from backend.core.ids import Id
from graphql_api.context import Context
from graphql_api.documents import Refused
from graphql_api.execution import refused
from graphql_api.following import follow
from graphql_api.http.admission import Admission
from graphql_api.http.caller import Caller
from graphql_api.http.reply import encode
from graphql_api.http.request import HttpRefusal, from_parameters
from graphql_api.http.socket_capacity import Capacity, SocketLimits
from graphql_api.http.socket_messages import (
    Complete,
    Init,
    Malformed,
    Payload,
    Ping,
    Subscribe,
    init_header,
)
from graphql_api.http.socket_wire import HangUp, Wire
from graphql_api.limits import refusal

_FORBIDDEN = (4403, "Forbidden")
_SUBSCRIPTIONS_ONLY = GraphQLError(
    "Only subscriptions are served over WebSocket: send queries and mutations by POST.",
    extensions={"code": "SUBSCRIPTIONS_ONLY"},
)


class Conversation:
    """What is said over one wire. `updates` is shared by all conversations: how many operations may run at once."""

    def __init__(
        self,
        wire: Wire,
        admission: Admission,
        caller: Caller,
        *,
        capacity: Capacity,
        limits: SocketLimits,
        updates: asyncio.Semaphore,
    ) -> None:
        self._wire = wire
        self._admission = admission
        self._caller = caller
        self._capacity = capacity
        self._limits = limits
        self._updates = updates
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._session: tuple[Id | None, Id | None] = (None, None)
        self._was_heard = False

    async def hold(self) -> None:
        """Talk until one of the two hangs up. Raises Gone, HangUp, or a group of these."""
        with self._capacity.stranger(self._caller.address):
            try:
                async with asyncio.timeout(self._limits.init_seconds):
                    account_id = await self._introduced()
            except TimeoutError:
                raise HangUp(4408, "Connection initialisation timeout") from None
        with self._capacity.member(account_id):
            await self._wire.write({"type": "connection_ack"})
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._stay_in_touch())
                while True:
                    await self._heed(tasks)

    async def _introduced(self) -> Id:
        """The account of the client, who has to say first who they are. Raises HangUp."""
        while True:
            match await self._wire.read():
                case Init(payload):
                    return await self._sign_in(payload)
                case Ping():
                    await self._wire.write({"type": "pong"})
                case Subscribe():
                    raise HangUp(4401, "Unauthorized")

    async def _sign_in(self, payload: Payload | None) -> Id:
        try:
            header = init_header(payload)
        except Malformed:
            raise HangUp(4400, "Invalid message") from None
        if header is not None:
            # A token that is given counts alone, not the cookie of whoever uses the browser.
            headers = {**self._caller.headers, "authorization": header}
            self._caller = replace(self._caller, headers=headers, cookies={})
        try:
            viewer = (await self._admission.context(self._caller)).viewer
        except HttpRefusal as refusal:
            raise _hang_up_for(refusal) from refusal
        if viewer.account_id is None:
            raise HangUp(*_FORBIDDEN)
        self._session = viewer.account_id, viewer.session_id
        return viewer.account_id

    async def _heed(self, tasks: asyncio.TaskGroup) -> None:
        """Do what the next message says."""
        message = await self._wire.read()
        self._was_heard = True
        match message:
            case Init():
                raise HangUp(4429, "Too many initialisation requests")
            case Ping():
                await self._wire.write({"type": "pong"})
            case Subscribe(id, payload):
                await self._begin(tasks, id, payload)
            case Complete(id) if id in self._operations:
                self._operations.pop(id).cancel()

    async def _begin(self, tasks: asyncio.TaskGroup, id: str, payload: Payload) -> None:
        if id in self._operations:
            raise HangUp(4409, f"Subscriber for {id[:16]} already exists")
        if len(self._operations) >= self._limits.subscriptions:
            most = self._limits.subscriptions
            await self._fail(id, refused([refusal("subscriptions", most, most + 1)]).body["errors"])
            return
        self._operations[id] = tasks.create_task(self._serve(id, payload))

    async def _serve(self, id: str, payload: Payload) -> None:
        """One subscription from its first answer to its last."""
        try:
            errors = await self._answer(id, payload)
        except Refused as refusals:
            errors = refused(refusals.errors).body["errors"]
        except HttpRefusal as refusal:
            errors = [{"message": refusal.message, "extensions": {"code": refusal.code}}]
        del self._operations[id]
        if errors:
            await self._fail(id, errors)
        else:
            await self._wire.write({"id": id, "type": "complete"})

    async def _answer(self, id: str, payload: Payload) -> Sequence[Mapping[str, Any]]:
        """Send what changes. The errors with which it ended; none when there is no more to tell."""
        request = from_parameters(payload)
        async with self._turn() as context:
            prepared, operation = self._admission.prepare(request, self._caller, context)
        if operation.node.operation is not OperationType.SUBSCRIPTION:
            raise Refused([_SUBSCRIPTIONS_ONLY])
        answers = follow(
            self._admission.schema,
            prepared,
            operation,
            variables=request.variables,
            turn=self._turn,
            limits=self._admission.limits,
            timeout_seconds=self._admission.settings.graphql_timeout_seconds,
        )
        sent = b""
        async with aclosing(answers):
            async for answer in answers:
                if answer.body.get("data") is None:
                    errors: Sequence[Mapping[str, Any]] = answer.body["errors"]
                    return errors
                digest = hashlib.sha256(encode(answer.body)).digest()
                if digest != sent:  # what changed may not have been asked for
                    sent = digest
                    await self._wire.write({"id": id, "type": "next", "payload": answer.body})
        return ()

    async def _fail(self, id: str, errors: Sequence[Mapping[str, Any]]) -> None:
        await self._wire.write({"id": id, "type": "error", "payload": errors})

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[Context]:
        """A turn to run something, as the viewer whom the session has now. Raises HangUp once it has ended."""
        async with self._updates:
            context = await self._admission.context(self._caller)
            self._check(context)
            yield context

    def _check(self, context: Context) -> None:
        if (context.viewer.account_id, context.viewer.session_id) != self._session:
            raise HangUp(*_FORBIDDEN)

    async def _stay_in_touch(self) -> None:
        """Ask now and then whether the client is there, and whether its session still holds."""
        while True:
            await asyncio.sleep(self._limits.ping_seconds)
            self._was_heard = False
            await self._wire.write({"type": "ping"})
            await asyncio.sleep(self._limits.pong_seconds)
            if not self._was_heard:
                raise HangUp(4408, "No pong")
            try:
                async with self._turn():
                    continue
            except HttpRefusal:
                continue  # the database is busy: next time


def _hang_up_for(refusal: HttpRefusal) -> HangUp:
    """How a sign-in is refused that would have had this status over HTTP."""
    if refusal.status == 401:
        return HangUp(*_FORBIDDEN)
    return HangUp(1013, "Try again later") if refusal.status in {429, 503} else HangUp(1011, "Internal error")
