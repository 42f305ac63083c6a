"""What HTTP tells about who is calling: headers, cookies, and the address behind trusted proxies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import TypeAlias

from litestar.types import Scope

Networks: TypeAlias = Sequence[IPv4Network | IPv6Network]


@dataclass(frozen=True, slots=True)
class Caller:
    """One request's sender. Header names are lower case; `address` is "" when it is unknown."""

    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    address: str
    request_id: str

    @property
    def bearer_token(self) -> str | None:
        """The token of an Authorization: Bearer header."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() or None if scheme.lower() == "bearer" else None


def headers_of(scope: Scope) -> dict[str, str]:
    """The headers by lower-case name; repeated ones joined by commas as HTTP permits."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        joint = "; " if name == "cookie" else ", "
        headers[name] = f"{headers[name]}{joint}{value}" if name in headers else value
    return headers


def caller_of(scope: Scope, headers: Mapping[str, str], *, trusted_proxies: Networks, request_id: str) -> Caller:
    """The caller of a request."""
    return Caller(
        headers=headers,
        cookies=_cookies(headers.get("cookie", "")),
        address=address_of(peer_of(scope), headers.get("x-forwarded-for", ""), trusted_proxies),
        request_id=request_id,
    )


def peer_of(scope: Scope) -> str:
    """The address at the other end of the connection: the caller or a proxy."""
    client = scope.get("client")
    return client[0] if client else ""


def address_of(peer: str, forwarded_for: str, trusted_proxies: Networks) -> str:
    """The nearest address that is not one of our proxies: what stands further left could be made up by the caller."""
    address = peer
    for hop in reversed([part.strip() for part in forwarded_for.split(",") if part.strip()]):
        if not is_trusted(address, trusted_proxies) or not _is_address(hop):
            break
        address = hop
    return address


def is_trusted(address: str, trusted_proxies: Networks) -> bool:
    """Whether the address is one of our proxies."""
    if not trusted_proxies or not _is_address(address):
        return False
    parsed = ip_address(address)
    return any(parsed in network for network in trusted_proxies)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _cookies(header: str) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header).items()}
    except CookieError:
        return {}
