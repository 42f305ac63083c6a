"""The ways to declare a field with code behind it: `resolver` to read, `mutation` to do, `subscription` to follow.

They are typed, unlike Strawberry's own decorators, and never forget the description.
"""

import functools
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, TypeAlias, TypeVar

import strawberry

from backend.core.errors import DomainError, RateLimited
from graphql_api.context import Context
from graphql_api.problems import Problems, problem_for

R = TypeVar("R")
Resolver: TypeAlias = Callable[..., R]
AsyncResolver: TypeAlias = Callable[..., Awaitable[R]]
Events: TypeAlias = Callable[..., AsyncGenerator[Any, None]]

RETRY_SECONDS = 1
QUICK = "quick"


def resolver(
    description: str, *, quick: bool = False, deprecation_reason: str | None = None
) -> Callable[[Resolver[R]], Any]:
    """Declare a field that is read through a function, plain or async.

    `quick` is for a plain function on items of long lists that uses nothing of `info` but the context: the executor
    may call it without making the rest of `info`.
    NotFound and NotAllowed make the field null (declare it nullable); other refusals become top-level errors.
    """

    def declare(function: Resolver[R]) -> Any:
        return strawberry.field(
            resolver=function,
            description=description,
            deprecation_reason=deprecation_reason,
            metadata={QUICK: quick},
        )

    return declare


def subscription(description: str) -> Callable[[Events], Any]:
    """Declare what is told as it happens: `async def name(self, info, …) -> AsyncGenerator[Type, None]`.

    What it yields is a signal that there is news. The fields of Type are resolvers that read the news with the context
    of that moment: the context of the generator is the one of the beginning.
    """

    def declare(function: Events) -> Any:
        return strawberry.subscription(resolver=function, description=description)

    return declare


def input_path(error: DomainError, given: object) -> tuple[str, ...]:
    """Where in the input the field is that the error is about; empty when it is about no single one.

    The domain does not know how an input is nested, and calls what it did not find `id`: here that is the field named
    after the kind of thing, or the only one with an id.
    """
    if error.path != ("id",) or hasattr(given, "id"):
        return _place_of(error.path, given)
    kind = str(error.params.get("kind", "")).lower()
    ids = [name for name in _names(given) if name.endswith(("_id", "_ids"))]
    named = [name for name in ids if name.rpartition("_")[0] == kind] or ids
    return (named[0],) if len(named) == 1 else ()


def _place_of(path: tuple[str, ...], given: object) -> tuple[str, ...]:
    for tail in (path[start:] for start in range(len(path))):
        if tail[0] in _names(given):
            return tail
        outer = next((name for name in _names(given) if tail[0] in _names(getattr(given, name))), None)
        if outer is not None:
            return (outer, *tail)
    return path


def _names(given: object) -> list[str]:
    return list(getattr(given, "__annotations__", ()))


def mutation(
    description: str, *, for_anybody: bool = False, deprecation_reason: str | None = None
) -> Callable[[AsyncResolver[R]], Any]:
    """Declare a mutation `async def verb(self, info, input) -> Result`; Result is a union that contains `Problems`.

    Unless it is `for_anybody`, whoever is not signed in is told so before anything else is looked at.
    Every DomainError becomes a problem object, a refusal of an overloaded database RateLimited; Unauthenticated and
    what nobody foresaw go on to the top level, where `execution` answers for them.
    """

    def declare(function: AsyncResolver[R]) -> Any:
        declared: Any = strawberry.mutation(
            resolver=_answering(function, for_anybody=for_anybody),
            description=description,
            deprecation_reason=deprecation_reason,
        )
        for argument in declared.arguments:
            if argument.python_name == "input" and argument.description is None:
                argument.description = "What is to be done, and to what."
        return declared

    return declare


def _answering(function: AsyncResolver[R], *, for_anybody: bool) -> AsyncResolver[R | Problems]:
    @functools.wraps(function)
    async def answer(*args: Any, **kwargs: Any) -> R | Problems:
        context: Context = kwargs["info"].context
        if not for_anybody:
            context.viewer.require_account()
        try:
            return await function(*args, **kwargs)
        except DomainError as error:
            error.path = input_path(error, kwargs.get("input"))
            return problem_for(error, context.locale)
        except Exception as error:
            if not context.is_overload(error):
                raise
            return problem_for(RateLimited("try_again", retry_after_seconds=RETRY_SECONDS), context.locale)

    return answer
