"""The `/graphql` endpoint: one small ASGI application, without the detours of a general-purpose controller."""

import logging
from collections.abc import Mapping

from graphql import GraphQLError, OperationType
from litestar.types import HTTPScope, Receive, Send

from backend.core.locale import negotiate
from graphql_api.documents import Refused
from graphql_api.execution import refused, run
from graphql_api.http.admission import Admission
from graphql_api.http.caller import Caller, caller_of, headers_of
from graphql_api.http.csrf import is_forged
from graphql_api.http.explorer import PAGE, PAGE_HEADERS, explorer_file
from graphql_api.http.negotiation import JSON, RESPONSE_JSON, media_type, prefers_html
from graphql_api.http.reply import Reply, answer_reply, refusal_reply, send_reply
from graphql_api.http.request import ClientGone, GraphQLRequest, HttpRefusal, from_body, from_query_string
from graphql_api.messages import message

log = logging.getLogger(__name__)

_NOT_OVER_HTTP = GraphQLError(
    "Subscriptions are not served over HTTP: open a WebSocket at this address, protocol graphql-transport-ws.",
    extensions={"code": "SUBSCRIPTION_OVER_HTTP"},
)


class GraphQLEndpoint:
    """GraphQL over HTTP for one schema: queries and mutations."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self._settings = admission.settings

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Handle one HTTP request."""
        headers = headers_of(scope)
        try:
            reply = await self._reply(scope, receive, headers)
        except ClientGone:
            return
        await send_reply(send, reply)

    async def _reply(self, scope: HTTPScope, receive: Receive, headers: Mapping[str, str]) -> Reply:
        accept = headers.get("accept")
        if scope["method"] == "GET" and not self._settings.is_production and prefers_html(accept):
            content, content_type = explorer_file(PAGE)
            return Reply(200, content, content_type, PAGE_HEADERS)
        wanted = media_type(accept)
        request_id = scope.get("state", {}).get("request_id", "")
        caller = caller_of(scope, headers, trusted_proxies=self._settings.trusted_proxies, request_id=request_id)
        try:
            if wanted is None:
                raise HttpRefusal(406, f"Accept must permit {RESPONSE_JSON} or {JSON}.", code="NOT_ACCEPTABLE")
            return await self._answer(scope, receive, caller, wanted)
        except HttpRefusal as refusal:
            return refusal_reply(refusal, wanted or JSON)
        except ClientGone:
            raise
        except Exception as error:
            log.error("request_failed", exc_info=error, extra={"request_id": request_id})
            text = message(negotiate(headers.get("accept-language")), "internal", {"request_id": request_id})
            return refusal_reply(HttpRefusal(500, text, code="INTERNAL"), wanted or JSON)

    async def _answer(self, scope: HTTPScope, receive: Receive, caller: Caller, wanted: str) -> Reply:
        request = await self._request(scope, receive, caller)
        admission = self._admission
        context = await admission.context(caller)
        try:
            prepared, operation = admission.prepare(request, caller, context)
            if operation.node.operation is OperationType.SUBSCRIPTION:
                raise Refused([_NOT_OVER_HTTP])
        except Refused as refusals:
            return answer_reply(refused(refusals.errors), wanted, context)
        if scope["method"] == "GET" and operation.node.operation is not OperationType.QUERY:
            raise HttpRefusal(405, "Mutations must be sent by POST.", code="METHOD_NOT_ALLOWED", allow="POST")
        answer = await run(
            admission.schema,
            prepared,
            operation,
            variables=request.variables,
            context=context,
            limits=admission.limits,
            timeout_seconds=self._settings.graphql_timeout_seconds,
        )
        return answer_reply(answer, wanted, context)

    async def _request(self, scope: HTTPScope, receive: Receive, caller: Caller) -> GraphQLRequest:
        if scope["method"] == "GET":
            return from_query_string(scope["query_string"])
        if scope["method"] != "POST":
            raise HttpRefusal(405, "Use POST, or GET for queries.", code="METHOD_NOT_ALLOWED", allow="GET, POST")
        settings = self._settings
        request = await from_body(receive, caller.headers, max_bytes=settings.graphql_max_body_bytes)
        if is_forged(caller, public_url=settings.public_url, allowed_origins=settings.allowed_origins):
            raise HttpRefusal(403, "This site may not act with the visitor's cookie.", code="CROSS_SITE")
        return request
