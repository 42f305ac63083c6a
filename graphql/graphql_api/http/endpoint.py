"""The `/graphql` endpoint: one small ASGI application, without the detours of a general-purpose controller."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from graphql import GraphQLError, OperationType
from litestar.types import HTTPScope, Receive, Send

from backend.core.database import Database
from backend.core.errors import RateLimited, Unauthenticated
from backend.core.locale import negotiate
from backend.core.viewer import Viewer
from backend.settings import Settings
from graphql_api.composition import Schema
from graphql_api.context import Context
from graphql_api.documents import Documents, Prepared, Refused
from graphql_api.execution import refused, run
from graphql_api.fields import RETRY_SECONDS
from graphql_api.http.caller import Caller, caller_of, headers_of
from graphql_api.http.csrf import is_forged
from graphql_api.http.explorer import PAGE, PAGE_HEADERS, explorer_file
from graphql_api.http.negotiation import JSON, RESPONSE_JSON, media_type, prefers_html
from graphql_api.http.reply import Reply, answer_reply, refusal_reply, send_reply
from graphql_api.http.request import ClientGone, GraphQLRequest, HttpRefusal, from_body, from_query_string
from graphql_api.limits import Limits
from graphql_api.messages import message
from graphql_api.services import Services
from graphql_api.trusted import TrustedDocuments, document_id, is_partner, may_send_any

log = logging.getLogger(__name__)

Authenticate: TypeAlias = Callable[[Caller], Awaitable[Viewer]]


def _never(_error: BaseException) -> bool:
    return False


class GraphQLEndpoint:
    """GraphQL over HTTP for one schema.

    `authenticate` loads the viewer (and raises Unauthenticated for a session that ended); `is_overload` recognises the
    database's ways of saying "try again".
    """

    def __init__(
        self,
        schema: Schema,
        *,
        settings: Settings,
        services: Services,
        db: Database,
        authenticate: Authenticate,
        trusted: TrustedDocuments,
        is_overload: Callable[[BaseException], bool] = _never,
    ) -> None:
        self._schema = schema
        self._settings = settings
        self._services = services
        self._db = db
        self._authenticate = authenticate
        self._trusted = trusted
        self._is_overload = is_overload
        self._limits = Limits(
            depth=settings.graphql_max_depth,
            aliases=settings.graphql_max_aliases,
            tokens=settings.graphql_max_tokens,
            cost=settings.graphql_max_cost,
        )
        self._documents = Documents(schema, self._limits)

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
        context = await self._context(caller)
        try:
            is_free = self._is_free(caller, context)
            prepared = self._documents.prepare(self._text(request, is_free=is_free))
            self._check_introspection(prepared, is_free=is_free)
            operation = prepared.operation(request.operation_name)
        except Refused as refusals:
            return answer_reply(refused(refusals.errors), wanted, context)
        except GraphQLError as error:
            return answer_reply(refused([error]), wanted, context)
        if scope["method"] == "GET" and operation.node.operation is not OperationType.QUERY:
            raise HttpRefusal(405, "Mutations must be sent by POST.", code="METHOD_NOT_ALLOWED", allow="POST")
        answer = await run(
            self._schema,
            prepared,
            operation,
            variables=request.variables,
            context=context,
            limits=self._limits,
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

    async def _context(self, caller: Caller) -> Context:
        locale = negotiate(caller.headers.get("accept-language"))
        try:
            viewer = await self._authenticate(caller)
        except Exception as error:
            raise self._failed_sign_in(error, locale, caller.request_id) from error
        if viewer.account_id is not None:
            locale = negotiate(caller.headers.get("accept-language"), viewer.locale)
        return Context(
            viewer=viewer,
            db=self._db,
            settings=self._settings,
            services=self._services,
            locale=locale,
            request_id=caller.request_id,
            is_overload=self._is_overload,
        )

    def _failed_sign_in(self, error: Exception, locale: str, request_id: str) -> HttpRefusal:
        if isinstance(error, Unauthenticated):
            text = message(locale, "unauthenticated", {})
            return HttpRefusal(401, text, code="UNAUTHENTICATED", **{"www-authenticate": "Bearer"})
        if isinstance(error, RateLimited):
            wait = str(error.retry_after_seconds)
            text = message(locale, error.code, error.params)
            return HttpRefusal(429, text, code=error.code.upper(), **{"retry-after": wait})
        if self._is_overload(error):
            text = message(locale, "try_again", {"retry_after_seconds": RETRY_SECONDS})
            return HttpRefusal(503, text, code="TRY_AGAIN", **{"retry-after": str(RETRY_SECONDS)})
        log.error("authentication_failed", exc_info=error, extra={"request_id": request_id})
        return HttpRefusal(500, message(locale, "internal", {"request_id": request_id}), code="INTERNAL")

    def _is_free(self, caller: Caller, context: Context) -> bool:
        """Whether any document may be sent, not only the published ones."""
        settings = self._settings
        return may_send_any(context.viewer, is_production=settings.is_production) or is_partner(
            caller.headers.get("x-api-key"), settings.partner_keys
        )

    def _text(self, request: GraphQLRequest, *, is_free: bool) -> str:
        """The document's text. Raises GraphQLError when it is unknown or not one that this viewer may send."""
        text = request.query
        if request.document_id is not None:
            known = self._trusted.text(request.document_id)
            if text is None and known is None:
                raise _refusal("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
            if text is not None and document_id(text) != request.document_id.lower().removeprefix("sha256:"):
                raise _refusal("BAD_REQUEST", "The document's id is not the SHA-256 of its text.")
            text = text or known
        if text is None:
            raise _refusal("BAD_REQUEST", "The parameter query is missing.")
        if not is_free and text not in self._trusted:
            raise _refusal("UNTRUSTED_DOCUMENT", "Only the published documents of this API can be sent here.")
        return text

    def _check_introspection(self, prepared: Prepared, *, is_free: bool) -> None:
        if prepared.introspects and not is_free:
            raise _refusal("INTROSPECTION_OFF", "Introspection is off here; the schema is at /schema.graphql.")


def _refusal(code: str, text: str) -> GraphQLError:
    return GraphQLError(text, extensions={"code": code})
