"""Who is calling and what they may run: the same for a request and for a subscription."""

import logging
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from graphql import GraphQLError

from backend.core.database import Database
from backend.core.errors import RateLimited, Unauthenticated
from backend.core.locale import negotiate
from backend.core.viewer import Viewer
from backend.settings import Settings
from graphql_api.composition import Schema
from graphql_api.context import Context
from graphql_api.documents import Documents, Operation, Prepared, Refused
from graphql_api.fields import RETRY_SECONDS
from graphql_api.http.caller import Caller
from graphql_api.http.request import GraphQLRequest, HttpRefusal
from graphql_api.limits import Limits
from graphql_api.messages import message
from graphql_api.services import Services
from graphql_api.trusted import TrustedDocuments, document_id, is_partner, may_send_any

log = logging.getLogger(__name__)

Authenticate: TypeAlias = Callable[[Caller], Awaitable[Viewer]]
IsOverload: TypeAlias = Callable[[BaseException], bool]


class Admission:
    """Knows the viewer behind a caller, and the documents that this viewer may run within the limits.

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
        is_overload: IsOverload,
    ) -> None:
        self.schema = schema
        self.settings = settings
        self.limits = Limits(
            depth=settings.graphql_max_depth,
            aliases=settings.graphql_max_aliases,
            tokens=settings.graphql_max_tokens,
            cost=settings.graphql_max_cost,
        )
        self._services = services
        self._db = db
        self._authenticate = authenticate
        self._trusted = trusted
        self._is_overload = is_overload
        self._documents = Documents(schema, self.limits)

    async def context(self, caller: Caller) -> Context:
        """A context for one operation, with the viewer as they are now. Raises HttpRefusal."""
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
            settings=self.settings,
            services=self._services,
            locale=locale,
            request_id=caller.request_id,
            is_overload=self._is_overload,
        )

    def prepare(self, request: GraphQLRequest, caller: Caller, context: Context) -> tuple[Prepared, Operation]:
        """The document and the operation in it that the viewer wants to run and may. Raises Refused."""
        try:
            is_free = self._is_free(caller, context)
            prepared = self._documents.prepare(self._text(request, is_free=is_free))
            if prepared.introspects and not is_free:
                raise _refusal("INTROSPECTION_OFF", "Introspection is off here; the schema is at /schema.graphql.")
            return prepared, prepared.operation(request.operation_name)
        except GraphQLError as error:
            raise Refused([error]) from None

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
        settings = self.settings
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


def _refusal(code: str, text: str) -> GraphQLError:
    return GraphQLError(text, extensions={"code": code})
