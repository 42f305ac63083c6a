"""Subscriptions over WebSocket, on a real server: who may, what may be sent, how much, and every way to hang up."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from backend.settings import Environment, Settings
from graphql_api.http.socket_capacity import SocketLimits
from graphql_api.trusted import document_id
from tests.api.sockets import PATIENCE_SECONDS, Line, line, serving, signed_in
from tests.graphql_api.sample import ENDED, TELLER, TRUSTED, TRUSTED_SUBSCRIPTION, Api

TOLD = "subscription { told { number } }"


@pytest.fixture(autouse=True)
def nothing_is_left() -> Any:
    """Every source is closed when its server has stopped, and sessions hold again."""
    yield
    ENDED.clear()
    assert TELLER.listening == 0


@asynccontextmanager
async def served(settings: Settings, *, production: bool = False, **limits: Any) -> AsyncIterator[str]:
    """The sample API on a port."""
    changes = {"environment": Environment.PRODUCTION} if production else {}
    async with serving(Api(settings, limits=SocketLimits(**limits), **changes).app) as address:
        yield address


async def subscribe(client: Line, query: str, *, id: str = "1", **payload: Any) -> None:
    await client.say("subscribe", id=id, payload={"query": query, **payload})


async def until(holds: Any) -> None:
    """Wait until it holds."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not holds():  # noqa: ASYNC110 (what is waited for happens in another connection)
            await asyncio.sleep(0.01)


async def test_answers_come_in_order_and_then_it_is_over(settings: Settings) -> None:
    async with served(settings) as address, signed_in(address, "member") as client:
        await subscribe(client, "subscription { counted(to: 2) { number hearer isRemembered } }")
        for number in (1, 2):  # each answer is made with a context of its own
            assert await client.next() == {"number": number, "hearer": "ola", "isRemembered": False}
        await client.completed()


async def test_answer_is_sent_only_when_it_changed(settings: Settings) -> None:
    async with served(settings) as address, signed_in(address, "member") as client:
        await subscribe(client, "subscription { counted(to: 5) { hearer } }")
        assert await client.next() == {"hearer": "ola"}
        await client.completed()


async def test_client_that_says_complete_is_told_nothing_more_and_may_use_the_id_again(settings: Settings) -> None:
    async with served(settings) as address, signed_in(address, "member") as client:
        await subscribe(client, TOLD)
        await client.next()
        assert TELLER.listening == 1
        await client.say("complete", id="1")
        await until(lambda: TELLER.listening == 0)
        await client.say("complete", id="1")
        TELLER.tell()
        await subscribe(client, "subscription { counted(to: 1) { number } }")
        assert await client.next() == {"number": 1}
        await client.completed()


async def test_source_is_closed_when_the_client_hangs_up(settings: Settings) -> None:
    async with served(settings) as address:
        async with signed_in(address, "member") as client:
            await subscribe(client, TOLD)
            await client.next()
        await until(lambda: TELLER.listening == 0)


async def test_server_that_stops_hangs_up(settings: Settings) -> None:
    async with AsyncExitStack() as clients:
        async with served(settings) as address:
            client = await clients.enter_async_context(signed_in(address, "member"))
            await subscribe(client, TOLD)
            await client.next()
        assert await client.closed() == (1012, "")
        assert TELLER.listening == 0


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({}, 4403),
        (None, 4403),
        ({"authorization": "Bearer wrong"}, 4403),
        ({"authorization": "member"}, 4403),
        ({"authorization": "Bearer limited"}, 1013),
        ({"authorization": "Bearer crash"}, 1011),
        ({"authorization": 7}, 4400),
        ([], 4400),
    ],
)
async def test_who_is_not_signed_in_is_refused(settings: Settings, payload: Any, code: int) -> None:
    async with served(settings) as address, line(address) as client:
        await client.say("connection_init", payload=payload)
        closed, reason = await client.closed()
        assert closed == code
        assert "secret" not in reason


async def test_token_may_stand_in_the_header_or_the_first_message_which_counts_more(settings: Settings) -> None:
    query = "subscription { counted(to: 1) { hearer } }"
    async with served(settings) as address:
        async with line(address, authorization="Bearer member") as client:
            await client.sign_in(None)
            await subscribe(client, query)
            assert await client.next() == {"hearer": "ola"}
        async with line(address, authorization="Bearer member") as client:
            await client.say("connection_init", payload={"Authorization": "Bearer staff"})
            assert await client.hear() == {"type": "connection_ack"}
            await subscribe(client, query)
            assert await client.next() == {"hearer": "kari"}


async def test_cookie_counts_only_from_sites_that_may_use_it(settings: Settings) -> None:
    async with served(settings) as address:
        async with line(address, cookie="session=member", origin=settings.public_url) as client:
            await client.sign_in(None)
        with pytest.raises(InvalidStatus) as refused:
            async with line(address, cookie="session=member", origin="https://evil.example.org"):
                pass
        assert refused.value.response.status_code == 403


async def test_who_says_nothing_is_not_waited_for(settings: Settings) -> None:
    async with served(settings, init_seconds=0.05) as address, line(address) as client:
        assert await client.closed() == (4408, "Connection initialisation timeout")


async def test_order_of_messages(settings: Settings) -> None:
    async with served(settings) as address:
        async with line(address) as client:
            await client.say("pong")
            await client.say("ping", payload={"any": 1})
            assert await client.hear() == {"type": "pong"}
            await subscribe(client, TOLD)
            assert (await client.closed())[0] == 4401
        async with signed_in(address, "member") as client:
            await client.say("ping")
            assert await client.hear() == {"type": "pong"}
            await client.say("connection_init", payload={"authorization": "Bearer member"})
            assert (await client.closed())[0] == 4429
        async with signed_in(address, "member") as client:
            await subscribe(client, TOLD)
            await subscribe(client, TOLD)
            assert await client.closed() == (4409, "Subscriber for 1 already exists")


@pytest.mark.parametrize(
    "message",
    [
        "", "x", "7", "null", "[]", "{}", '{"type": null}', '{"type": "start"}', '{"type": "next", "id": "1"}',
        '{"type": "subscribe", "payload": {"query": "{ __typename }"}}', '{"type": "subscribe", "id": "1"}',
        '{"type": "subscribe", "id": 1, "payload": {}}', '{"type": "subscribe", "id": "", "payload": {}}',
        json.dumps({"type": "subscribe", "id": "x" * 65, "payload": {}}), '{"type": "complete"}',
        '{"type": "ping", "payload": 1}', '{"type": "pong"', "[" * 5_000, b'{"type": "ping"}', b"\xff",
    ],
)  # fmt: skip
@pytest.mark.parametrize("welcomed", [True, False])
async def test_message_that_is_none_ends_the_conversation(settings: Settings, message: Any, welcomed: bool) -> None:
    async with served(settings) as address, line(address) as client:
        if welcomed:
            await client.sign_in("member")
        await client.raw.send(message)
        assert (await client.closed())[0] == 4400


async def test_message_that_is_too_big_ends_the_conversation(settings: Settings) -> None:
    async with served(settings, message_bytes=1_000) as address:
        for text in ("x" * 1_001, "å" * 501):
            async with line(address) as client:
                await client.raw.send(text)
                assert await client.closed() == (1009, "Message too big")


async def test_legacy_protocol_is_not_spoken(settings: Settings) -> None:
    async with served(settings) as address, line(address, protocol="graphql-ws") as client:
        assert client.raw.subprotocol is None
        assert await client.closed() == (4406, "Subprotocol not acceptable")


@pytest.mark.parametrize(
    ("payload", "codes"),
    [
        ({}, ["BAD_REQUEST"]),
        ({"query": 7}, ["BAD_REQUEST"]),
        ({"query": TOLD, "variables": []}, ["BAD_REQUEST"]),
        ({"documentId": "0" * 64}, ["PERSISTED_QUERY_NOT_FOUND"]),
        ({"query": TOLD, "documentId": "0" * 64}, ["BAD_REQUEST"]),
        ({"query": "subscription {"}, [""]),
        ({"query": "subscription { nothing }"}, [""]),
        ({"query": "subscription { told { number } counted(to: 1) { number } }"}, [""]),
        ({"query": "subscription($n: Int!) { counted(to: $n) { number } }", "variables": {"n": "x"}}, [""]),
        ({"query": TOLD, "operationName": "Other"}, [""]),
        ({"query": "subscription { told { number " + "a: number " * 31 + "} }"}, ["LIMIT_EXCEEDED"]),
        ({"query": "{ __typename }"}, ["SUBSCRIPTIONS_ONLY"]),
        ({"query": "mutation { noteWrite(input: {text: \"x\"}) { __typename } }"}, ["SUBSCRIPTIONS_ONLY"]),
        ({"query": "subscription { counted(to: 1) { failing(with: \"not_found\") } }"}, ["NOT_FOUND"]),
        ({"query": "subscription { counted(to: 1) { failing(with: \"overload\") } }"}, ["TRY_AGAIN"]),
        ({"query": "subscription { counted(to: 1) { failing(with: \"crash\") } }"}, ["INTERNAL"]),
    ],
)  # fmt: skip
async def test_document_that_will_not_run_is_refused_as_over_http(
    settings: Settings, payload: Any, codes: list[str]
) -> None:
    async with served(settings) as address, signed_in(address, "member") as client:
        await client.say("subscribe", id="1", payload=payload)
        assert await client.refused() == codes
        await subscribe(client, "subscription { counted(to: 1) { number } }")  # the others go on
        await client.next()
        await client.completed()


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        ("not_found", "NOT_FOUND"),
        ("unauthenticated", "UNAUTHENTICATED"),
        ("overload", "TRY_AGAIN"),
        ("crash", "INTERNAL"),
    ],
)
async def test_source_that_fails_ends_with_an_error_that_tells_no_more_than_others(
    settings: Settings, failure: str, code: str
) -> None:
    async with served(settings) as address, signed_in(address, "member") as client:
        await subscribe(client, f'subscription {{ broken(with: "{failure}") {{ number }} }}')
        await client.next()
        message = await client.hear()
        assert message["type"] == "error"
        assert [error["extensions"]["code"] for error in message["payload"]] == [code]
        assert "kari" not in json.dumps(message)
        assert "lock" not in json.dumps(message)


async def test_production_runs_published_documents_only(settings: Settings) -> None:
    async with served(settings, production=True) as address:
        async with signed_in(address, "member") as client:
            await subscribe(client, "subscription { counted(to: 1) { hearer } }")
            assert await client.refused() == ["UNTRUSTED_DOCUMENT"]
            await subscribe(client, TRUSTED)
            assert await client.refused() == ["SUBSCRIPTIONS_ONLY"]
            for payload in ({"query": TRUSTED_SUBSCRIPTION}, {"documentId": document_id(TRUSTED_SUBSCRIPTION)}):
                await client.say("subscribe", id="1", payload=payload)
                assert await client.next() == {"number": 1}
                await client.completed()
        async with signed_in(address, "staff") as client:
            await subscribe(client, "subscription { counted(to: 1) { hearer } }")
            assert await client.next() == {"hearer": "kari"}


async def test_subscription_over_http_is_refused_with_the_way_to_go(api: Api) -> None:
    reply = await api.query(TOLD)
    assert (reply.status, reply.codes) == (400, ["SUBSCRIPTION_OVER_HTTP"])
    assert "graphql-transport-ws" in reply.json["errors"][0]["message"]
    reply = await api.send("GET", params={"query": TOLD})
    assert (reply.status, reply.codes) == (200, ["SUBSCRIPTION_OVER_HTTP"])


async def test_session_that_ends_ends_the_conversation_at_the_next_answer(settings: Settings) -> None:
    async with served(settings) as address, signed_in(address, "member") as client:
        await subscribe(client, TOLD)
        await client.next()
        ENDED.add("member")
        TELLER.tell()
        assert await client.closed() == (4403, "Forbidden")


async def test_session_that_ends_ends_the_conversation_when_nothing_happens(settings: Settings) -> None:
    async with (
        served(settings, ping_seconds=0.05, pong_seconds=0.05) as address,
        signed_in(address, "member") as client,
    ):
        ENDED.add("member")
        with pytest.raises(Exception, match="4403"):
            await client.hear()


async def test_client_is_asked_whether_it_is_there(settings: Settings) -> None:
    async with served(settings, ping_seconds=0.05, pong_seconds=0.5) as address:
        async with signed_in(address, "member") as client:
            await subscribe(client, TOLD)
            await client.next()
            for _ in range(3):
                assert json.loads(await client.raw.recv()) == {"type": "ping"}
                await client.say("pong")
            TELLER.tell()
            await client.next()
        async with signed_in(address, "member") as client:
            assert await client.closed() == (4408, "No pong")


async def test_client_that_does_not_read_is_left(settings: Settings) -> None:
    async with served(settings, send_seconds=0.2) as address, signed_in(address, "member") as client:
        await subscribe(client, "subscription { told { number much } }")
        await client.next()
        client.raw.transport.pause_reading()

        def is_left() -> bool:
            TELLER.tell()
            return TELLER.listening == 0

        await until(is_left)
        client.raw.transport.abort()


async def test_subscriptions_of_a_client_are_counted(settings: Settings) -> None:
    async with served(settings, subscriptions=2) as address, signed_in(address, "member") as client:
        for id in ("1", "2"):
            await subscribe(client, TOLD, id=id)
            await client.next(id=id)
        await subscribe(client, TOLD, id="3")
        assert await client.refused(id="3") == ["LIMIT_EXCEEDED"]
        await client.say("complete", id="1")
        await subscribe(client, TOLD, id="3")
        await client.next(id="3")


async def test_connections_are_counted_and_given_back(settings: Settings) -> None:
    async with served(settings, connections=3, connections_of_account=2, strangers=1) as address:
        async with signed_in(address, "member") as first, signed_in(address, "member"):
            async with line(address) as third:
                await third.say("connection_init", payload={"authorization": "Bearer member"})
                assert await third.closed() == (4429, "Too many connections of this account")
            async with line(address) as stranger:
                await stranger.say("ping")
                assert await stranger.hear() == {"type": "pong"}
                async with line(address) as one_too_many:
                    assert await one_too_many.closed() == (1013, "Try again later")
                await stranger.sign_in("staff")
            await first.raw.close()
        async with signed_in(address, "member"), signed_in(address, "member"):
            pass


async def test_only_so_many_addresses_call_before_they_sign_in(settings: Settings) -> None:
    async with served(settings, strangers=1) as address, line(address) as stranger:
        await stranger.say("ping")
        assert await stranger.hear() == {"type": "pong"}
        async with line(address) as other:
            assert await other.closed() == (1013, "Try again later")
        await stranger.sign_in("member")
        async with signed_in(address, "member"):
            pass
