"""The short way through plain attributes gives what graphql-core gives, errors included."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import strawberry
from graphql import ExecutionResult, execute, parse
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from backend.core.ids import new_id
from backend.core.paging import Key, Page
from graphql_api.composition import Domain, make_schema
from graphql_api.executor import Executor
from graphql_api.fields import resolver
from graphql_api.paging import Connection, connection
from tests.graphql_api.sample import START, Mood


@strawberry.type(description="A leaf of each kind.")
class Leaves:
    text: str = strawberry.field(default="x", description="t")
    maybe: str | None = strawberry.field(default=None, description="t")
    number: int = strawberry.field(default=1, description="t")
    share: float = strawberry.field(default=0.5, description="t")
    flag: bool = strawberry.field(default=True, description="t")
    mood: Mood = strawberry.field(default=Mood.CROSS, description="t")
    at: datetime = strawberry.field(default=START, description="t")
    key: strawberry.ID = strawberry.field(default=strawberry.ID("k"), description="t")
    names: list[str] = strawberry.field(default_factory=lambda: ["a", "b"], description="t")
    below: "Leaves | None" = strawberry.field(default=None, description="t")
    belows: "list[Leaves] | None" = strawberry.field(default=None, description="t")

    page: "Connection[Leaves] | None" = strawberry.field(default=None, description="t")

    @resolver("Computed at once.")
    def sync(self) -> str:
        return self.text

    @resolver("Computed without ceremony.", quick=True)
    def quick(self, info: strawberry.Info[Any, Any], suffix: str = "") -> str:
        if self.text == "faulty":
            raise ValueError("a fault")
        return f"{self.text}{suffix}{info.context is not None}"

    @resolver("Computed later.")
    async def later(self) -> str:
        await asyncio.sleep(0)
        return self.text


PLAIN = "text maybe number __typename share flag mood at key quick"
MIXED = f"{PLAIN} names sync later"
QUERIES = [
    f"{{ leaves {{ z: number {each} text below {{ {each} }} belows {{ flag below {{ text }} {each} }} }} }}"
    for each in (PLAIN, MIXED)
] + [
    "{ leaves { belows { ...A ... { text } } below { below { ...A } ...A } } } fragment A on Leaves { text number }",
    '{ leaves { quick(suffix: "a") belows { quick b: quick(suffix: "b") } } }',
    "{ leaves { page { edges { cursor node { text below { number } } } pageInfo { hasNextPage endCursor } } } }",
]


def page(*leaves: Leaves) -> Connection[Leaves]:
    keys = [Key(START, new_id()) for _ in leaves]
    return connection(Page(leaves, keys, has_next=False, has_previous=True), lambda each: each)


MAKERS: list[Callable[[], Any]] = [
    Leaves,
    lambda: Leaves(below=Leaves(maybe="y"), belows=[Leaves(below=Leaves()), Leaves()]),
    lambda: Leaves(text=None),  # type: ignore[arg-type]
    lambda: Leaves(text=5),  # type: ignore[arg-type]
    lambda: Leaves(belows=[Leaves(), Leaves(text="faulty")]),
    lambda: Leaves(number=-(2**31)),
    lambda: Leaves(number=2**31),
    lambda: Leaves(number="many"),  # type: ignore[arg-type]
    lambda: Leaves(number=2**40),
    lambda: Leaves(number=True),
    lambda: Leaves(share=float("nan")),
    lambda: Leaves(mood="no mood"),  # type: ignore[arg-type]
    lambda: Leaves(at=START.replace(tzinfo=None)),
    lambda: Leaves(maybe=ValueError("kept as a value")),  # type: ignore[arg-type]
    lambda: Leaves(belows=[Leaves(), Leaves(text=None)]),  # type: ignore[arg-type]
    lambda: Leaves(belows=[Leaves(), None]),  # type: ignore[list-item]
    lambda: Leaves(belows=5),  # type: ignore[arg-type]
    lambda: Leaves(below=Leaves(number=None)),  # type: ignore[arg-type]
    lambda: Leaves(below="no object"),  # type: ignore[arg-type]
    lambda: Leaves(belows=[Leaves(below=Leaves(text=None))]),  # type: ignore[arg-type]
    lambda: Leaves(belows=(Leaves(), Leaves())),  # type: ignore[arg-type]
    lambda: Leaves(page=page(Leaves(), Leaves(below=Leaves()))),
    lambda: Leaves(page=page(Leaves(), Leaves(text=None))),  # type: ignore[arg-type]
    lambda: Leaves(page=page("no leaves")),  # type: ignore[arg-type]
    object,
]


@strawberry.type
class Root:
    @resolver("What the test made.")
    async def leaves(self, info: strawberry.Info[Any, Any]) -> Leaves | None:
        made: Leaves | None = info.context()
        return made


SCHEMA = make_schema([Domain(queries=(Root,))])


async def run(executor: type[Any], query: str, made: object) -> ExecutionResult:
    result: Any = execute(
        SCHEMA.core, parse(query), context_value=lambda: made, executor_class=executor, operation_extensions=None
    )
    outcome: ExecutionResult = await result
    return outcome


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("make", MAKERS)
async def test_short_and_long_way_agree(make: Callable[[], Any], query: str) -> None:
    made = make()
    short = await run(Executor, query, made)
    long = await run(StrawberryGraphQLCoreExecutionContext, query, made)
    assert repr(short.data) == repr(long.data), "also the order of the fields"
    assert _errors(short) == _errors(long)


def _errors(result: ExecutionResult) -> list[tuple[str, str]]:
    return sorted((error.message, str(error.path)) for error in result.errors or ())
