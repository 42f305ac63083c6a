"""SQL of reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.core.database import Connection, Transaction
from backend.core.ids import Id
from backend.core.paging import PageRequest, keyset_sql
from moderation.report_rules import Category, Standing
from moderation.rules import Hand

# Whoever decides reads no more, and a campaign of reports must not make a queue that nobody can open.
MAX_WAITING = 100
MAX_WEIGHED = 1000


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report as it is stored. `outcome`: KEPT, HIDDEN, REMOVED, REPLACED (by a new revision), WITHDRAWN, or none."""

    id: Id
    subject_kind: str
    subject_id: Id
    revision_id: Id
    reporter_id: Id | None
    class_id: Id | None
    hand: Hand | None
    category: Category
    note: str | None
    at: datetime
    outcome: str | None
    decision_id: Id | None
    decided_at: datetime | None


async def insert_report(tx: Transaction, row: ReportRow) -> None:
    """Write a report; the subject is locked and the reporter has none on this revision."""
    await tx.insert("subject_report", row)


async def find_own_report(
    conn: Connection, kind: str, subject_id: Id, *, revision_id: Id, reporter_id: Id
) -> ReportRow | None:
    """The one report that this person made on this revision."""
    return await conn.fetch_one_as(
        ReportRow,
        "select * from subject_report"
        " where subject_kind = $1 and subject_id = $2 and revision_id = $3 and reporter_id = $4",
        kind,
        subject_id,
        revision_id,
        reporter_id,
    )


async def list_standing(conn: Connection, kind: str, subject_id: Id, revision_id: Id) -> list[Standing]:
    """The reports on a revision that wait for a decision: the newest `MAX_WEIGHED`, far more than any rule counts."""
    return await conn.fetch_as(
        Standing,
        "select category, hand, class_id from subject_report"
        " where subject_kind = $1 and subject_id = $2 and revision_id = $3 and outcome is null"
        " order by at desc, id desc limit $4",
        kind,
        subject_id,
        revision_id,
        MAX_WEIGHED,
    )


async def list_cleared(conn: Connection, kind: str, subject_id: Id, revision_id: Id) -> frozenset[Category]:
    """The categories that a moderator looked at on this revision and found wanting."""
    rows = await conn.fetch(
        "select distinct category from subject_report"
        " where subject_kind = $1 and subject_id = $2 and revision_id = $3 and outcome = 'KEPT'",
        kind,
        subject_id,
        revision_id,
    )
    return frozenset(Category(row["category"]) for row in rows)


async def list_waiting(conn: Connection, kind: str, subject_ids: Sequence[Id]) -> list[ReportRow]:
    """The newest `MAX_WAITING` reports on each of these subjects that wait for a decision, oldest first."""
    return await conn.fetch_as(
        ReportRow,
        "select r.* from unnest($2::uuid[]) as wanted(id) cross join lateral"
        " (select * from subject_report where subject_kind = $1 and subject_id = wanted.id and outcome is null"
        "   order by at desc, id desc limit $3) r"
        " order by r.at, r.id",
        kind,
        list(subject_ids),
        MAX_WAITING,
    )


async def list_own(conn: Connection, reporter_id: Id, request: PageRequest) -> list[ReportRow]:
    """Somebody's own reports, newest first."""
    where, order, params = keyset_sql(request, at="at", row_id="id", first_param=2)
    return await conn.fetch_as(
        ReportRow, f"select * from subject_report where reporter_id = $1 and {where} {order}", reporter_id, *params
    )


async def find_own(conn: Connection, reporter_id: Id, report_ids: Sequence[Id]) -> list[ReportRow]:
    """Those of the reports that this person made."""
    return await conn.fetch_as(
        ReportRow,
        "select * from subject_report where reporter_id = $1 and id = any($2::uuid[])",
        reporter_id,
        list(report_ids),
    )


async def has_reported(conn: Connection, kind: str, subject_id: Id, reporter_id: Id) -> bool:
    """Whether this person reported what waits for a decision now."""
    found: bool = await conn.fetch_value(
        "select exists (select from subject_report where subject_kind = $1 and subject_id = $2 and reporter_id = $3"
        " and outcome is null)",
        kind,
        subject_id,
        reporter_id,
    )
    return found


async def find_settled(conn: Connection, reporter_id: Id, decision_ids: Sequence[Id]) -> frozenset[Id]:
    """Those of the decisions that settled a report of this person."""
    rows = await conn.fetch(
        "select distinct decision_id from subject_report where reporter_id = $1 and decision_id = any($2::uuid[])",
        reporter_id,
        list(decision_ids),
    )
    return frozenset(row["decision_id"] for row in rows)


async def close_reports(
    tx: Transaction, kind: str, subject_id: Id, outcome: str, *, decision_id: Id | None, at: datetime
) -> list[Id]:
    """Give every waiting report its outcome; who made them."""
    told = await tx.fetch(
        "update subject_report set outcome = $3, decision_id = $4, decided_at = $5"
        " where subject_kind = $1 and subject_id = $2 and outcome is null returning reporter_id",
        kind, subject_id, outcome, decision_id, at,
    )  # fmt: skip
    return [row["reporter_id"] for row in told if row["reporter_id"] is not None]
