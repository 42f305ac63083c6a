"""Addresses behind proxies, request ids, and log lines that name nobody."""

import logging
from ipaddress import ip_network
from typing import Any

import pytest

from backend.settings import Settings
from graphql_api.http.caller import address_of
from graphql_api.http.request_log import RequestLog
from tests.graphql_api.sample import Api

PROXIES = (ip_network("10.0.0.0/8"), ip_network("192.0.2.1/32"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "garbage", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1, garbage", "10.0.0.1"),
        ("", "198.51.100.1", ""),
    ],
)
def test_address_is_the_nearest_that_is_not_a_proxy(peer: str, forwarded: str, expected: str) -> None:
    assert address_of(peer, forwarded, PROXIES) == expected


async def test_request_id_is_made_and_foreign_ones_ignored(api: Api) -> None:
    replies = [await api.query("{ __typename }", x_request_id="chosen-by-caller") for _ in range(2)]
    ids = [reply.response.headers["x-request-id"] for reply in replies]
    assert ids[0] != ids[1]
    assert "chosen-by-caller" not in ids


@pytest.mark.parametrize(("given", "kept"), [("chosen-by-proxy", True), ("a b\tc", False), ("x" * 65, False)])
async def test_request_id_of_a_trusted_proxy_is_kept_when_sane(settings: Settings, given: str, kept: bool) -> None:
    behind = Api(settings.model_copy(update={"trusted_proxies": PROXIES}))
    reply = await behind.query("{ __typename }", x_request_id=given)
    assert (reply.response.headers["x-request-id"] == given) is kept


async def test_log_line_has_no_personal_data(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "stemme.access"):
        await api.query("query($t: String!) { echo(text: $t) }", {"t": "kari-secret"}, authorization="Bearer staff")
    (record,) = [record for record in caplog.records if record.name == "stemme.access"]
    assert (record.method, record.route, record.status) == ("POST", "/graphql", 200)  # type: ignore[attr-defined]
    for private in ("kari-secret", "staff", "192.0.2.1"):
        assert private not in str(record.__dict__)


@pytest.mark.parametrize("path", ["/9Q6GCKQ4", "/kari@example.org", "/%00%0Aforged", "/graphqlkari"])
async def test_log_line_names_no_path_that_is_not_ours(api: Api, caplog: pytest.LogCaptureFixture, path: str) -> None:
    with caplog.at_level(logging.INFO, "stemme.access"):
        await api.send("GET", path)
    (record,) = [record for record in caplog.records if record.name == "stemme.access"]
    assert (record.route, record.status) == ("unknown", 404)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("accepted", "status"), [(True, 101), (False, 403)])
async def test_line_about_a_socket_is_written_once_and_before_its_close(
    caplog: pytest.LogCaptureFixture, accepted: bool, status: int
) -> None:
    written: dict[str, int] = {}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        for event in ["websocket.accept"] * accepted + ["websocket.close", "websocket.close"]:
            await send({"type": event})

    async def send(event: Any) -> None:
        written.setdefault(event["type"], len(caplog.records))

    unheard: Any = None  # the application above listens to nothing
    scope: Any = {"type": "websocket", "path": "/graphql", "headers": [], "client": ("192.0.2.1", 1)}
    with caplog.at_level(logging.INFO, "stemme.access"):
        await RequestLog(app)(scope, unheard, send)
    assert written.pop("websocket.accept", 0) == 0
    assert written == {"websocket.close": 1}
    (record,) = caplog.records
    assert (record.method, record.route, record.status) == ("WEBSOCKET", "/graphql", status)  # type: ignore[attr-defined]
