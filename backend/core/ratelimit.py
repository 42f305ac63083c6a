"""Token buckets in PostgreSQL, shared by all processes. Keys are hashed: no address or handle is stored."""

import hashlib
import hmac
import math
from dataclasses import dataclass

from backend.core.database import Connection, Database
from backend.core.errors import RateLimited


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `burst` at once, refilled evenly over `per_seconds`."""

    name: str
    burst: int
    per_seconds: int

    @property
    def rate(self) -> float:
        """Tokens a second."""
        return self.burst / self.per_seconds


# One statement: refill by the time passed, take what it costs if there is as much.
_TAKE = """
insert into rate_bucket as b (key, tokens, at) values ($1, $2::float8 - $5, $4)
on conflict (key) do update set
  tokens = least($2, b.tokens + $3 * greatest(0, extract(epoch from $4 - b.at))) - $5::float8,
  at = greatest(b.at, $4)
where least($2, b.tokens + $3 * greatest(0, extract(epoch from $4 - b.at))) >= $5::float8
returning tokens
"""


async def take(db: Database, limit: Limit, who: str, *, secret: bytes, cost: int = 1) -> None:
    """Take a token, or `cost`, for `who` (an account id, an address, …). Raises RateLimited with the seconds to wait.

    The cost is at most the limit's burst. In a transaction of its own: a try counts whatever becomes of the use case.
    """
    key = bucket_key(limit, who, secret)
    async with db.transaction() as tx:
        left = await tx.fetch_value(_TAKE, key, float(limit.burst), limit.rate, await tx.now(), float(cost))
        seconds = await _wait_seconds(tx, limit, key, cost) if left is None else 0
    if left is None:
        raise RateLimited(retry_after_seconds=max(1, seconds))


async def seconds_until_free(conn: Connection, limit: Limit, who: str, *, secret: bytes) -> int:
    """0 while `who` has a token left, else the seconds until the next. Takes nothing."""
    return await _wait_seconds(conn, limit, bucket_key(limit, who, secret))


async def _wait_seconds(conn: Connection, limit: Limit, key: str, cost: int = 1) -> int:
    row = await conn.fetch_one("select tokens, at from rate_bucket where key = $1", key)
    if row is None:
        return 0
    passed = max(0.0, (await conn.now() - row["at"]).total_seconds())
    tokens = min(float(limit.burst), row["tokens"] + limit.rate * passed)
    return 0 if tokens >= cost else max(1, math.ceil((cost - tokens) / limit.rate))


def bucket_key(limit: Limit, who: str, secret: bytes) -> str:
    """The stored key: a keyed hash, so that a dump of the table names nobody."""
    return hmac.new(secret, f"rate:{limit.name}:{who}".encode(), hashlib.sha256).hexdigest()


async def forget_full(tx: Connection) -> int:
    """Buckets untouched for two days are full whatever their limit; the number removed."""
    return await tx.execute("delete from rate_bucket where at < now() - interval '2 days'")
