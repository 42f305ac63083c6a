"""A small schema with one field for each way to answer or to fail, served over HTTP semantics."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Annotated, Any

import httpx
import strawberry
from litestar import Litestar
from litestar.config.cors import CORSConfig

from backend.core import errors
from backend.core.ids import Id, new_id
from backend.core.paging import Key, Page, page_request
from backend.core.viewer import ANONYMOUS, Grant, Role, ScopeKind, Viewer
from backend.settings import Settings
from graphql_api.composition import Domain, make_schema
from graphql_api.context import Context, Info
from graphql_api.enums import describe_enum
from graphql_api.fields import mutation, resolver, subscription
from graphql_api.http.admission import Admission
from graphql_api.http.caller import Caller
from graphql_api.http.endpoint import GraphQLEndpoint
from graphql_api.http.request_log import RequestLog
from graphql_api.http.routes import make_routes
from graphql_api.http.socket import SocketEndpoint
from graphql_api.http.socket_capacity import SocketLimits
from graphql_api.node import Node
from graphql_api.node_ids import global_id
from graphql_api.paging import After, Before, Connection, First, Last, connection
from graphql_api.problems import Problems
from graphql_api.scalars import LanguageTag
from graphql_api.trusted import TrustedDocuments


class Mood(Enum):
    GLAD = "glad"
    CROSS = "cross"


describe_enum(Mood, "How it feels.", {Mood.GLAD: "Good.", Mood.CROSS: "Not good."})

NOTE_IDS = [new_id() for _ in range(7)]
START = datetime(2026, 3, 1, 8, tzinfo=UTC)


class Overloaded(Exception):
    """Stands for what a database driver raises when a lock takes too long."""


@strawberry.type(description="A note.")
class Note(Node):
    text: str = strawberry.field(description="The words.")
    mood: Mood = strawberry.field(description="The mood.")
    at: datetime = strawberry.field(description="When.")
    rank: int = strawberry.field(description="A number.")
    hint: str | None = strawberry.field(description="Perhaps a hint.")

    @resolver("The note after this one.")
    async def next(self) -> "Note":
        return self

    @resolver("Notes that answer this one.")
    async def answers(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection["Note"]:
        return notes_page(first, after, last, before)


def note(number: int, *, text: str = "hei") -> Note:
    return Note(
        id=global_id("Note", NOTE_IDS[number]),
        text=text,
        mood=Mood.GLAD,
        at=START + timedelta(hours=number),
        rank=number,
        hint=None,
    )


def notes_page(first: int | None, after: str | None, last: int | None, before: str | None) -> Connection[Note]:
    request = page_request(first=first, after=after, last=last, before=before)
    numbers = range(min(request.size, len(NOTE_IDS)))
    keys = [Key(START, NOTE_IDS[number]) for number in numbers]
    return connection(Page(list(numbers), keys, has_next=True, has_previous=False), note)


@strawberry.input(description="What to note.")
class NoteWriteInput:
    text: str = strawberry.field(description="The words.")
    fail_with: str | None = strawberry.field(default=None, description="Which way to fail.")
    at: datetime | None = strawberry.field(default=None, description="When.")
    language: LanguageTag | None = strawberry.field(default=None, description="The language.")


NoteWriteResult = Annotated[
    Note | Problems, strawberry.union("NoteWriteResult", description="The note, or why there is none.")
]

FAILURES: Mapping[str, Exception] = {
    "validation": errors.ValidationFailed("text_too_long", path=("alt_text",), max=10),
    "not_allowed": errors.NotAllowed(),
    "not_found": errors.NotFound(),
    "conflict": errors.Conflict("wrong_state", state="in_review"),
    "consent": errors.ConsentRequired(purpose="PUBLISH", audience="CITY"),
    "closed": errors.Closed("closed"),
    "rate": errors.RateLimited(retry_after_seconds=60),
    "unauthenticated": errors.Unauthenticated(),
    "overload": Overloaded("lock timeout on relation account"),
    "crash": RuntimeError("password of kari@example.org is 123"),
}


@strawberry.type
class NoteQueries:
    @resolver("Notes.")
    async def notes(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Note]:
        return notes_page(first, after, last, before)

    @resolver("Fails as asked; nullable.")
    async def failing(
        self, info: Info, with_: Annotated[str, strawberry.argument(name="with", description="How.")]
    ) -> str | None:
        raise FAILURES[with_]

    @resolver("Says it back.")
    async def echo(self, text: Annotated[str, strawberry.argument(description="What.")]) -> str:
        return text

    @resolver("Many failures at once.")
    async def failures(self) -> list["Broken"]:
        return [Broken() for _ in range(100)]

    @resolver("The viewer's language.")
    async def locale(self, info: Info) -> str:
        return info.context.locale

    @resolver("Never ends.")
    async def slow(self) -> str:
        await asyncio.sleep(30)
        return "late"

    @resolver("A text that no encoder likes.")
    async def surrogate(self) -> str:
        return "\ud800"


@strawberry.type(description="Something that fails.")
class Broken:
    @resolver("Fails.")
    async def value(self) -> str | None:
        raise RuntimeError("no")


@strawberry.type
class NoteMutations:
    @mutation("Write a note.", for_anybody=True)
    async def note_write(self, info: Info, input: NoteWriteInput) -> NoteWriteResult:
        if input.fail_with is not None:
            raise FAILURES[input.fail_with]
        info.context.cookies_to_set.append("seen=1; HttpOnly")
        return note(0, text=input.text)


@strawberry.type(description="Something that is told.")
class Told:
    number: int = strawberry.field(description="Which one it is.")

    @resolver("Who hears it.")
    async def hearer(self, info: Info) -> str:
        return info.context.viewer.handle or ""

    @resolver("Whether what is remembered while one answer is made was there before.")
    async def is_remembered(self, info: Info) -> bool:
        known = "told" in info.context.loaders
        info.context.loaders["told"] = True
        return known

    @resolver("Much text that cannot be compressed.")
    async def much(self) -> str:
        return secrets.token_hex(100_000)

    @resolver("Fails as asked.")
    async def failing(self, with_: Annotated[str, strawberry.argument(name="with", description="How.")]) -> str:
        raise FAILURES[with_]


class Teller:
    """Tells numbers to whoever listens, when the test says so."""

    def __init__(self) -> None:
        self.listening = 0
        self._last = 0
        self._told = asyncio.Event()

    def tell(self) -> None:
        self._last += 1
        told, self._told = self._told, asyncio.Event()
        told.set()

    async def numbers(self) -> AsyncGenerator[int, None]:
        self.listening += 1
        try:
            while True:
                yield self._last
                await self._told.wait()
        finally:
            self.listening -= 1


TELLER = Teller()


@strawberry.type
class NoteSubscriptions:
    @subscription("Counts.")
    async def counted(
        self, info: Info, to: Annotated[int, strawberry.argument(description="The last number.")]
    ) -> AsyncGenerator[Told, None]:
        for number in range(1, to + 1):
            yield Told(number=number)

    @subscription("Tells what the test tells, without end.")
    async def told(self, info: Info) -> AsyncGenerator[Told, None]:
        async with aclosing(TELLER.numbers()) as numbers:
            async for number in numbers:
                yield Told(number=number)

    @subscription("Fails as asked, after the first number.")
    async def broken(
        self, info: Info, with_: Annotated[str, strawberry.argument(name="with", description="How.")]
    ) -> AsyncGenerator[Told, None]:
        yield Told(number=1)
        raise FAILURES[with_]


async def load_notes(context: Context, ids: Sequence[Id]) -> Mapping[Id, Node]:
    return {one: note(NOTE_IDS.index(one)) for one in ids if one in NOTE_IDS[:5]}


NOTES = Domain(
    queries=(NoteQueries,),
    mutations=(NoteMutations,),
    subscriptions=(NoteSubscriptions,),
    nodes={"Note": load_notes},
)
SCHEMA = make_schema([NOTES])

STAFF = Viewer(
    account_id=new_id(), locale="nb", grants=(Grant(Role.SECRETARIAT, ScopeKind.NETWORK, None),), handle="kari"
)
MEMBER = Viewer(account_id=new_id(), locale="nb", handle="ola")
ENDED: set[str] = set()  # tokens of sessions that were revoked
TRUSTED_SUBSCRIPTION = "subscription Counted { counted(to: 1) { number } }\n"
TRUSTED = "query Notes { notes(first: 2) { edges { node { id } } } }\n"


async def by_token(caller: Caller) -> Viewer:
    match caller.bearer_token or caller.cookies.get("session"):
        case None:
            return ANONYMOUS
        case token if token in ENDED:
            return ANONYMOUS
        case "member":
            return MEMBER
        case "staff":
            return STAFF
        case "limited":
            raise errors.RateLimited(retry_after_seconds=30)
        case "crash":
            raise RuntimeError("secret detail")
    raise errors.Unauthenticated


@dataclass(frozen=True)
class Reply:
    """What came back, with the body as JSON."""

    response: httpx.Response

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def json(self) -> Any:
        return self.response.json()

    @property
    def codes(self) -> list[str]:
        return [error.get("extensions", {}).get("code", "") for error in self.json.get("errors", [])]


class Api:
    """The sample schema behind the real endpoint."""

    def __init__(self, settings: Settings, *, limits: SocketLimits | None = None, **changes: object) -> None:
        self.settings = settings
        unused: Any = None  # the sample touches neither services nor the database
        admission = Admission(
            SCHEMA,
            settings=settings.model_copy(update=changes),
            services=unused,
            db=unused,
            authenticate=by_token,
            trusted=TrustedDocuments({"notes": TRUSTED, "counted": TRUSTED_SUBSCRIPTION}),
            is_overload=lambda error: isinstance(error, Overloaded),
        )
        sockets = SocketEndpoint(admission, limits=limits)
        routes = make_routes(SCHEMA, GraphQLEndpoint(admission), sockets, with_explorer=True)
        cors = CORSConfig(allow_origins=["https://app.example.org"], allow_headers=["content-type", "authorization"])
        self.app: Any = RequestLog(
            Litestar(routes, openapi_config=None, cors_config=cors), trusted_proxies=settings.trusted_proxies
        )

    async def send(self, method: str, path: str = "/graphql", **request: Any) -> Reply:
        transport = httpx.ASGITransport(app=self.app, client=("192.0.2.1", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return Reply(await client.request(method, path, **request))

    async def post(self, body: object, **headers: str) -> Reply:
        accept = {"accept": "application/graphql-response+json"}
        return await self.send("POST", json=body, headers=accept | {k.replace("_", "-"): v for k, v in headers.items()})

    async def query(self, query: str, variables: Mapping[str, object] | None = None, **headers: str) -> Reply:
        return await self.post({"query": query, "variables": dict(variables or {})}, **headers)
