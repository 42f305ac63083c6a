"""The short way through plain attributes gives what graphql-core gives, errors included."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from itertools import product
from typing import Annotated, Any

import pytest
import strawberry
from graphql import ExecutionResult, execute
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from backend.core.ids import new_id
from backend.core.paging import Key, Page
from graphql_api.composition import Domain, make_schema
from graphql_api.documents import Documents
from graphql_api.executor import Executor
from graphql_api.fields import resolver
from graphql_api.limits import Limits
from graphql_api.paging import Connection, connection
from tests.graphql_api.sample import START, Mood


@strawberry.interface(description="What has a name.")
class Named:
    name: str = strawberry.field(default="n", description="t")


@strawberry.type(description="A thing with a name.")
class Thing(Named):
    size: int = strawberry.field(default=3, description="t")


@strawberry.type(description="A leaf of each kind.")
class Leaves(Named):
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
    named: Named | None = strawberry.field(default=None, description="t")
    all_named: list[Named] = strawberry.field(default_factory=list, description="t")
    either: "Either | None" = strawberry.field(default=None, description="t")
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


Either = Annotated[Leaves | Thing, strawberry.union("Either", description="t")]
PLAIN = "text maybe number __typename share flag mood at key quick"
MIXED = f"{PLAIN} names sync later"
QUERIES = [
    f"{{ leaves {{ z: number {each} text below {{ {each} }} belows {{ flag below {{ text }} {each} }} }} }}"
    for each in (PLAIN, MIXED)
] + [
    "{ leaves { belows { ...A ... { text } } below { below { ...A } ...A } } } fragment A on Leaves { text number }",
    '{ leaves { quick(suffix: "a") belows { quick b: quick(suffix: "b") } } }',
    "{ leaves { source: text info: number v: flag a1: text listed: key below { read: text } source2: text } }",
    "{ leaves { named { __typename name ... on Thing { size } ... on Leaves { text below { number } } } text } }",
    "{ leaves { allNamed { name ...T } belows { named { name } } } } fragment T on Thing { size n: name }",
    "{ leaves { either { ... on Named { name } ... on Thing { size } ... on Leaves { belows { text } } } } }",
    "{ leaves { text @skip(if: true) number @include(if: false) below @include(if: true) { flag @skip(if: false) } } }",
    "{ leaves { below { text } below { number } belows { below { text } } belows { below { text key } flag } } }",
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
    lambda: Leaves(named=Thing(), all_named=[Leaves(below=Leaves()), Thing()], belows=[Leaves(named=Thing())]),
    lambda: Leaves(all_named=[Leaves(name=None), Thing()]),  # type: ignore[arg-type]
    lambda: Leaves(all_named=["no thing"], named=5),  # type: ignore[arg-type, list-item]
    lambda: Leaves(either=Thing()),
    lambda: Leaves(either=Leaves(belows=[Leaves(), Leaves(text="faulty")])),
    lambda: Leaves(either="neither"),  # type: ignore[arg-type]
    object,
]


@strawberry.type
class Root:
    @resolver("What the test made.")
    async def leaves(self, info: strawberry.Info[Any, Any]) -> Leaves | None:
        made: Leaves | None = info.context()
        return made


SCHEMA = make_schema([Domain(queries=(Root,))])
DOCUMENTS = Documents(SCHEMA, Limits())
SWITCHED = """
query ($a: Boolean!, $b: Boolean! = true, $c: String!) {
  leaves { ...All @include(if: $a) text @skip(if: $b) below { ...All number @include(if: $b) } belows { ...All text } }
  other: leaves { text below { quick(suffix: $c) name } }
}
fragment All on Leaves { flag @skip(if: $a) quick @include(if: $b) mood key @include(if: $a) }
"""


async def run(executor: type[Any], query: str, made: object, **own: Any) -> ExecutionResult:
    result: Any = execute(
        SCHEMA.core,
        DOCUMENTS.prepare(query).document,
        context_value=lambda: made,
        executor_class=executor,
        operation_extensions=None,
        **own,
    )
    outcome: ExecutionResult = await result
    return outcome


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("make", MAKERS)
async def test_short_and_long_way_agree(make: Callable[[], Any], query: str) -> None:
    made = make()
    short = await run(Executor, query, made, readers=DOCUMENTS.prepare(query).readers({}))
    long = await run(StrawberryGraphQLCoreExecutionContext, query, made)
    assert repr(short.data) == repr(long.data), "also the order of the fields"
    assert _errors(short) == _errors(long)


async def test_document_run_again_for_others_gives_each_its_own() -> None:
    prepared = DOCUMENTS.prepare(SWITCHED)
    compiled: list[Any] = []
    for _ in range(2):
        for number, (a, b) in enumerate(product((False, True), repeat=2)):
            made = Leaves(text=f"{number}", below=Leaves(number=number), belows=[Leaves(), Leaves(text="faulty")])
            variables = {"a": a, "b": b, "c": f"{number}"}
            readers = prepared.readers(variables)
            short = await run(Executor, SWITCHED, made, readers=readers, variable_values=variables)
            long = await run(StrawberryGraphQLCoreExecutionContext, SWITCHED, made, variable_values=variables)
            assert repr(short.data) == repr(long.data)
            assert _errors(short) == _errors(long)
            compiled.append([id(reader) for reader in readers.values()])
    assert compiled[:4] == compiled[4:], "compiled once"


def test_document_with_many_switches_keeps_few() -> None:
    prepared = DOCUMENTS.prepare(SWITCHED)
    for switches in product((False, True), repeat=8):
        prepared.readers({f"v{number}": switch for number, switch in enumerate(switches)})
    assert len(prepared.switched) <= 16


def _errors(result: ExecutionResult) -> list[tuple[str, str]]:
    return sorted((error.message, str(error.path)) for error in result.errors or ())
