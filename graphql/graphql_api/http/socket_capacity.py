"""How many WebSockets there may be: on a process, of an account, and of an address before anybody has signed in."""

from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from backend.core.ids import Id
from graphql_api.http.socket_wire import HangUp


@dataclass(frozen=True, slots=True)
class SocketLimits:
    """What one process and one client may take. `strangers` is for an address, which a whole school may share.

    `updates` is how many operations run at the same time, so that news to thousands does not keep requests waiting.
    """

    connections: int = 1_000
    connections_of_account: int = 8
    strangers: int = 100
    subscriptions: int = 4
    updates: int = 4
    message_bytes: int = 64 * 1024
    init_seconds: float = 10
    ping_seconds: float = 25
    pong_seconds: float = 20
    send_seconds: float = 20


class Capacity:
    """Counts who is there."""

    def __init__(self, limits: SocketLimits) -> None:
        self._limits = limits
        self._taken: Counter[Hashable] = Counter()

    @contextmanager
    def connection(self) -> Iterator[None]:
        """A place on this process. Raises HangUp."""
        with self._place("all", self._limits.connections, HangUp(1013, "Try again later")):
            yield

    @contextmanager
    def stranger(self, address: str) -> Iterator[None]:
        """A place for somebody who has not said who they are. Raises HangUp."""
        with self._place(("address", address), self._limits.strangers, HangUp(1013, "Try again later")):
            yield

    @contextmanager
    def member(self, account_id: Id) -> Iterator[None]:
        """A place for somebody who is signed in. Raises HangUp."""
        refusal = HangUp(4429, "Too many connections of this account")
        with self._place(account_id, self._limits.connections_of_account, refusal):
            yield

    @contextmanager
    def _place(self, who: Hashable, most: int, refusal: HangUp) -> Iterator[None]:
        if self._taken[who] >= most:
            raise refusal
        self._taken[who] += 1
        try:
            yield
        finally:
            self._taken[who] -= 1
            if self._taken[who] == 0:
                del self._taken[who]
