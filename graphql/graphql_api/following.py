"""Runs a subscription: its field tells that there is news, and each time the operation is run anew."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, aclosing
from inspect import isawaitable
from typing import Any, TypeAlias, cast

from graphql import ExecutionResult, GraphQLError, create_source_event_stream

from graphql_api.composition import Schema
from graphql_api.context import Context
from graphql_api.documents import Operation, Prepared, Refused
from graphql_api.execution import Answer, failed, is_awaitable, refused, run, within_cost
from graphql_api.executor import Executor
from graphql_api.limits import Limits

# A turn to run once, with a context of its own: the viewer as they are now, and loaders that know nothing yet.
Turn: TypeAlias = Callable[[], AbstractAsyncContextManager[Context]]
Source: TypeAlias = AsyncGenerator[object, None]


async def follow(
    schema: Schema,
    prepared: Prepared,
    operation: Operation,
    *,
    variables: Mapping[str, Any],
    turn: Turn,
    limits: Limits,
    timeout_seconds: float,
) -> AsyncGenerator[Answer, None]:
    """An answer for each piece of news, until there is no more. An answer without data is the last one.

    While nothing happens it holds nothing but the source: no turn, and no connection to the database.
    """
    async with turn() as context:
        source = await _source(schema, prepared, operation, variables=variables, context=context, limits=limits)
    if isinstance(source, Answer):
        yield source
        return
    async with aclosing(source):
        while True:
            try:
                event = await anext(source)
            except StopAsyncIteration:
                return
            except Exception as error:
                yield failed(ExecutionResult(None, [GraphQLError(str(error), original_error=error)]), context, limits)
                return
            async with turn() as now:
                answer = await run(
                    schema,
                    prepared,
                    operation,
                    variables=variables,
                    context=now,
                    limits=limits,
                    timeout_seconds=timeout_seconds,
                    root=event,
                )
            yield answer
            if answer.body.get("data") is None:
                return


async def _source(
    schema: Schema,
    prepared: Prepared,
    operation: Operation,
    *,
    variables: Mapping[str, Any],
    context: Context,
    limits: Limits,
) -> Source | Answer:
    """What tells that there is news, or why nothing will."""
    try:
        within_cost(schema, operation, variables, limits)
    except Refused as refusals:
        return refused(refusals.errors)
    executor = Executor.build(
        schema.core,
        prepared.document,
        context_value=context,
        raw_variable_values=dict(variables),
        operation_name=operation.node.name.value if operation.node.name else None,
        is_awaitable=is_awaitable,
        operation_extensions=None,
        readers={},
    )
    if isinstance(executor, list):
        return refused(executor)
    found = create_source_event_stream(executor)
    source = await found if isawaitable(found) else found
    return failed(source, context, limits) if isinstance(source, ExecutionResult) else cast("Source", source)
