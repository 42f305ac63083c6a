"""What PostgreSQL itself takes for the lists: the very statements of the stores, explained and run."""

import statistics
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from backend.campaigns.store.feed import FeedFilter, Reader, list_feed
from backend.core.database import Connection, Database
from backend.core.paging import PageRequest

ROUNDS = 7


@dataclass(frozen=True, slots=True)
class Timed:
    """Milliseconds of planning (once a connection, but for searches) and of running; whether a table was read whole."""

    planning: float
    running: float
    rows: int
    scans_all: bool


class Recorder(Connection):
    """A connection that remembers what it was asked."""

    asked: list[tuple[str, tuple[object, ...]]]

    async def fetch_as(self, kind: Any, sql: str, *args: object) -> list[Any]:
        """As the connection's own."""
        self.asked = [*getattr(self, "asked", []), (sql, args)]
        return await super().fetch_as(kind, sql, *args)


async def time_list(db: Database, reader: Reader, wanted: FeedFilter, *, size: int = 50) -> Timed:
    """The median of some rounds of the feed's first page."""
    async with db.snapshot() as conn:
        recorder = Recorder(conn.raw)
        rows = await list_feed(recorder, reader, wanted, PageRequest(size=size))
        if not rows and wanted.words is not None:  # as backend.campaigns.reading does
            rows = await list_feed(recorder, reader, replace(wanted, is_fuzzy=True), PageRequest(size=size))
        rounds = [[await _explain(conn, sql, args) for sql, args in recorder.asked] for _ in range(ROUNDS)]
    return Timed(
        planning=statistics.median(sum(plan["Planning Time"] for plan in plans) for plans in rounds),
        running=statistics.median(sum(plan["Execution Time"] for plan in plans) for plans in rounds),
        rows=len(rows),
        scans_all=any(_scans_all(plan["Plan"]) for plan in rounds[-1]),
    )


async def _explain(conn: Connection, sql: str, args: tuple[object, ...]) -> dict[str, Any]:
    found = await conn.fetch_value(f"explain (analyze, format json) {sql}", *args)
    plan: dict[str, Any] = (msgspec.json.decode(found) if isinstance(found, str) else found)[0]
    return plan


def _scans_all(node: dict[str, Any]) -> bool:
    if node["Node Type"] == "Seq Scan" and node.get("Relation Name") == "statement":
        return True
    return any(_scans_all(below) for below in node.get("Plans", ()))
