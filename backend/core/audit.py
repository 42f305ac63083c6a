"""What was done, by whom, to what: ids and codes only, written in the use case's transaction, sealed into a chain.

Writers never wait for each other: they insert unchained rows, and one sealer (`seal`) appends what can no longer change
order to a hash chain. `verify` walks the chain and names the first link that does not fit.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from backend.core.database import Connection, Database, Transaction
from backend.core.ids import Id, first_id_at, new_id, random_id

GENESIS = bytes(32)
_SEAL_LOCK = 0x57454D01
# Transactions end within seconds, so an entry whose id was made much earlier than the last link is sealed. The id tells
# when by a host's clock, which may be minutes wrong; `at` would not do, because the demo lives in the past.
_LOOK_BACK = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """An audit row as it is hashed."""

    id: Id
    at: datetime
    actor_key: Id | None
    action: str
    subject_kind: str
    subject_id: Id | None
    details: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """The first place where the chain does not hold."""

    number: int
    reason: str


async def record(
    tx: Transaction,
    actor_id: Id | None,
    action: str,
    subject: tuple[str, Id | None],
    **details: str | int | bool | Id | None,
) -> None:
    """Write one entry: `action` reads source:subject:verb, e.g. `teacher:seat:confirmed`; details are ids and codes."""
    kind, subject_id = subject
    if kind == "account" and subject_id is not None:
        subject_id = await account_key(tx, subject_id)
    await tx.execute(
        "insert into audit_entry (id, xid, at, actor_key, action, subject_kind, subject_id, details)"
        " values ($1, pg_current_xact_id()::text::bigint, $2, $3, $4, $5, $6, $7)",
        new_id(),
        await tx.now(),
        None if actor_id is None else await account_key(tx, actor_id),
        action,
        kind,
        subject_id,
        details,
    )


async def account_key(tx: Transaction, account_id: Id) -> Id:
    """The random key that stands for the account in the audit, made at the first need."""
    key: Id | None = await tx.fetch_value("select key from audit_key where account_id = $1", account_id)
    if key is None:
        key = await tx.fetch_value(
            "insert into audit_key (account_id, key) values ($1, $2)"
            " on conflict (account_id) do update set key = audit_key.key returning key",
            account_id,
            random_id(),
        )
    assert key is not None  # noqa: S101 - the upsert always returns a row
    return key


async def forget(tx: Transaction, account_id: Id) -> None:
    """Erasure: from now on nothing in the audit leads to the account."""
    await tx.execute("delete from audit_key where account_id = $1", account_id)


async def seal(db: Database, *, limit: int = 1000) -> int:
    """Append what is final to the chain; the number of new links. A second sealer at the same time does nothing."""
    async with db.transaction() as tx:
        if not await tx.fetch_value("select pg_try_advisory_xact_lock($1)", _SEAL_LOCK):
            return 0
        last = await tx.fetch_one("select number, hash, sealed_at from audit_link order by number desc limit 1")
        number, previous = (last["number"], last["hash"]) if last else (0, GENESIS)
        since = first_id_at(last["sealed_at"] - _LOOK_BACK) if last else None
        entries = await tx.fetch_as(Entry, _UNSEALED, since, limit)
        links = []
        for entry in entries:
            number += 1
            previous = link_hash(previous, number, entry)
            links.append((number, entry.id, previous))
        await tx.execute_many(
            "insert into audit_link (number, entry_id, hash, sealed_at) values ($1, $2, $3, now())", links
        )
        return len(links)


# Entries of transactions that might still commit are not older than the snapshot's xmin; they wait for the next round.
_UNSEALED = """
select id, at, actor_key, action, subject_kind, subject_id, details
  from audit_entry e
 where ($1::uuid is null or e.id > $1)
   and xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
   and not exists (select from audit_link l where l.entry_id = e.id)
 order by xid, id
 limit $2
"""


def link_hash(previous: bytes, number: int, entry: Entry) -> bytes:
    """SHA-256 over the previous link, the link's number and the entry's canonical JSON (keys sorted, UTC times)."""
    body = msgspec.json.encode((number, entry), order="deterministic")
    return hashlib.sha256(previous + body).digest()


async def head(conn: Connection, *, before: datetime | None = None) -> tuple[int, bytes]:
    """The newest link (sealed `before` then): (number, hash); (0, GENESIS) before the first.

    The one of each midnight is published, so that a rewrite would show.
    """
    row = await conn.fetch_one(
        "select number, hash from audit_link where $1::timestamptz is null or sealed_at < $1"
        " order by number desc limit 1",
        before,
    )
    return (row["number"], row["hash"]) if row else (0, GENESIS)


async def has_link(conn: Connection, number: int, expected: bytes) -> bool:
    """Whether the chain has this very link: one that was published before (0: nothing was sealed then)."""
    if number == 0:
        return expected == GENESIS
    found: bytes | None = await conn.fetch_value("select hash from audit_link where number = $1", number)
    return found == expected


def _silent(_links: int) -> None:
    pass


async def verify(db: Database, *, batch: int = 5000, report: Callable[[int], object] = _silent) -> BrokenLink | None:
    """Walk the whole chain; None when it holds, else the first broken link and what is wrong with it.

    `report` gets the number of links of each batch that was followed.
    """
    previous, number = GENESIS, 0
    async with db.snapshot() as conn:
        while True:
            rows = await conn.fetch(_LINKS, number, batch)
            if not rows:
                return None
            for row in rows:
                number += 1
                if row["number"] != number:
                    return BrokenLink(number, "link_missing")
                if row["id"] is None:
                    return BrokenLink(number, "entry_missing")
                entry = msgspec.convert({name: row[name] for name in Entry.__slots__}, Entry)
                previous = link_hash(previous, number, entry)
                if previous != row["hash"]:
                    return BrokenLink(number, "entry_changed")
            report(len(rows))


_LINKS = """
select l.number, l.hash, e.id, e.at, e.actor_key, e.action, e.subject_kind, e.subject_id, e.details
  from audit_link l left join audit_entry e on e.id = l.entry_id
 where l.number > $1 order by l.number limit $2
"""
