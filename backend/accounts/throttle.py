"""How often a secret may be guessed, and from where somebody is known. Addresses are kept as keyed hashes only.

The same limit holds for handles that exist and for those that do not, so that it tells nothing about them.
"""

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from backend.accounts import throttle_store
from backend.core.database import Connection, Database, Transaction
from backend.core.derive import derive_bytes
from backend.core.ids import Id

_KNOWN_DAYS = 180


@dataclass(frozen=True, slots=True)
class Window:
    """At most `failures` under one key in `length`."""

    name: str
    failures: int
    length: timedelta

    def key(self, who: str, secret: bytes) -> str:
        """The stored key: a keyed hash that names nobody."""
        return derive_bytes(secret, "sign_in_failure", self.name, who).hex()


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try that counts as failed until `forgive`; `wait_seconds` > 0 means that the limit was reached before it."""

    key: str
    wait_seconds: int


def network_of(address: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 that one IPv6 subscriber has."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ip_network((parsed, 64), strict=False))
    return str(parsed)


async def count_failure(db: Database, window: Window, who: str, *, secret: bytes) -> Attempt:
    """Count a try as failed, in a transaction of its own, before the secret is looked at.

    Many at once cannot pass together: they queue on the key. When the limit is reached nothing more is counted.
    """
    key = window.key(who, secret)
    async with db.transaction() as tx:
        await throttle_store.lock_key(tx, key)
        wait = await _wait_seconds(tx, window, key)
        if wait == 0:
            await throttle_store.add_failure(tx, key)
    return Attempt(key, wait)


async def wait_seconds(conn: Connection, window: Window, who: str, *, secret: bytes) -> int:
    """0 while the limit is not reached, else the seconds until the next try counts."""
    return await _wait_seconds(conn, window, window.key(who, secret))


async def _wait_seconds(conn: Connection, window: Window, key: str) -> int:
    now = await conn.now()
    recent = await throttle_store.list_failures(conn, key, since=now - window.length, limit=window.failures)
    if len(recent) < window.failures:
        return 0
    return max(1, int((recent[-1] + window.length - now).total_seconds()) + 1)


async def forgive(tx: Transaction, attempt: Attempt) -> None:
    """It was the right secret: this try and the failures before it under the key no longer count."""
    await throttle_store.remove_failures(tx, attempt.key)


async def forget_old(tx: Transaction, length: timedelta) -> int:
    """Remove what no longer counts: failures after the window, addresses not used for half a year."""
    now = await tx.now()
    return await throttle_store.forget_before(tx, failures=now - length, addresses=now - timedelta(days=_KNOWN_DAYS))


async def is_known(conn: Connection, account_id: Id, address: str, *, secret: bytes) -> bool:
    """Whether the account has signed in from this address in the last half year."""
    return await throttle_store.is_known(conn, account_id, _address_hash(account_id, address, secret))


async def remember(tx: Transaction, account_id: Id, address: str, *, secret: bytes) -> None:
    """From now on the address is known for the account."""
    await throttle_store.save_address(tx, account_id, _address_hash(account_id, address, secret))


def _address_hash(account_id: Id, address: str, secret: bytes) -> bytes:
    return derive_bytes(secret, "known_address", str(account_id), network_of(address))
