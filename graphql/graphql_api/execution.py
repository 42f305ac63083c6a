"""Runs one operation and says what went wrong, without ever telling more than the caller may know."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, TypeGuard, cast

from graphql import ExecutionResult, GraphQLError, execute
from graphql.execution.values import get_variable_values
from strawberry.execution import optimized_is_awaitable

from backend.core.errors import DomainError, NotAllowed, NotFound, RateLimited, Unauthenticated
from graphql_api.composition import Schema
from graphql_api.context import Context
from graphql_api.documents import Operation, Prepared, Refused
from graphql_api.executor import Executor
from graphql_api.fields import RETRY_SECONDS
from graphql_api.limits import Limits, refusal
from graphql_api.messages import message
from graphql_api.problems import camel_case

log = logging.getLogger(__name__)

_MOST_REFUSALS = 10
_LONGEST_REFUSAL = 500
_ECHO = re.compile(r"(?:(?<= value)(?<!invalid value):|[,;.?] [Ff]ound:) .*?(?= Did you mean [^?]*\?\Z|\Z)", re.DOTALL)
_PYTHONS_OWN = re.compile(r"Exceeds the limit \(\d+ digits\)[^']*")

is_awaitable = cast("Callable[[Any], TypeGuard[Awaitable[Any]]]", optimized_is_awaitable)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the client gets: `body` is the response map; `executed` is False when nothing was run at all."""

    body: dict[str, Any]
    executed: bool
    timed_out: bool = False


def refused(errors: list[GraphQLError]) -> Answer:
    """The answer to a document or a request that was not run."""
    return Answer({"errors": [_short(error) for error in errors[:_MOST_REFUSALS]]}, executed=False)


def _short(error: GraphQLError) -> dict[str, Any]:
    """The error without what the caller sent: it may be long, and it may be a passphrase."""
    formatted: dict[str, Any] = dict(error.formatted)
    text = _PYTHONS_OWN.sub("The number is too long.", _ECHO.sub(".", error.message, count=1))
    formatted["message"] = text if len(text) <= _LONGEST_REFUSAL else text[:_LONGEST_REFUSAL] + "…"
    return formatted


async def run(
    schema: Schema,
    prepared: Prepared,
    operation: Operation,
    *,
    variables: Mapping[str, Any],
    context: Context,
    limits: Limits,
    timeout_seconds: float,
    root: object = None,
) -> Answer:
    """Run the operation within its cost and time; domain errors, mistakes and faults become errors of the answer.

    `root` is the event that a subscription is run for.
    """
    try:
        coerced = within_cost(schema, operation, variables, limits)
    except Refused as refusals:
        return refused(refusals.errors)
    try:
        async with asyncio.timeout(timeout_seconds):
            result = execute(
                schema.core,
                prepared.document,
                root,
                variable_values=dict(variables),
                operation_name=operation.node.name.value if operation.node.name else None,
                context_value=context,
                is_awaitable=is_awaitable,
                executor_class=Executor,
                operation_extensions=None,
                readers=prepared.readers(coerced),
            )
            if isawaitable(result):
                result = await result
    except TimeoutError:
        log.warning("operation_timed_out", extra={"request_id": context.request_id})
        return Answer({"errors": [_timeout(timeout_seconds)]}, executed=False, timed_out=True)
    return Answer(_body(result, context, limits), executed=True)


def within_cost(
    schema: Schema, operation: Operation, variables: Mapping[str, Any], limits: Limits
) -> Mapping[str, Any]:
    """The variables as the operation gets them. Raises Refused when they are wrong or ask for too much."""
    values = get_variable_values(
        schema.core, operation.node.variable_definitions or (), dict(variables), max_errors=_MOST_REFUSALS
    )
    if isinstance(values, list):
        raise Refused(values)
    cost = operation.cost.cost(values.coerced)
    if cost > limits.cost:
        raise Refused([refusal("cost", limits.cost, cost)])
    return values.coerced


def _timeout(seconds: float) -> dict[str, Any]:
    return {
        "message": f"The operation took longer than {seconds:g} seconds.",
        "extensions": {"code": "TIMEOUT", "limit": "seconds", "allowed": seconds},
    }


def failed(result: ExecutionResult, context: Context, limits: Limits) -> Answer:
    """The answer to an operation of which nothing came."""
    return Answer(_body(result, context, limits), executed=True)


def _body(result: ExecutionResult, context: Context, limits: Limits) -> dict[str, Any]:
    body: dict[str, Any] = {}
    shown = [report for error in result.errors or () if (report := _report(error, result.data, context)) is not None]
    if shown:
        hidden = len(shown) - limits.errors
        body["errors"] = shown[: limits.errors]
        if hidden > 0:
            body["errors"].append({"message": f"{hidden} more errors.", "extensions": {"code": "MORE_ERRORS"}})
    body["data"] = result.data
    return body


def _report(error: GraphQLError, data: object, context: Context) -> dict[str, Any] | None:
    """An error as the client sees it; None when a null says it all."""
    cause = error.original_error
    formatted: dict[str, Any] = dict(error.formatted)
    if cause is None or isinstance(cause, GraphQLError):
        return formatted
    if isinstance(cause, NotFound | NotAllowed) and data is not None:
        return None
    if isinstance(cause, Unauthenticated):
        code, parameters = "unauthenticated", {}
    elif isinstance(cause, DomainError):
        code, parameters = cause.code, dict(cause.params)
    elif context.is_overload(cause):
        code, parameters = "try_again", {"retry_after_seconds": RETRY_SECONDS}
    else:
        log.error("operation_failed", exc_info=cause, extra={"request_id": context.request_id, "path": error.path})
        code, parameters = "internal", {"request_id": context.request_id}
    formatted["message"] = message(context.locale, code, parameters)
    formatted["extensions"] = {"code": code.upper(), **_details(cause, code, context)}
    return formatted


def _details(cause: Exception, code: str, context: Context) -> dict[str, Any]:
    details: dict[str, Any] = {}
    if isinstance(cause, DomainError) and cause.path:
        details["argument"] = [camel_case(name) for name in cause.path]
    if isinstance(cause, RateLimited):
        details["retryAfterSeconds"] = cause.retry_after_seconds
    if code == "internal":
        details["requestId"] = context.request_id
    return details
